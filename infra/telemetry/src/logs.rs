//! Log lines on standard error.
//!
//! Messages are lowercase fragments with structured fields, units in the field's name (`elapsed_ms`).
//! Names, phones and addresses never go into a log: that is the caller's duty.

mod lines;

use std::fmt;
use std::io::{self, IsTerminal};
use std::panic;
use std::sync::Arc;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{LevelFilter, ParseError};
use tracing_subscriber::reload::Error as ReloadError;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

use self::lines::{Lines, Worker};

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people; coloured on a terminal.
    Text,
    /// One JSON object a line.
    Json,
}

/// Why logging could not begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The level is neither a level nor a list of `module=level`.
    #[error(
        "log.level = {level:?} is not understood: write off, error, warn, info, debug or trace, or by module as in info,projector=debug"
    )]
    Level {
        /// What was given.
        level: String,
        /// The parser's words.
        #[source]
        source: ParseError,
    },
    /// The thread that writes can't be started.
    #[error("the thread that writes the log can't be started")]
    Thread(#[source] io::Error),
    /// Logging had begun already.
    #[error("logging was set up twice in one process")]
    Twice(#[source] TryInitError),
}

/// Writes log lines as long as it lives; dropping it writes those that are still under way.
#[derive(Debug)]
#[must_use = "lines are written only as long as this lives"]
pub struct Writing {
    level: Level,
    _worker: Worker,
}

/// What is written of all that could be. Clones set the same.
#[derive(Clone)]
pub struct Level(Arc<dyn Fn(EnvFilter) + Send + Sync>);

impl Level {
    /// From now on what is written is this.
    ///
    /// # Errors
    /// When it is no level; then nothing changes.
    pub fn set(&self, level: &str) -> Result<(), Error> {
        (self.0)(filter(level)?);
        Ok(())
    }
}

impl fmt::Debug for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Level")
    }
}

impl Writing {
    /// By which the level is changed.
    pub fn level(&self) -> Level {
        self.level.clone()
    }
}

/// What the gateway's library writes at most, whatever is asked for: its debug lines hold requests with their credentials, and
/// bodies.
const PINGORA: (&str, LevelFilter) = ("pingora", LevelFilter::WARN);

/// What the database's driver writes at most, unless it is asked for. Without a database it says so several times a second; that one
/// is away is said once, by who needs it.
const DRIVER: [(&str, LevelFilter); 2] =
    [("scylla", LevelFilter::ERROR), ("scylla::cluster", LevelFilter::OFF)];

fn filter(level: &str) -> Result<EnvFilter, Error> {
    let parsed = |text: &str| {
        EnvFilter::try_new(text).map_err(|source| Error::Level { level: level.to_owned(), source })
    };
    parsed(level)?;
    let parts = level.split(',').filter(|part| !part.is_empty());
    let asked = parts.filter(|part| !part.trim_start().starts_with(PINGORA.0));
    let bare = asked.clone().filter_map(|part| part.parse::<LevelFilter>().ok()).next_back();
    let bare = bare.unwrap_or(LevelFilter::OFF);
    let driver = DRIVER.iter().filter(|_| !level.contains(DRIVER[0].0));
    let limits = driver.chain([&PINGORA]).map(|(module, most)| format!("{module}={}", bare.min(*most)));
    parsed(&asked.map(str::to_owned).chain(limits).collect::<Vec<_>>().join(","))
}

/// Begins to write log lines, of this level and above, in this format.
///
/// `level` is a level, or levels by module: `info,projector=debug`. Libraries that say too much have limits of their own.
///
/// A thread of its own writes them, gathered for up to 5 ms, warnings and errors at once: who logs doesn't wait for the file.
/// No line is dropped for want of room; when 16 MiB wait, logging waits too. A panic waits until the lines before it are written.
/// What is still under way when a process is killed, or aborts without one, is lost.
pub fn init(format: Format, level: &str) -> Result<Writing, Error> {
    let filter = filter(level)?;
    let (writer, worker) = Lines::to(io::stderr()).map_err(Error::Thread)?;
    let lines = writer.clone();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    let (begun, level) = match format {
        Format::Text => {
            let builder = builder.with_ansi(io::stderr().is_terminal()).with_filter_reloading();
            let handle = builder.reload_handle();
            (builder.finish().try_init(), level_of(move |filter| handle.reload(filter)))
        }
        Format::Json => {
            let builder = builder.json().flatten_event(true).with_current_span(true).with_span_list(false);
            let builder = builder.with_filter_reloading();
            let handle = builder.reload_handle();
            (builder.finish().try_init(), level_of(move |filter| handle.reload(filter)))
        }
    };
    begun.map_err(Error::Twice)?;
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |panicked| {
        lines.flush();
        hook(panicked);
    }));
    Ok(Writing { level, _worker: worker })
}

fn level_of(reload: impl Fn(EnvFilter) -> Result<(), ReloadError> + Send + Sync + 'static) -> Level {
    Level(Arc::new(move |filter| {
        if let Err(error) = reload(filter) {
            tracing::error!(%error, "the log level can't be changed");
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether this level lets through a line of the gateway's library at debug and at warn, of the driver at error, of what it says of
    /// nodes that are away, and of our own at debug.
    fn lets_through(level: &str) -> [bool; 5] {
        let subscriber = tracing_subscriber::fmt().with_env_filter(filter(level).unwrap()).finish();
        tracing::subscriber::with_default(subscriber, || {
            [
                tracing::enabled!(target: "pingora_proxy::proxy_h1", tracing::Level::DEBUG),
                tracing::enabled!(target: "pingora_core::apps", tracing::Level::WARN),
                tracing::enabled!(target: "scylla::network", tracing::Level::ERROR),
                tracing::enabled!(target: "scylla::cluster::metadata", tracing::Level::ERROR),
                tracing::enabled!(target: "gateway::exchange", tracing::Level::DEBUG),
            ]
        })
    }

    #[test]
    fn libraries_that_say_too_much_are_kept_short() {
        assert_eq!(lets_through("info"), [false, true, true, false, false]);
        assert_eq!(lets_through("debug"), [false, true, true, false, true]);
        assert!(!lets_through("trace,pingora_proxy=debug,pingora_proxy::proxy_h1=trace")[0]);
        assert_eq!(lets_through("info,gateway=debug"), [false, true, true, false, true]);
        assert_eq!(lets_through("info,scylla=debug"), [false, true, true, true, false]);
        assert_eq!(lets_through("error"), [false, false, true, false, false]);
        assert_eq!(lets_through("off"), [false; 5]);
        assert_eq!(lets_through("gateway=debug"), [false, false, false, false, true]);
    }

    #[test]
    fn a_level_that_is_none_is_refused_before_anything_is_set_up() {
        let error = init(Format::Json, "info,projector=loud").unwrap_err();
        assert!(error.to_string().contains("info,projector=debug"), "{error}");
    }
}
