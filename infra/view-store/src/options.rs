use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// How to reach the database, and what to make there.
#[derive(Clone)]
pub struct CqlOptions {
    /// Contact points, `host:port`; the rest of the cluster is found from them.
    pub nodes: Vec<String>,
    /// The base keyspace. Generations are `{keyspace}_g1`, `_g2`, …
    pub keyspace: String,
    /// Copies of each row: 3 in production, 1 on a single node.
    pub replication_factor: u32,
    /// The data centre whose nodes are asked, and where the copies lie. Without it, every data centre keeps
    /// `replication_factor` copies, and any node is asked.
    pub local_datacenter: Option<String>,
    /// User name, if the database wants one.
    pub user: Option<String>,
    /// Its password.
    pub password: Option<String>,
    /// Roles that may read and write in each keyspace that is made here.
    pub writers: Vec<String>,
    /// Roles that may only read there.
    pub readers: Vec<String>,
    /// Encryption; `None`: none.
    pub tls: Option<TlsOptions>,
    /// How long the database may take for one request.
    pub request_timeout: Duration,
    /// How many requests a writer keeps in flight.
    pub write_concurrency: usize,
}

impl CqlOptions {
    /// One node, no encryption, one copy: the local stack.
    pub fn local(nodes: impl IntoIterator<Item = String>, keyspace: impl Into<String>) -> Self {
        Self {
            nodes: nodes.into_iter().collect(),
            keyspace: keyspace.into(),
            replication_factor: 1,
            local_datacenter: None,
            user: None,
            password: None,
            writers: Vec::new(),
            readers: Vec::new(),
            tls: None,
            request_timeout: Duration::from_secs(10),
            write_concurrency: 256,
        }
    }
}

impl fmt::Debug for CqlOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CqlOptions")
            .field("nodes", &self.nodes)
            .field("keyspace", &self.keyspace)
            .field("replication_factor", &self.replication_factor)
            .field("local_datacenter", &self.local_datacenter)
            .field("user", &self.user)
            .field("writers", &self.writers)
            .field("readers", &self.readers)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

/// Encryption towards the database, by OpenSSL. The node's certificate is verified.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct TlsOptions {
    /// Certificate authorities, PEM; `None`: the system's.
    pub ca_file: Option<PathBuf>,
    /// Our certificate chain, PEM, if the database wants one.
    pub certificate_file: Option<PathBuf>,
    /// The key to it, PEM.
    pub key_file: Option<PathBuf>,
}
