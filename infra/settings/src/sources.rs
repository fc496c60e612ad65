//! Where values come from.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// Variables with our prefix that are not settings, with what each is for.
pub const RESERVED_ENV: &[(&str, &str)] = &[
    ("PARCELTRACK_CACHE", "Folder where the local stack keeps downloaded packages."),
    ("PARCELTRACK_CONFIG", "The TOML configuration file, when `--config` is not given."),
];

/// The file looked for in the working folder when none is named.
pub(crate) const DEFAULT_FILE: &str = "parceltrack.toml";

/// What every variable of ours begins with.
pub(crate) const ENV_PREFIX: &str = "PARCELTRACK_";

/// Everything a configuration is made from, besides the defaults.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    pub(crate) file: Option<PathBuf>,
    pub(crate) default_file: Option<PathBuf>,
    pub(crate) topic: BTreeMap<String, String>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) set: Vec<String>,
}

impl Sources {
    /// Only the defaults: the start for tests.
    pub fn none() -> Self {
        Self::default()
    }

    /// The process's environment, `./parceltrack.toml` if it is there, and the command line's
    /// `--config` and `--set`.
    pub fn of_process(config: Option<PathBuf>, set: Vec<String>) -> Self {
        let env = std::env::vars_os()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
            .filter(|(name, _)| name.starts_with(ENV_PREFIX))
            .collect();
        let default_file = Some(PathBuf::from(DEFAULT_FILE));
        Self { file: config, default_file, topic: BTreeMap::new(), env, set }
    }

    /// Reads this TOML file, which must exist.
    #[must_use]
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// What the config topic says: `section.key` and the value's text. It goes over the file, and under the environment: what
    /// was set on the machine itself stays in force.
    #[must_use]
    pub fn topic(mut self, entries: BTreeMap<String, String>) -> Self {
        self.topic = entries;
        self
    }

    /// Adds an environment variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.insert(name.into(), value.into());
        self
    }

    /// Adds a `section.key=value`, as `--set` gives it.
    #[must_use]
    pub fn set(mut self, assignment: impl Into<String>) -> Self {
        self.set.push(assignment.into());
        self
    }
}

/// Where one value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The configuration file.
    File(PathBuf),
    /// The config topic.
    Topic,
    /// An environment variable.
    Env(String),
    /// `--set` on the command line.
    Flag,
}

impl Origin {
    /// The kind of source, without which file or variable.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Default => "the defaults",
            Self::File(_) => "the configuration file",
            Self::Topic => "the config topic",
            Self::Env(_) => "the environment",
            Self::Flag => "--set",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("the defaults"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Topic => f.write_str("the config topic"),
            Self::Env(name) => write!(f, "the environment ({name})"),
            Self::Flag => f.write_str("--set"),
        }
    }
}
