//! Why a projector stops. What can be waited out isn't here.

/// What makes a projector, a rebuild or a look at dead letters end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting is missing.
    #[error("the projector's settings are not complete")]
    Settings(#[from] settings::Error),
    /// Kafka refuses something that waiting doesn't mend.
    #[error("the projector can't go on with Kafka")]
    Kafka(#[from] event_log::Error),
    /// The database refuses something that waiting doesn't mend.
    #[error("the projector can't go on with the database")]
    Store(#[from] view_store::Error),
    /// The registry's client can't be made.
    #[error("the projector can't go on with the schema registry")]
    Registry(#[from] schema_registry::Error),
    /// The ops endpoints can't be served.
    #[error("the projector's health and metrics can't be served")]
    Ops(#[from] telemetry::ops::Error),
    /// It was told to stop.
    #[error("stopped before it was done")]
    Cancelled,
    /// A part of it ended in a way that it never should.
    #[error("a part of the projector ended unexpectedly")]
    Panicked(#[from] tokio::task::JoinError),
}

impl Error {
    /// Whether it ended because it was told to.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled | Self::Store(view_store::Error::Cancelled))
    }
}

/// The message with its causes, on one line.
pub(crate) fn full_text(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
