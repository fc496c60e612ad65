//! Why the discovery service can't run.

/// Why the discovery service can't run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Callers can't be checked with these settings.
    #[error(transparent)]
    Auth(#[from] auth::Error),
    /// The registry can't be reached with these settings.
    #[error("the registry can't be used")]
    Registry(#[from] service_registry::Error),
    /// Kafka can't be spoken to with these settings.
    #[error("the registry topic can't be followed")]
    Log(#[from] event_log::Error),
    /// The address can't be listened on.
    #[error("the discovery service can't be served")]
    Serve(#[from] http_api::Error),
}
