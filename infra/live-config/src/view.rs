//! Which entries an application sees, and which goes over which.

use std::collections::BTreeMap;

use crate::edit::{Kind, Setting};
use crate::history::{Change, State};
use crate::key::Key;
use crate::seal::{SealError, Sealer};

/// The application whose entries all roles share.
pub const SHARED: &str = "parceltrack";

/// The roles, and [`SHARED`]: their entries are settings of ours, and checked as such.
pub const OURS: [&str; 9] = [
    SHARED,
    "command-handler",
    "command-api",
    "projector",
    "query-api",
    "config-service",
    "discovery-service",
    "gateway",
    "console",
];

/// The application whose entries all others share, as Spring Cloud Config has it.
const SHARED_BY_OTHERS: &str = "application";

/// The profile that counts for every profile, under its own entries; also Spring's.
pub const DEFAULT_PROFILE: &str = "default";

/// The entries of one application in one profile.
#[derive(Clone, Debug)]
pub struct Source<'h> {
    /// Whose.
    pub application: &'h str,
    /// For which profile.
    pub profile: &'h str,
    /// By name.
    pub entries: BTreeMap<&'h str, &'h Change>,
}

/// Whether an application is one of ours.
pub fn is_ours(application: &str) -> bool {
    OURS.contains(&application)
}

/// What an application sees, what goes over others first: the entries of a profile before those of the profile named before
/// it and before the default ones; within a profile, its own before the shared. It is the order of Spring Cloud Config.
pub fn sources<'h>(state: &State<'h>, application: &str, profiles: &[&str]) -> Vec<Source<'h>> {
    let shared = if is_ours(application) { SHARED } else { SHARED_BY_OTHERS };
    let mut applications = vec![application];
    if application != shared {
        applications.push(shared);
    }
    let mut in_order: Vec<&str> = Vec::new();
    for profile in profiles.iter().rev().copied().chain([DEFAULT_PROFILE]) {
        if !in_order.contains(&profile) {
            in_order.push(profile);
        }
    }
    let mut sources = Vec::new();
    for profile in in_order {
        for application in &applications {
            let entries: BTreeMap<&'h str, &'h Change> =
                state.of(application, profile).map(|(key, change)| (key.name(), change)).collect();
            if let Some(change) = entries.values().next() {
                let key = &change.edit.key;
                sources.push(Source { application: key.application(), profile: key.profile(), entries });
            }
        }
    }
    sources
}

/// The settings of a role: the text of each, secrets opened.
///
/// # Errors
/// When a secret doesn't open.
pub fn settings_of(
    state: &State<'_>,
    role: &str,
    profile: &str,
    sealer: Option<&Sealer>,
) -> Result<BTreeMap<String, String>, SealError> {
    texts_of(state, role, profile, |key, setting| plain(key, setting, sealer))
}

/// The same, with each setting's text as `text` has it.
pub(crate) fn texts_of<E>(
    state: &State<'_>,
    role: &str,
    profile: &str,
    text: impl Fn(&Key, &Setting) -> Result<String, E>,
) -> Result<BTreeMap<String, String>, E> {
    let mut texts = BTreeMap::new();
    for source in sources(state, role, &[profile]).iter().rev() {
        for (name, change) in &source.entries {
            if let Some(setting) = &change.edit.setting {
                texts.insert((*name).to_owned(), text(&change.edit.key, setting)?);
            }
        }
    }
    Ok(texts)
}

fn plain(key: &Key, setting: &Setting, sealer: Option<&Sealer>) -> Result<String, SealError> {
    match setting.kind {
        Kind::Secret => Ok(sealer.ok_or(SealError::NoKey)?.open(key, &setting.value)?.expose().clone()),
        _ => Ok(setting.value.clone()),
    }
}

#[cfg(test)]
mod tests {
    use settings::Secret;

    use super::*;
    use crate::edit::Edit;
    use crate::history::History;

    fn history(entries: &[(&str, &str)]) -> History {
        let mut history = History::default();
        for (n, (key, value)) in entries.iter().enumerate() {
            let setting = Some(Setting { kind: Kind::Text, value: (*value).to_owned() });
            let edit = Edit { key: key.parse().unwrap(), setting, author: String::new(), reason: None };
            history.push(Change { version: n as u64 + 1, at: 0, edit });
        }
        history
    }

    #[test]
    fn a_profile_goes_over_the_default_and_its_own_over_the_shared() {
        let history = history(&[
            ("parceltrack/default/log.level", "1"),
            ("projector/default/log.level", "2"),
            ("parceltrack/prod/log.level", "3"),
            ("projector/prod/log.level", "4"),
            ("query-api/prod/log.level", "5"),
        ]);
        let names = |application: &str, profiles: &[&str]| -> Vec<String> {
            let sources = sources(&history.now(), application, profiles);
            sources.iter().map(|source| format!("{}/{}", source.application, source.profile)).collect()
        };
        assert_eq!(
            names("projector", &["prod"]),
            ["projector/prod", "parceltrack/prod", "projector/default", "parceltrack/default"]
        );
        assert_eq!(names("projector", &["default"]), ["projector/default", "parceltrack/default"]);
        assert_eq!(names("orders", &["prod"]), Vec::<String>::new(), "others share something else");
        let level =
            |role, profile| settings_of(&history.now(), role, profile, None).unwrap()["log.level"].clone();
        assert_eq!(
            [level("projector", "prod"), level("projector", "test"), level("command-api", "prod")],
            ["4", "2", "3"]
        );
    }

    #[test]
    fn a_secret_is_opened_for_the_role_that_has_the_key() {
        let sealer = Sealer::new(&Secret::from("a secret for this test"));
        let key: Key = "query-api/default/query_api.cursor_key".parse().unwrap();
        let value = sealer.seal(&key, "0123456789abcdef").unwrap();
        let setting = Some(Setting { kind: Kind::Secret, value });
        let mut history = History::default();
        history.push(Change {
            version: 1,
            at: 0,
            edit: Edit { key, setting, author: String::new(), reason: None },
        });
        let settings = settings_of(&history.now(), "query-api", "default", Some(&sealer)).unwrap();
        assert_eq!(settings["query_api.cursor_key"], "0123456789abcdef");
        let without = settings_of(&history.now(), "query-api", "default", None);
        assert!(matches!(without, Err(SealError::NoKey)));
    }
}
