//! Log lines on standard error.
//!
//! Messages are lowercase fragments with structured fields, units in the field's name (`elapsed_ms`).
//! Names, phones and addresses never go into a log: that is the caller's duty.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

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
    /// Logging had begun already.
    #[error("logging was set up twice in one process")]
    Twice(#[source] TryInitError),
}

/// Begins to write log lines, of this level and above, in this format.
///
/// `level` is a level, or levels by module: `info,projector=debug`.
pub fn init(format: Format, level: &str) -> Result<(), Error> {
    let filter =
        EnvFilter::try_new(level).map_err(|source| Error::Level { level: level.to_owned(), source })?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        Format::Text => builder.with_ansi(std::io::stderr().is_terminal()).finish().try_init(),
        Format::Json => builder
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .finish()
            .try_init(),
    }
    .map_err(Error::Twice)
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
