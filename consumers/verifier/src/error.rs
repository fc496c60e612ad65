//! Why a verification can't be done.

use std::time::Duration;

/// What makes a verification end without a word about the system.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting is missing.
    #[error("the settings are not complete")]
    Settings(#[from] settings::Error),
    /// Kafka can't be asked.
    #[error("the topics can't be read")]
    Kafka(#[from] event_log::Error),
    /// Nothing came of a topic that isn't read to its end.
    #[error("nothing came of {topic} for {} s, and its end isn't reached; is Kafka up?", .waited.as_secs())]
    Stalled {
        /// The topic.
        topic: String,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The database can't be asked.
    #[error("the tables can't be read")]
    Store(#[from] view_store::Error),
    /// The registry can't be asked.
    #[error("a schema can't be fetched")]
    Registry(#[from] schema_registry::Error),
    /// The dead letters can't be read.
    #[error("the dead letters can't be read")]
    DeadLetters(#[from] projector::Error),
    /// There is no such shipment.
    #[error("there is nothing of shipment {0}: no event, no snapshot, no row")]
    NoShipment(shipment_events::ShipmentId),
    /// It was told to stop.
    #[error("interrupted before all was looked at")]
    Cancelled,
    /// A part of it ended in a way that it never should.
    #[error("a part of the verification ended unexpectedly")]
    Panicked(#[from] tokio::task::JoinError),
}
