//! Why the query API can't run.

/// Why the query API can't run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Callers can't be checked with these settings.
    #[error(transparent)]
    Auth(#[from] auth::Error),
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
