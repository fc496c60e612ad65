//! Why the config service can't run.

/// Why the config service can't run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Callers can't be checked with these settings.
    #[error(transparent)]
    Auth(#[from] auth::Error),
    /// The address can't be listened on.
    #[error(transparent)]
    Serve(#[from] http_api::Error),
    /// Kafka's client can't be set up.
    #[error("Kafka's client can't be set up")]
    Kafka(#[from] event_log::Error),
}
