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
use tracing_subscriber::filter::ParseError;
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

fn filter(level: &str) -> Result<EnvFilter, Error> {
    EnvFilter::try_new(level).map_err(|source| Error::Level { level: level.to_owned(), source })
}

/// Begins to write log lines, of this level and above, in this format.
///
/// `level` is a level, or levels by module: `info,projector=debug`.
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

    #[test]
    fn a_level_that_is_none_is_refused_before_anything_is_set_up() {
        let error = init(Format::Json, "info,projector=loud").unwrap_err();
        assert!(error.to_string().contains("info,projector=debug"), "{error}");
    }
}
