//! The secrets of a local system: made once, kept in files that only their owner can read.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use settings::{Origin, Settings};
use uuid::Uuid;

/// Key and file name of each secret that a local system needs.
const SECRETS: &[(&str, &str)] = &[
    ("command_api.namespace_secret", "command-namespace"),
    ("query_api.phone_hash_key", "phone-hash-key"),
    ("query_api.cursor_key", "cursor-key"),
    ("config.secret_key", "config-key"),
    ("auth.development_secret", "development-token"),
];

/// The folder in the data folder.
const FOLDER: &str = "secrets";

/// Makes the secrets that nobody set and that aren't there yet; returns the environment that hands the files to the roles.
///
/// They must outlive every restart: other secrets would name the same command otherwise, and find no phone again.
pub(super) fn ensure(dir: &Path, settings: &Settings) -> io::Result<Vec<(String, String)>> {
    std::fs::create_dir_all(dir.join(FOLDER))?;
    unset(dir, settings)
        .map(|(variable, path)| {
            let path = std::path::absolute(path)?;
            if !is_there(&path) {
                make(&path)?;
            }
            Ok((variable, path.display().to_string()))
        })
        .collect()
}

/// The secrets of the data folder that nobody set otherwise, in the same form; none is made.
pub(crate) fn existing(dir: &Path, settings: &Settings) -> Vec<(String, String)> {
    unset(dir, settings)
        .filter(|(_, path)| is_there(path))
        .map(|(variable, path)| (variable, path.display().to_string()))
        .collect()
}

/// An empty file is what a full disk or a crash left of one that was never used.
fn is_there(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|file| file.len() > 0)
}

/// Where a secret is.
pub(super) fn path(dir: &Path, file: &str) -> PathBuf {
    dir.join(FOLDER).join(file)
}

fn make(path: &Path) -> io::Result<()> {
    // Two random UUIDs: 244 bits from the system's generator.
    write(path, &format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()))
}

/// Whole or not at all: written beside, then renamed. The supervisor's lock keeps a second one away.
pub(super) fn write(path: &Path, secret: &str) -> io::Result<()> {
    let beside = path.with_extension("partial");
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut fresh = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    fresh.write_all(secret.as_bytes())?;
    fresh.sync_all()?;
    std::fs::rename(&beside, path)
}

fn unset(dir: &Path, settings: &Settings) -> impl Iterator<Item = (String, PathBuf)> {
    SECRETS.iter().filter(|(key, _)| settings.origin(key) == Origin::Default).map(|(key, file)| {
        let variable = format!("PARCELTRACK_{}_FILE", key.replace('.', "_").to_uppercase());
        (variable, path(dir, file))
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn secrets_are_made_once_and_only_their_owner_reads_them() {
        let dir = tempfile::tempdir().unwrap();
        let first = ensure(dir.path(), &Settings::default()).unwrap();
        let texts: Vec<_> = first.iter().map(|(_, path)| std::fs::read_to_string(path).unwrap()).collect();
        assert!(texts.iter().all(|t| t.len() == 64));
        for (_, path) in &first {
            assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        ensure(dir.path(), &Settings::default()).unwrap();
        let again: Vec<_> = first.iter().map(|(_, path)| std::fs::read_to_string(path).unwrap()).collect();
        assert_eq!(texts, again);
        assert_eq!(existing(dir.path(), &Settings::default()), first);
    }

    #[test]
    fn what_a_crash_left_of_a_secret_is_no_secret() {
        let dir = tempfile::tempdir().unwrap();
        let made = ensure(dir.path(), &Settings::default()).unwrap();
        let path = Path::new(&made[0].1);
        std::fs::write(path, "").unwrap();
        std::fs::write(path.with_extension("partial"), "half").unwrap();
        assert_eq!(existing(dir.path(), &Settings::default()), made[1..]);
        assert_eq!(ensure(dir.path(), &Settings::default()).unwrap(), made);
        assert_eq!(std::fs::read_to_string(path).unwrap().len(), 64);
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!path.with_extension("partial").exists());
    }

    #[test]
    fn looking_for_secrets_makes_none() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(existing(dir.path(), &Settings::default()), []);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
