//! Commands typed beside a running `parceltrack up`: they find its services and secrets by themselves.

use std::path::Path;

use settings::{Origin, Settings, Sources};

use crate::cli::Command;
use crate::up;

/// Which setting each of the supervisor's endpoint variables sets.
const ENDPOINTS: [(&str, &str); 3] = [
    ("PARCELTRACK_KAFKA", "kafka.bootstrap"),
    ("PARCELTRACK_CQL", "cql.nodes"),
    ("PARCELTRACK_REGISTRY", "registry.url"),
];

/// The same of how many copies its topics have.
pub(crate) const COPIES: (&str, &str) = ("PARCELTRACK_KAFKA_REPLICATION", "kafka.replication");

/// The settings, and where nobody said otherwise, those of the system that runs on the data folder.
pub(crate) fn settings(sources: Sources, command: &Command) -> Result<Settings, settings::Error> {
    let settings = Settings::load(&sources)?;
    // What starts a system says where it is, what stops it or looks at it reads the record by itself, and who asks for the
    // settings wants to know what was set.
    if matches!(
        command,
        Command::Up(_) | Command::Run { .. } | Command::Down(_) | Command::Status(_) | Command::Config(_)
    ) {
        return Ok(settings);
    }
    let found = found(&settings.local_stack.dir, &settings);
    if found.is_empty() {
        return Ok(settings);
    }
    Settings::load(&found.into_iter().fold(sources, |sources, (name, value)| sources.env(name, value)))
}

fn found(dir: &Path, settings: &Settings) -> Vec<(String, String)> {
    let Some(running) = up::running(dir).filter(|running| is_meant(running, settings)) else {
        return Vec::new();
    };
    let unset = |key: &str| settings.origin(key) == Origin::Default;
    let mut found = up::secrets_of(dir, settings);
    let endpoints = running.endpoints.into_iter();
    found.extend(endpoints.filter(|(name, _)| {
        ENDPOINTS.iter().chain([&COPIES]).any(|(known, key)| known == name && unset(key))
    }));
    found
}

/// Whether the system that runs is the one meant: each service that somebody named is its own. Otherwise nothing of it is
/// taken: one system's Kafka beside another's database would mix the two, and its secrets are nobody else's.
fn is_meant(running: &up::Running, settings: &Settings) -> bool {
    ENDPOINTS.iter().all(|(variable, key)| {
        if settings.origin(key) == Origin::Default {
            return true;
        }
        let set = match *key {
            "kafka.bootstrap" => settings.kafka.bootstrap.clone(),
            "cql.nodes" => settings.cql.nodes.join(","),
            _ => settings.registry.url.clone(),
        };
        running.endpoints.iter().any(|(name, value)| name == variable && parts(value).eq(parts(&set)))
    })
}

fn parts(endpoint: &str) -> impl Iterator<Item = &str> {
    endpoint.split(',').map(|part| part.trim().trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_systems_services_and_secrets_are_only_used_together() {
        let dir = tempfile::tempdir().unwrap();
        let board = up::Board::take(dir.path()).unwrap().unwrap();
        let running =
            ["127.0.0.1:19092", "127.0.0.1:19042,127.0.0.2:19042", "http://127.0.0.1:18081/apis/ccompat/v7"];
        let name = |n: usize| ENDPOINTS[n].0.to_owned();
        board
            .endpoints(running.iter().enumerate().map(|(n, value)| (name(n), (*value).to_owned())).collect());
        std::fs::create_dir(dir.path().join("secrets")).unwrap();
        std::fs::write(dir.path().join("secrets/phone-hash-key"), "x".repeat(64)).unwrap();

        let has_secrets = |set: &[(usize, &str)]| {
            let sources = set.iter().fold(Sources::none(), |all, (n, value)| all.env(name(*n), *value));
            let found = found(dir.path(), &Settings::load(&sources).unwrap());
            found.iter().any(|(name, _)| name == "PARCELTRACK_QUERY_API_PHONE_HASH_KEY_FILE")
        };
        assert!(has_secrets(&[]));
        assert!(has_secrets(&[(0, running[0]), (1, running[1]), (2, running[2])]));
        assert!(has_secrets(&[(0, running[0])]), "the others are found with it");
        assert!(!has_secrets(&[(0, "kafka.example:9092")]));
        assert!(!has_secrets(&[(0, running[0]), (1, "10.0.0.1:9042"), (2, running[2])]));

        let elsewhere = Sources::none().env(name(0), "kafka.example:9092");
        assert_eq!(found(dir.path(), &Settings::load(&elsewhere).unwrap()), [], "not its database either");
    }
}
