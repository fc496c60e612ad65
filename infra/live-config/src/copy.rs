//! The last copy of what the topic said to a role: what it starts with while Kafka is away.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use crate::edit::{Edit, Setting};
use crate::history::{Change, History};
use crate::key::Key;
use crate::view::sources;

/// A file with the entries that a role saw, as they lie in the topic: secrets sealed.
#[derive(Debug)]
pub(crate) struct Copy {
    path: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Contents {
    version: u64,
    entries: Vec<(String, Setting)>,
}

impl Copy {
    /// That of a role, of a topic, in a folder.
    pub(crate) fn of(dir: &Path, topic: &str, role: &str) -> Self {
        Self { path: dir.join(format!("{topic}.{role}.json")) }
    }

    /// What it holds, and the version that it was made at; none if there is no copy.
    pub(crate) fn read(&self) -> io::Result<Option<(History, u64)>> {
        let text = match std::fs::read(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read?,
        };
        let contents: Contents = serde_json::from_slice(&text)?;
        let mut history = History::default();
        for (n, (key, setting)) in contents.entries.into_iter().enumerate() {
            let key: Key = key.parse().map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
            let edit = Edit { key, setting: Some(setting), author: String::new(), reason: None };
            history.push(Change { version: n as u64 + 1, at: 0, edit });
        }
        Ok(Some((history, contents.version)))
    }

    /// Writes it anew, whole or not at all.
    pub(crate) fn write(&self, history: &History, role: &str, profile: &str) -> io::Result<()> {
        let now = history.now();
        let seen = sources(&now, role, &[profile]);
        let changes = seen.iter().rev().flat_map(|source| source.entries.values());
        let entries =
            changes.filter_map(|change| Some((change.edit.key.to_string(), change.edit.setting.clone()?)));
        let contents = Contents { version: history.version(), entries: entries.collect() };
        // Others may write theirs at the same time.
        let unfinished = self.path.with_extension(NEXT.fetch_add(1, Ordering::Relaxed).to_string());
        let unfinished = unfinished.with_added_extension(std::process::id().to_string());
        if let Some(dir) = self.path.parent() {
            std::fs::create_dir_all(dir)?;
        }
        let mut file = File::create(&unfinished)?;
        file.write_all(&serde_json::to_vec_pretty(&contents)?)?;
        file.sync_all()?;
        std::fs::rename(&unfinished, &self.path)
    }
}

/// Tells the unfinished files of one process apart.
static NEXT: AtomicU64 = AtomicU64::new(0);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::Kind;
    use crate::view::settings_of;

    #[test]
    fn a_role_sees_in_its_copy_what_it_saw_in_the_topic() {
        let dir = tempfile::tempdir().unwrap();
        let copy = Copy::of(&dir.path().join("not/there/yet"), "config", "projector");
        assert!(copy.read().unwrap().is_none());
        let mut history = History::default();
        for (version, key) in [
            (7, "parceltrack/default/log.level"),
            (9, "projector/default/log.level"),
            (12, "orders/default/x"),
        ] {
            let setting = Some(Setting { kind: Kind::Text, value: version.to_string() });
            history.push(Change {
                version,
                at: 0,
                edit: Edit { key: key.parse().unwrap(), setting, author: String::new(), reason: None },
            });
        }
        copy.write(&history, "projector", "default").unwrap();
        let (read, version) = copy.read().unwrap().unwrap();
        assert_eq!(version, 12);
        let seen = |history: &History| settings_of(&history.now(), "projector", "default", None).unwrap();
        assert_eq!(seen(&read), seen(&history));
        assert_eq!(read.now().iter().count(), 2, "what is nothing to it is left out");
    }
}
