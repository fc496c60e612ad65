//! Why a command got no answer, with what is known of its fate.

use std::time::Duration;

use shipment_events::CommandId;

/// What can go wrong between a command and its reply.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Too many commands wait for a reply, or the send queue is full. Nothing was sent: try again later.
    #[error("{waiting} commands wait for their reply already; try again later")]
    Busy {
        /// How many wait.
        waiting: usize,
    },
    /// The client is closing, or its reading of replies has failed for good. Nothing was sent.
    #[error("the client is closed")]
    Closed,
    /// The command can't be encoded. Nothing was sent.
    #[error("the command can't be written as Avro")]
    Unencodable(#[source] event_codec::Error),
    /// The command can't be enqueued: too large, or no such topic. Nothing was sent.
    #[error("the command was not sent")]
    NotSent(#[source] event_log::Error),
    /// Kafka didn't acknowledge the command. It may be there or not; sending the same command again is safe.
    #[error(
        "Kafka did not acknowledge the command {command_id}; it may or may not have been written, and sending it again is safe"
    )]
    NotAcknowledged {
        /// The command.
        command_id: CommandId,
        /// What Kafka said.
        #[source]
        source: event_log::Error,
    },
    /// The command was sent, and no reply came in time. It will be decided; sending the same command again is safe.
    #[error("no reply to the command {command_id} within {} s; it will still be decided, and sending it again is safe", .waited.as_secs_f32())]
    NoReply {
        /// The command.
        command_id: CommandId,
        /// How long was waited.
        waited: Duration,
    },
    /// The replies can't be read.
    #[error("the replies can't be read")]
    Replies(#[source] event_log::Error),
    /// A topic hasn't as many partitions as the settings say. Nothing was sent.
    #[error(
        "{topic} has {actual} partitions and `kafka.partitions` is {expected}: commands would go where others don't put them, \
         and some replies would never be read. If it was always {actual}, set kafka.partitions={actual}; if it was changed, \
         the topic has to be made anew with {expected} partitions and its records copied back"
    )]
    PartitionCount {
        /// The topic.
        topic: String,
        /// As set.
        expected: i32,
        /// As found.
        actual: i32,
    },
}

impl Error {
    /// Whether the command certainly didn't get to Kafka.
    pub fn is_unsent(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Closed | Self::Unencodable(_) | Self::NotSent(_))
    }
}
