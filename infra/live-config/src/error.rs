//! Why a role's settings can't be had from the topic.

use crate::seal::SealError;

/// Why a role can't have its settings.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// They don't make sense, with or without what the topic says.
    #[error(transparent)]
    Settings(#[from] settings::Error),
    /// A secret in the topic doesn't open.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Kafka's client can't be set up.
    #[error("the config topic can't be read")]
    Kafka(#[from] event_log::Error),
}
