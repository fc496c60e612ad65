//! A system of a test's own: topics, keyspace and secrets that no other has.

use std::io;
use std::path::{Path, PathBuf};

use uuid::Uuid;

/// The secret of every such system.
const SECRET: &str = "a secret for one test alone, of no worth";

/// The names by which one system on shared services is told from the others.
#[derive(Clone, Debug)]
pub struct Installation {
    /// What its topics' names begin with.
    pub prefix: String,
    /// Its keyspace.
    pub keyspace: String,
    secret_file: PathBuf,
}

impl Installation {
    /// A new one, whose secret lies in `dir`.
    ///
    /// # Errors
    /// When the secret can't be written.
    pub fn new(dir: &Path) -> io::Result<Self> {
        let name = Uuid::new_v4().simple().to_string();
        let secret_file = dir.join("secret");
        std::fs::write(&secret_file, SECRET)?;
        Ok(Self { prefix: format!("t-{}", &name[..12]), keyspace: format!("t_{}", &name[..12]), secret_file })
    }

    /// What its secret file holds.
    pub const fn secret(&self) -> &'static str {
        SECRET
    }

    /// What each of its processes is given by `--set`.
    pub fn settings(&self) -> Vec<String> {
        let secret = self.secret_file.display();
        vec![
            format!("kafka.topic_prefix={}", self.prefix),
            format!("cql.keyspace={}", self.keyspace),
            format!("command_api.namespace_secret_file={secret}"),
            format!("query_api.phone_hash_key_file={secret}"),
            format!("query_api.cursor_key_file={secret}"),
            format!("config.secret_key_file={secret}"),
            // Tests of who may do what ask for it again.
            "auth.required=false".to_owned(),
            format!("config.copy_dir={}", self.secret_file.with_file_name("config").display()),
        ]
    }
}
