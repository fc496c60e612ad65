//! Why the command API can't run.

/// What ends the role. What passes by itself (Kafka or the registry away for a while) doesn't: it is tried again, and
/// readiness says so.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Callers can't be checked with these settings.
    #[error(transparent)]
    Auth(#[from] auth::Error),
    /// A setting that this role needs is missing.
    #[error(transparent)]
    Settings(#[from] settings::Error),
    /// The address can't be listened on.
    #[error(transparent)]
    Serve(#[from] http_api::Error),
    /// Kafka's client can't be set up.
    #[error("the Kafka client can't be set up")]
    Kafka(#[source] event_log::Error),
    /// The contract may not be registered, or the registry's address isn't one.
    #[error("the contract can't be brought into the schema registry")]
    Registry(#[source] schema_registry::Error),
    /// The client that posts commands can't be set up.
    #[error("commands can't be posted")]
    Client(#[source] command_client::Error),
}
