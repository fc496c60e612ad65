//! Why a handler stops.

use event_log::Fault;

use crate::{batch, store};

/// What makes a handler stop. What can be overcome by trying again isn't here.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Kafka refuses something, or answers in a way that can't be waited out.
    #[error("the command handler can't go on with Kafka")]
    Kafka(#[from] event_log::Error),
    /// The producers fail again and again.
    #[error("the command handler's producers fail again and again")]
    Producer(#[from] Fault),
    /// The state store.
    #[error("the command handler can't go on without its state")]
    Store(#[from] store::Error),
    /// A batch can't be decided.
    #[error("a batch of commands can't be decided")]
    Batch(#[from] batch::Error<store::Error>),
    /// The registry refuses our schemas, or doesn't answer when we start.
    #[error("the command handler can't start without the schema registry")]
    Registry(#[from] schema_registry::Error),
    /// Health and metrics can't be served.
    #[error("the command handler's health and metrics can't be served")]
    Ops(#[from] telemetry::ops::Error),
    /// The committed offsets are gone, and the state isn't.
    #[error(
        "group {group} has no committed offset on {topic}[{partition}], but there are snapshots: the offsets were lost or \
         the group was renamed. To start is to guess, so nothing was. If the topic still holds the commands, set the offsets \
         back to the beginning (kafka-consumer-groups.sh --group {group} --topic {topic}:{partition} --reset-offsets \
         --to-earliest --execute): what is in the snapshots isn't decided again"
    )]
    OffsetsLost {
        /// The group.
        group: String,
        /// The commands topic.
        topic: String,
        /// The partition.
        partition: i32,
    },
    /// Commands were deleted before they were decided.
    #[error(
        "commands of {topic}[{partition}] from offset {committed} to {first} were deleted before they were decided; look \
         for them elsewhere, then go on with what is left (kafka-consumer-groups.sh --group {group} --topic \
         {topic}:{partition} --reset-offsets --to-earliest --execute)"
    )]
    CommandsDeleted {
        /// The group.
        group: String,
        /// The commands topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// Where the group stands.
        committed: i64,
        /// The first offset that is left.
        first: i64,
    },
    /// A topic hasn't as many partitions as it must have.
    #[error(
        "{topic} has {actual} partitions and must have {expected}: a shipment's partition follows from the count, so it is \
         fixed for life. If it was always {actual}, set kafka.partitions={actual}; if it was changed, the topic has to be made \
         anew with {expected} partitions and its records copied back"
    )]
    PartitionCount {
        /// The topic.
        topic: String,
        /// As set.
        expected: i32,
        /// As found.
        actual: i32,
    },
    /// A thread couldn't be started, or panicked.
    #[error("a worker's thread ended unexpectedly")]
    Thread,
}
