//! Why the query API can't run, and how a failed read is answered.

use std::time::Duration;

use http_api::Problem;
use view_store::Fault;

/// How long a caller is asked to wait when the database, or something else, is away.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(2);

/// Why the query API can't run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting is missing.
    #[error(transparent)]
    Settings(#[from] settings::Error),
    /// The database can't be used.
    #[error("the views can't be read")]
    Store(#[from] view_store::Error),
    /// Kafka can't be spoken to with these settings.
    #[error("the events topic can't be followed")]
    Log(#[from] event_log::Error),
    /// The registry's address is no address.
    #[error("the schema registry can't be used")]
    Registry(#[from] schema_registry::Error),
    /// The address can't be listened on.
    #[error("the query API can't be served")]
    Serve(#[from] http_api::Error),
}

/// A read that failed: 503 where waiting may mend it, else a defect of ours.
pub(crate) fn failed_read(error: &view_store::Error) -> Problem {
    match error.fault() {
        Fault::Retry => {
            tracing::warn!(error = error as &dyn std::error::Error, "database away");
            Problem::unavailable("the database doesn't answer just now", RETRY_AFTER)
        }
        _ => {
            tracing::error!(error = error as &dyn std::error::Error, "a read failed");
            Problem::internal()
        }
    }
}
