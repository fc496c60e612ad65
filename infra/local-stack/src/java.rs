//! Finding a Java that runs all three: Kafka 4 needs 17, and Cassandra 5 still needs what 24 removed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Error;

const OLDEST: u32 = 17;
const NEWEST: u32 = 23;

/// The first Java in the supported range: `JAVA_HOME`, the path, then what Debian installs.
pub(crate) fn find() -> Result<PathBuf, Error> {
    let mut found = Vec::new();
    for candidate in candidates() {
        match major_version(&candidate) {
            Some(major) if (OLDEST..=NEWEST).contains(&major) => return Ok(candidate),
            Some(major) => found.push(format!("{} is Java {major}", candidate.display())),
            None => found.push(format!("{} does not run", candidate.display())),
        }
    }
    Err(Error::NoJava { found: found.join(", ") })
}

fn candidates() -> Vec<PathBuf> {
    let mut candidates = Vec::new();
    if let Some(home) = std::env::var_os("JAVA_HOME").filter(|home| !home.is_empty()) {
        candidates.push(Path::new(&home).join("bin/java"));
    }
    candidates.push(PathBuf::from("java"));
    let mut installed: Vec<PathBuf> = fs::read_dir("/usr/lib/jvm")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin/java")).collect())
        .unwrap_or_default();
    installed.retain(|java| java.exists());
    installed.sort();
    candidates.extend(installed);
    candidates
}

fn major_version(java: &Path) -> Option<u32> {
    let output = Command::new(java).arg("-version").output().ok()?;
    parse_major(&String::from_utf8_lossy(&output.stderr))
}

/// `openjdk version "17.0.15" 2025-04-15` is 17; `java version "1.8.0_292"` is 8.
fn parse_major(text: &str) -> Option<u32> {
    let quoted = text.split('"').nth(1)?;
    let mut numbers = quoted.split(['.', '-', '_', '+']).map(str::parse::<u32>);
    match numbers.next()?.ok()? {
        1 => numbers.next()?.ok(),
        major => Some(major),
    }
}

#[cfg(test)]
mod tests {
    use super::parse_major;

    #[test]
    fn versions_old_and_new() {
        assert_eq!(parse_major("openjdk version \"17.0.15\" 2025-04-15\n"), Some(17));
        assert_eq!(parse_major("openjdk version \"21\" 2023-09-19"), Some(21));
        assert_eq!(parse_major("java version \"1.8.0_292\""), Some(8));
        assert_eq!(parse_major("openjdk version \"26-ea\" 2026-03-17"), Some(26));
        assert_eq!(parse_major("command not found"), None);
    }
}
