//! What can be wrong with a configuration, each with the way out.

use std::fmt;
use std::path::PathBuf;

use crate::sources::Origin;

/// A configuration that can't be used: everything that is wrong with it, not only the first thing.
#[derive(Debug)]
pub struct Error {
    /// What is wrong, in the order of the sources.
    pub problems: Vec<Problem>,
}

impl std::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.as_slice() {
            [one] => write!(f, "{one}"),
            many => {
                write!(f, "{} settings can't be used:", many.len())?;
                many.iter().try_for_each(|problem| write!(f, "\n  - {problem}"))
            }
        }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self { problems: vec![problem] }
    }
}

/// One thing that is wrong.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A key that no part of the system reads.
    #[error("unknown setting {name} in {origin}{}; `parceltrack config --explain` lists all", did_you_mean(.nearest.as_deref()))]
    UnknownKey {
        /// The name as it was written.
        name: String,
        /// Where it was written.
        origin: Origin,
        /// The known name that it most resembles.
        nearest: Option<String>,
    },
    /// A value outside what its key allows.
    #[error("{key} = {value} from {origin} is not allowed: it must be {allowed}")]
    BadValue {
        /// The setting's key.
        key: &'static str,
        /// The value, or `***` where it is secret.
        value: String,
        /// Where the value came from.
        origin: Origin,
        /// What would be accepted.
        allowed: String,
    },
    /// Two names of one setting, or a value and its file, given in the same source.
    #[error("{key} is set twice in {origin}: keep either {first} or {second}")]
    SetTwice {
        /// The setting's key.
        key: &'static str,
        /// The source, without the variable's name.
        origin: &'static str,
        /// One of the two names.
        first: String,
        /// The other.
        second: String,
    },
    /// In the config topic, what is needed to read it, says who may write it, or is a matter of one machine.
    #[error(
        "{key} can't be in the config topic: it is needed to read that, says who may write it, or is a matter of one machine; put it in the file or the environment there"
    )]
    NotInTopic {
        /// As it was written.
        key: String,
    },
    /// Settings that only make sense together.
    #[error("{0}")]
    Incoherent(String),
    /// A setting without a default that this role needs.
    #[error(
        "{key} is not set: put it in the configuration file, set {env}{}, or pass --set {key}=…",
        or_file(.env, *.has_file_form)
    )]
    Missing {
        /// The setting's key.
        key: &'static str,
        /// Its environment variable.
        env: String,
        /// Whether `…_file` names a file with the value.
        has_file_form: bool,
    },
    /// A configuration file that was asked for and can't be read.
    #[error("can't read {what} {}: {reason}", .path.display())]
    Unreadable {
        /// What the file is for.
        what: String,
        /// Where it was looked for.
        path: PathBuf,
        /// The operating system's words.
        reason: String,
    },
    /// A configuration file that is not TOML.
    ///
    /// The offending line itself is left out: it may hold a password.
    #[error("{} is not valid TOML: line {line}: {reason}", .path.display())]
    NotToml {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The parser's words.
        reason: String,
    },
    /// A `--set` without an equals sign.
    #[error("--set {0} has no value: write --set section.key=value")]
    NoValue(String),
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(", did you mean {name}?")).unwrap_or_default()
}

fn or_file(env: &str, has_file_form: bool) -> String {
    if has_file_form { format!(" (or {env}_FILE, a file that holds it)") } else { String::new() }
}
