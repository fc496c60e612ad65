//! What each source says of each key, before types come in.

use std::collections::BTreeMap;
use std::fs;

use toml::Value;

use crate::error::Problem;
use crate::keys::{KEYS, SECTIONS};
use crate::sources::{ENV_PREFIX, Origin, RESERVED_ENV, Sources};
use crate::suggest::nearest;
use crate::table::Key;
use crate::value::SettingType;

/// A value as its source gave it.
#[derive(Debug, Clone)]
enum Raw {
    Text(String),
    Toml(Value),
}

#[derive(Debug, Clone)]
struct Given {
    raw: Raw,
    origin: Origin,
    /// The name it was given under, to tell two names of one key apart.
    name: String,
}

/// What the sources say, earliest first, and what is wrong with it.
#[derive(Debug, Default)]
pub(crate) struct Layers {
    given: BTreeMap<&'static str, Vec<Given>>,
    pub(crate) problems: Vec<Problem>,
}

impl Layers {
    /// Reads the file, the environment and the flags.
    pub(crate) fn read(sources: &Sources) -> Self {
        let mut layers = Self::default();
        layers.read_file(sources);
        layers.read_topic(&sources.topic);
        layers.read_env(&sources.env);
        layers.read_flags(&sources.set);
        layers
    }

    /// The value of `key`: the default, and over it what each source says.
    pub(crate) fn value<T: SettingType>(&mut self, key: &'static str) -> T {
        let key =
            KEYS.iter().find(|known| known.path == key).expect("the macro asks for keys of its own table");
        let mut value = T::from_text(key.default).expect("a test reads every default");
        for given in self.given.get(key.path).into_iter().flatten() {
            let read = match &given.raw {
                Raw::Text(text) => T::from_text(text),
                Raw::Toml(toml) => T::from_toml(toml),
            };
            let unset = |read: &T| T::OPTIONAL && read.plain().is_empty();
            match read.filter(|read| unset(read) || key.rule.accepts(&read.plain())) {
                Some(read) => value = read.over(value),
                None => self.problems.push(bad_value(key, given)),
            }
        }
        value
    }

    /// Where each key's value came from; defaults are left out.
    pub(crate) fn origins(&self) -> BTreeMap<&'static str, Origin> {
        self.given
            .iter()
            .filter_map(|(key, given)| given.last().map(|given| (*key, given.origin.clone())))
            .collect()
    }

    fn read_file(&mut self, sources: &Sources) {
        let asked =
            sources.file.clone().or_else(|| non_empty(&sources.env, "PARCELTRACK_CONFIG").map(Into::into));
        let implied = || sources.default_file.clone().filter(|path| path.is_file());
        let Some(path) = asked.or_else(implied) else { return };
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => {
                let what = "the configuration file".to_owned();
                return self.problems.push(Problem::Unreadable { what, path, reason: error.to_string() });
            }
        };
        match text.parse::<toml::Table>() {
            Ok(table) => self.read_table(&table, &Origin::File(path)),
            Err(error) => {
                let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
                self.problems.push(Problem::NotToml { path, line, reason: error.message().to_owned() });
            }
        }
    }

    fn read_table(&mut self, table: &toml::Table, origin: &Origin) {
        for (section, value) in table {
            let Some(keys) = value.as_table().filter(|_| SECTIONS.iter().any(|known| known.name == section))
            else {
                let nearest = nearest(section, SECTIONS.iter().map(|section| section.name))
                    .map(|name| format!("[{name}]"));
                self.problems.push(Problem::UnknownKey {
                    name: section.clone(),
                    origin: origin.clone(),
                    nearest,
                });
                continue;
            };
            for (name, value) in keys {
                self.give(&format!("{section}.{name}"), Raw::Toml(value.clone()), origin);
            }
        }
    }

    /// Keys as such and nothing else: no file that a role would then read, no entry of a key.
    fn read_topic(&mut self, entries: &BTreeMap<String, String>) {
        for (name, value) in entries {
            match KEYS.iter().find(|key| key.path == name) {
                Some(key) if key.in_topic() => {
                    self.note(key, name, Raw::Text(value.clone()), &Origin::Topic);
                }
                None if !is_variant(name) => self.give(name, Raw::Text(value.clone()), &Origin::Topic),
                _ => self.problems.push(Problem::NotInTopic { key: name.clone() }),
            }
        }
    }

    /// An empty variable counts as not set: compose files pass those for what the user left out.
    fn read_env(&mut self, env: &BTreeMap<String, String>) {
        for (name, value) in
            env.iter().filter(|(name, value)| name.starts_with(ENV_PREFIX) && !value.is_empty())
        {
            if RESERVED_ENV.iter().any(|(reserved, _)| reserved == name) {
                continue;
            }
            let origin = Origin::Env(name.clone());
            let raw = Raw::Text(value.clone());
            if let Some(key) = KEYS.iter().find(|key| key.env_names().any(|known| known == *name)) {
                self.note(key, name, raw, &origin);
            } else if let Some(key) =
                KEYS.iter().find(|key| key.file_form && format!("{}_FILE", key.env()) == *name)
            {
                self.give_file(key, name, &raw, &origin);
            } else {
                let known = crate::explain::env_names();
                let nearest = nearest(name, known.iter().map(String::as_str));
                self.problems.push(Problem::UnknownKey { name: name.clone(), origin, nearest });
            }
        }
    }

    fn read_flags(&mut self, flags: &[String]) {
        for flag in flags {
            match flag.split_once('=') {
                Some((name, value)) => self.give(name.trim(), Raw::Text(value.to_owned()), &Origin::Flag),
                None => self.problems.push(Problem::NoValue(flag.clone())),
            }
        }
    }

    /// Takes a value given under a dotted name: a key, a key's file form, or one entry of a key.
    fn give(&mut self, name: &str, raw: Raw, origin: &Origin) {
        if let Some(key) = KEYS.iter().find(|key| key.path == name) {
            return self.note(key, name, raw, origin);
        }
        if let Some(key) = KEYS.iter().find(|key| key.file_key().as_deref() == Some(name)) {
            return self.give_file(key, name, &raw, origin);
        }
        let entry = KEYS.iter().filter(|key| key.entries).find_map(|key| {
            let entry = name.strip_prefix(key.path)?.strip_prefix('.')?;
            Some((key, entry))
        });
        if let (Some((key, entry)), Raw::Text(value)) = (entry, &raw) {
            let table = toml::Table::from_iter([(entry.to_owned(), Value::String(value.clone()))]);
            return self.note(key, name, Raw::Toml(Value::Table(table)), origin);
        }
        let file_keys: Vec<String> = KEYS.iter().filter_map(Key::file_key).collect();
        let known = KEYS.iter().map(|key| key.path).chain(file_keys.iter().map(String::as_str));
        let nearest = nearest(name, known);
        self.problems.push(Problem::UnknownKey { name: name.to_owned(), origin: origin.clone(), nearest });
    }

    fn give_file(&mut self, key: &'static Key, name: &str, path: &Raw, origin: &Origin) {
        let path = match path {
            Raw::Text(path) => path.as_str(),
            Raw::Toml(value) => value.as_str().unwrap_or_default(),
        };
        match fs::read_to_string(path) {
            Ok(text) => {
                let text = text.trim_end_matches(['\n', '\r']).to_owned();
                self.note(key, name, Raw::Text(text), origin);
            }
            Err(error) => self.problems.push(Problem::Unreadable {
                what: format!("the file named by {name} ({origin})"),
                path: path.into(),
                reason: error.to_string(),
            }),
        }
    }

    fn note(&mut self, key: &'static Key, name: &str, raw: Raw, origin: &Origin) {
        let given = self.given.entry(key.path).or_default();
        let other = given.iter().find(|other| other.origin.kind() == origin.kind() && other.name != name);
        if let Some(other) = other.filter(|_| !key.entries) {
            let (first, second) = (other.name.clone(), name.to_owned());
            self.problems.push(Problem::SetTwice { key: key.path, origin: origin.kind(), first, second });
        } else {
            given.push(Given { raw, origin: origin.clone(), name: name.to_owned() });
        }
    }
}

/// The file form of a key, or one entry of it.
fn is_variant(name: &str) -> bool {
    let entry_of =
        |key: &Key| key.entries && name.strip_prefix(key.path).is_some_and(|rest| rest.starts_with('.'));
    KEYS.iter().any(|key| key.file_key().as_deref() == Some(name) || entry_of(key))
}

fn bad_value(key: &Key, given: &Given) -> Problem {
    let value = match &given.raw {
        _ if key.secret || key.file_form => "***".to_owned(),
        Raw::Text(text) => format!("{text:?}"),
        Raw::Toml(toml) => toml.to_string(),
    };
    Problem::BadValue { key: key.path, value, origin: given.origin.clone(), allowed: key.allowed() }
}

fn non_empty<'a>(env: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    env.get(name).map(String::as_str).filter(|value| !value.is_empty())
}
