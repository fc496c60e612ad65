//! Why the console can't run.

/// Why the console can't run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Callers can't be checked with these settings.
    #[error(transparent)]
    Auth(#[from] auth::Error),
    /// Kafka can't be spoken to with these settings.
    #[error("Kafka can't be read or written")]
    Log(#[from] event_log::Error),
    /// No client can be made to ask other services.
    #[error("other services can't be asked")]
    Http(#[from] reqwest::Error),
    /// The schema registry can't be spoken to with these settings.
    #[error("the schema registry can't be asked")]
    Schemas(#[from] schema_registry::Error),
    /// The address can't be listened on.
    #[error("the console can't be served")]
    Serve(#[from] http_api::Error),
}
