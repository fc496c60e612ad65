//! The types a setting can have: read from text and from TOML, shown without secrets.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use toml::Value;

use crate::live::Live;
use crate::secret::Secret;

/// A type that settings can have.
pub(crate) trait SettingType: Sized + Clone {
    /// The type's name in the documentation, to follow "must be".
    const NAME: &'static str;
    /// Whether the value must not be shown.
    const SECRET: bool = false;
    /// Whether `key_file` may name a file that holds the value.
    const FILE_FORM: bool = Self::SECRET;
    /// Whether the setting may be left unset.
    const OPTIONAL: bool = false;
    /// Whether `key.name` sets one entry of the value.
    const ENTRIES: bool = false;

    /// Whether a change takes effect while the process runs.
    const LIVE: bool = false;
    /// Whether it is a matter of one machine, and so none of the config topic.
    const LOCAL: bool = false;

    /// Reads the form used in the environment and on the command line.
    fn from_text(text: &str) -> Option<Self>;

    /// Reads the form used in the configuration file.
    fn from_toml(value: &Value) -> Option<Self>;

    /// The value as text that `from_text` would read; secrets too, so never for printing.
    fn plain(&self) -> String;

    /// The value as text that may be printed.
    fn shown(&self) -> String {
        if Self::SECRET { "***".to_owned() } else { self.plain() }
    }

    /// Takes the value that was loaded later, if that can be done while the process runs; whether this is now that.
    fn adopt(&self, fresh: &Self) -> bool {
        self.plain() == fresh.plain()
    }

    /// Puts a later source's value over this one.
    #[must_use]
    fn over(self, _earlier: Self) -> Self {
        self
    }
}

impl SettingType for String {
    const NAME: &'static str = "text";

    fn from_text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }

    fn from_toml(value: &Value) -> Option<Self> {
        value.as_str().map(str::to_owned)
    }

    fn plain(&self) -> String {
        self.clone()
    }
}

impl SettingType for bool {
    const NAME: &'static str = "true or false";

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn from_toml(value: &Value) -> Option<Self> {
        value.as_bool()
    }

    fn plain(&self) -> String {
        self.to_string()
    }
}

macro_rules! whole_numbers {
    ($($number:ty),+) => {$(
        impl SettingType for $number {
            const NAME: &'static str = "a whole number";

            fn from_text(text: &str) -> Option<Self> {
                text.replace('_', "").parse().ok()
            }

            fn from_toml(value: &Value) -> Option<Self> {
                value.as_integer().and_then(|number| Self::try_from(number).ok())
            }

            fn plain(&self) -> String {
                self.to_string()
            }
        }
    )+};
}

whole_numbers!(u16, u32, u64, usize, i32);

impl SettingType for f64 {
    const NAME: &'static str = "a number";

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok().filter(|number: &Self| number.is_finite())
    }

    fn from_toml(value: &Value) -> Option<Self> {
        value.as_float().or_else(|| value.as_integer().map(|number| number as Self))
    }

    fn plain(&self) -> String {
        self.to_string()
    }
}

/// What listens where, and how a process writes its log, is a matter of its machine.
macro_rules! parsed_text {
    ($($parsed:ty, $name:literal);+) => {$(
        impl SettingType for $parsed {
            const NAME: &'static str = $name;
            const LOCAL: bool = true;

            fn from_text(text: &str) -> Option<Self> {
                text.parse().ok()
            }

            fn from_toml(value: &Value) -> Option<Self> {
                value.as_str().and_then(Self::from_text)
            }

            fn plain(&self) -> String {
                self.to_string()
            }
        }
    )+};
}

parsed_text!(SocketAddr, "an IP address and port such as 127.0.0.1:8091 or [::]:8091"; LogFormat, "text or json");

impl SettingType for PathBuf {
    const NAME: &'static str = "a path";
    const LOCAL: bool = true;

    fn from_text(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self::from(text))
    }

    fn from_toml(value: &Value) -> Option<Self> {
        value.as_str().and_then(Self::from_text)
    }

    fn plain(&self) -> String {
        self.display().to_string()
    }
}

/// In text with commas between, in TOML an array or the same text.
impl SettingType for Vec<String> {
    const NAME: &'static str = "a list with commas between";

    fn from_text(text: &str) -> Option<Self> {
        Some(text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect())
    }

    fn from_toml(value: &Value) -> Option<Self> {
        match value {
            Value::Array(parts) => parts.iter().map(|part| part.as_str().map(str::to_owned)).collect(),
            other => other.as_str().and_then(Self::from_text),
        }
    }

    fn plain(&self) -> String {
        self.join(",")
    }
}

impl SettingType for Secret {
    const NAME: &'static str = "secret text";
    const SECRET: bool = true;

    fn from_text(text: &str) -> Option<Self> {
        Some(Self::from(text))
    }

    fn from_toml(value: &Value) -> Option<Self> {
        value.as_str().map(Self::from)
    }

    fn plain(&self) -> String {
        self.expose().clone()
    }
}

/// Empty text is "not set".
impl<T: SettingType> SettingType for Option<T> {
    const NAME: &'static str = T::NAME;
    const SECRET: bool = T::SECRET;
    const FILE_FORM: bool = T::FILE_FORM;
    const OPTIONAL: bool = true;
    const LOCAL: bool = T::LOCAL;

    fn from_text(text: &str) -> Option<Self> {
        if text.is_empty() { Some(None) } else { T::from_text(text).map(Some) }
    }

    fn from_toml(value: &Value) -> Option<Self> {
        if value.as_str() == Some("") { Some(None) } else { T::from_toml(value).map(Some) }
    }

    fn plain(&self) -> String {
        self.as_ref().map(T::plain).unwrap_or_default()
    }

    fn shown(&self) -> String {
        self.as_ref().map(T::shown).unwrap_or_default()
    }
}

/// As its value, in force as soon as it changes.
impl<T: SettingType> SettingType for Live<T> {
    const NAME: &'static str = T::NAME;
    const SECRET: bool = T::SECRET;
    const FILE_FORM: bool = T::FILE_FORM;
    const OPTIONAL: bool = T::OPTIONAL;
    const LIVE: bool = true;

    fn from_text(text: &str) -> Option<Self> {
        T::from_text(text).map(Self::new)
    }

    fn from_toml(value: &Value) -> Option<Self> {
        T::from_toml(value).map(Self::new)
    }

    fn plain(&self) -> String {
        self.now().plain()
    }

    fn shown(&self) -> String {
        self.now().shown()
    }

    fn adopt(&self, fresh: &Self) -> bool {
        self.set(fresh.now());
        true
    }
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

impl std::str::FromStr for LogFormat {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(()),
        }
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

/// librdkafka properties by name. Those that hold credentials are not shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Properties(pub BTreeMap<String, String>);

impl Properties {
    /// Names and values, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    fn from_assignments<'a>(assignments: impl Iterator<Item = &'a str>) -> Option<Self> {
        assignments
            .map(str::trim)
            .filter(|assignment| !assignment.is_empty() && !assignment.starts_with('#'))
            .map(|assignment| {
                let (name, value) = assignment.split_once('=')?;
                Some((name.trim().to_owned(), value.trim().to_owned()))
            })
            .collect::<Option<_>>()
            .map(Self)
    }
}

/// Whether a librdkafka property holds a credential.
fn is_credential(name: &str) -> bool {
    ["password", "secret", "pem", "sasl.oauthbearer.config", "passphrase"]
        .iter()
        .any(|part| name.contains(part))
}

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

/// In text `name=value` with semicolons or line ends between; in TOML the same text, or a table where
/// `linger.ms = 5` and `"linger.ms" = 5` mean the same.
impl SettingType for Properties {
    const NAME: &'static str = "name=value, or several with ; between";
    const FILE_FORM: bool = true;
    const ENTRIES: bool = true;

    fn from_text(text: &str) -> Option<Self> {
        Self::from_assignments(text.split([';', '\n']))
    }

    fn from_toml(value: &Value) -> Option<Self> {
        if let Some(text) = value.as_str() {
            return Self::from_text(text);
        }
        let mut properties = BTreeMap::new();
        flatten("", value, &mut properties)?;
        Some(Self(properties))
    }

    fn plain(&self) -> String {
        self.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(";")
    }

    fn shown(&self) -> String {
        self.iter()
            .map(|(name, value)| format!("{name}={}", if is_credential(name) { "***" } else { value }))
            .collect::<Vec<_>>()
            .join(";")
    }

    fn over(self, mut earlier: Self) -> Self {
        earlier.0.extend(self.0);
        earlier
    }
}

/// Dotted TOML keys arrive as nested tables; librdkafka's names have dots in them.
fn flatten(prefix: &str, value: &Value, into: &mut BTreeMap<String, String>) -> Option<()> {
    match value {
        Value::Table(table) => table.iter().try_for_each(|(name, inner)| {
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            flatten(&path, inner, into)
        }),
        _ if prefix.is_empty() => None,
        Value::String(text) => {
            into.insert(prefix.to_owned(), text.clone());
            Some(())
        }
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) => {
            into.insert(prefix.to_owned(), value.to_string());
            Some(())
        }
        Value::Array(_) | Value::Datetime(_) => None,
    }
}
