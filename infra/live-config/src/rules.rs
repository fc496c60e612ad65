//! What may be written: a bad value never reaches a role.

use settings::{Settings, Sources};

use crate::edit::{Edit, Kind};
use crate::history::{Change, State};
use crate::key::Key;
use crate::view::{DEFAULT_PROFILE, OURS, SHARED, is_ours, texts_of};

/// The longest value, in bytes.
const LONGEST_VALUE: usize = 65_536;

/// Stands for a secret where only the form counts: long enough for every rule.
const SOME_SECRET: &str = "a secret that nobody has to know here";

/// Why an entry can't be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The settings have no such key, or not with this value.
    #[error(transparent)]
    Setting(#[from] settings::Error),
    /// A secret of ours that isn't said to be one.
    #[error("{0} is a secret: give it the type \"secret\", so that it is sealed")]
    NotSealed(Key),
    /// A setting of ours that is none, and said to be one.
    #[error("{0} is no secret: leave the type out")]
    NoSecret(Key),
    /// It isn't of the type that it is said to have.
    #[error("the value of {key} is not a {kind}")]
    Kind {
        /// Whose value.
        key: Key,
        /// What it should be.
        kind: &'static str,
    },
    /// Too long.
    #[error("the value of {key} has {bytes} bytes; at most {LONGEST_VALUE} are allowed")]
    TooLong {
        /// Whose value.
        key: Key,
        /// How long it is.
        bytes: usize,
    },
}

/// Whether this may be the value of an entry.
///
/// For a role or `parceltrack` it must be one of the settings, with a value that this setting can have; for any other
/// application, a value of its type.
///
/// # Errors
/// With what is wrong with it.
pub fn check(key: &Key, kind: Kind, plain: &str) -> Result<(), Refusal> {
    if plain.len() > LONGEST_VALUE {
        return Err(Refusal::TooLong { key: key.clone(), bytes: plain.len() });
    }
    if is_ours(key.application()) {
        settings::check(key.name(), plain)?;
        let is_secret = settings::explain(None).iter().any(|doc| doc.key == key.name() && doc.secret);
        match (is_secret, kind == Kind::Secret) {
            (true, false) => return Err(Refusal::NotSealed(key.clone())),
            (false, true) => return Err(Refusal::NoSecret(key.clone())),
            _ => {}
        }
    }
    if kind.accepts(plain) {
        return Ok(());
    }
    let kind = match kind {
        Kind::Number => "number",
        Kind::Boolean => "boolean (true or false)",
        Kind::Text | Kind::Secret => "text that is not empty",
    };
    Err(Refusal::Kind { key: key.clone(), kind })
}

/// Whether the settings of every role that these edits touch make sense together afterwards, in every profile. What made none
/// before isn't held against them: it may take several to mend it.
///
/// What goes together, such as a user's name and password, is written in one go.
///
/// # Errors
/// With what would not make sense.
pub fn coherent(state: &State<'_>, edits: &[Edit]) -> Result<(), Refusal> {
    let changes: Vec<Change> =
        edits.iter().map(|edit| Change { version: u64::MAX, at: 0, edit: edit.clone() }).collect();
    let after = State::with(state, &changes);
    for profile in after.profiles_of(is_ours) {
        for role in OURS.iter().filter(|role| **role != SHARED) {
            let touches = |edit: &Edit| {
                [SHARED, *role].contains(&edit.key.application())
                    && [DEFAULT_PROFILE, profile].contains(&edit.key.profile())
            };
            if edits.iter().any(touches) && settings(state, role, profile).is_ok() {
                settings(&after, role, profile)?;
            }
        }
    }
    Ok(())
}

/// The settings of a role; a secret counts as some.
fn settings(state: &State<'_>, role: &str, profile: &str) -> Result<Settings, settings::Error> {
    let entries = texts_of(state, role, profile, |_, setting| {
        let text = if setting.kind == Kind::Secret { SOME_SECRET } else { &setting.value };
        Ok::<_, settings::Error>(text.to_owned())
    })?;
    Settings::load(&Sources::none().topic(entries))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::Setting;
    use crate::history::History;

    fn refused(key: &str, kind: Kind, value: &str) -> String {
        check(&key.parse().unwrap(), kind, value)
            .map_or_else(|refusal| refusal.to_string(), |()| "taken".to_owned())
    }

    #[test]
    fn a_roles_setting_is_held_to_the_table_of_settings() {
        assert_eq!(refused("projector/default/projector.concurrency", Kind::Number, "64"), "taken");
        assert_eq!(refused("projector/default/log.level", Kind::Text, "debug"), "taken");
        for (name, value, because) in [
            ("projector.concurrency", "0", "from 1 to"),
            ("projector.concurency", "64", "did you mean projector.concurrency?"),
            ("kafka.bootstrap", "kafka:9092", "can't be in the config topic"),
        ] {
            let said = refused(&format!("projector/default/{name}"), Kind::Text, value);
            assert!(said.contains(because), "{said}");
        }
        let said = refused("parceltrack/prod/cql.password", Kind::Text, "hunter2");
        assert!(said.contains("is a secret") && !said.contains("hunter2"), "{said}");
        assert!(refused("parceltrack/prod/log.level", Kind::Secret, "info").contains("is no secret"));
        for local in
            ["kafka.properties.sasl.password", "cql.password_file", "query_api.listen", "projector.instance"]
        {
            let said = refused(&format!("parceltrack/prod/{local}"), Kind::Text, "127.0.0.1:1");
            assert!(said.contains("can't be in the config topic"), "{said}");
        }
    }

    #[test]
    fn anybody_elses_property_is_held_to_its_type() {
        assert_eq!(refused("orders/prod/server.port", Kind::Number, "8080"), "taken");
        assert!(refused("orders/prod/server.port", Kind::Number, "http").contains("not a number"));
        assert!(refused("orders/prod/debug", Kind::Boolean, "yes").contains("true or false"));
        assert!(refused("orders/prod/x", Kind::Text, &"x".repeat(65_537)).contains("65537 bytes"));
    }

    #[test]
    fn what_does_not_make_sense_together_is_refused_together() {
        let edit = |name: &str, kind, value: &str| Edit {
            key: Key::new("parceltrack", "default", name).unwrap(),
            setting: Some(Setting { kind, value: value.to_owned() }),
            author: "ada".to_owned(),
            reason: None,
        };
        let (name, password) =
            (edit("cql.username", Kind::Text, "pt"), edit("cql.password", Kind::Secret, "v1:sealed"));
        let history = History::default();
        let said = coherent(&history.now(), std::slice::from_ref(&name)).unwrap_err().to_string();
        assert!(said.contains("go together"), "{said}");
        coherent(&history.now(), &[name, password]).unwrap();
    }
}
