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
    let Some(running) = up::running(dir) else { return Vec::new() };
    let unset = |key: &str| settings.origin(key) == Origin::Default;
    let mut found = up::secrets_of(dir, settings);
    let endpoints = running.endpoints.into_iter();
    found.extend(
        endpoints.filter(|(name, _)| ENDPOINTS.iter().any(|(known, key)| known == name && unset(key))),
    );
    if let Some(api) = running.roles.iter().find(|role| role.name == "query-api")
        && unset("command_api.query_url")
    {
        found.push(("PARCELTRACK_COMMAND_API_QUERY_URL".to_owned(), format!("http://{}", api.address)));
    }
    found
}
