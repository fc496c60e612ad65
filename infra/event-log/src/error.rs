//! What can go wrong outside a transaction, with the way out.

use std::time::Duration;

use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use crate::Refusal;
use crate::context::is_disconnect;

/// An error of a client. Those of transactional calls are [`crate::Fault`]s.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A property was given that is not the user's to set.
    #[error("the Kafka property `{name}` can't be set: {reason}")]
    ReservedProperty {
        /// The property.
        name: &'static str,
        /// Why it is ours.
        reason: &'static str,
    },
    /// librdkafka refuses the configuration.
    #[error("the Kafka client can't be made; check the properties under `kafka.properties`")]
    Configuration {
        /// What librdkafka says.
        #[source]
        source: Box<KafkaError>,
    },
    /// No broker answered in time.
    #[error("Kafka at {bootstrap} did not answer within {} s while {doing}; is it up, and is `kafka.bootstrap` right?", .waited.as_secs_f32())]
    Unreachable {
        /// The addresses tried.
        bootstrap: String,
        /// What was being done.
        doing: String,
        /// How long.
        waited: Duration,
    },
    /// A broker answered, and turned this client away.
    #[error("Kafka at {bootstrap} refused the connection while {doing}: {why}")]
    Refused {
        /// The addresses tried.
        bootstrap: String,
        /// What was being done.
        doing: String,
        /// Why, and what to look at.
        why: Refusal,
    },
    /// The queue of records to send is full: Kafka does not keep up. Nothing was enqueued.
    #[error("the send queue is full: Kafka does not keep up")]
    QueueFull,
    /// The record is larger than its topic takes. Nothing was written.
    #[error("a record of {bytes} bytes is larger than {topic} takes")]
    TooLarge {
        /// The topic.
        topic: String,
        /// The record's size.
        bytes: usize,
    },
    /// The topic, or that partition of it, does not exist.
    #[error("{topic} does not exist; create it with `parceltrack topics apply`")]
    UnknownTopic {
        /// The topic.
        topic: String,
    },
    /// The topic has fewer partitions than that.
    #[error("{topic} has the partitions 0 to {}, not {partition}", .count - 1)]
    NoPartition {
        /// The topic.
        topic: String,
        /// The partition asked for.
        partition: i32,
        /// How many there are.
        count: i32,
    },
    /// The group has no committed offset for a partition (or one that is gone), and none may be made up.
    #[error(
        "group {group} has no committed offset on {topics}, or one that is no longer in the log; say where it shall start with \
         kafka-consumer-groups.sh --bootstrap-server {bootstrap} --group {group} --topic {topics} --reset-offsets --execute \
         and one of --to-earliest, --to-latest, --to-datetime, --to-offset"
    )]
    NoOffset {
        /// The addresses of the cluster.
        bootstrap: String,
        /// The group.
        group: String,
        /// The topics it reads.
        topics: String,
    },
    /// The offset to read from is not in the log: already deleted, or past its end.
    #[error(
        "the offset to start from on {topic} is not in its log: deleted by retention, or of an earlier topic of that name"
    )]
    OffsetGone {
        /// The topic.
        topic: String,
    },
    /// Another consumer took this one's `group.instance.id`, and took it again after this one had joined anew: this process is
    /// the older one and must stop.
    #[error(
        "another member of group {group} runs under the instance id {instance}; give each process its own"
    )]
    Fenced {
        /// The group.
        group: String,
        /// The id.
        instance: String,
    },
    /// The client was evicted from its group or has not joined yet: committing would be unguarded.
    #[error("not a member of group {group} at the moment; nothing was committed")]
    NotAMember {
        /// The group.
        group: String,
    },
    /// The group has live members, so its offsets can't be set from outside.
    #[error("group {group} has {members} live members; stop them, then set its offsets")]
    GroupInUse {
        /// The group.
        group: String,
        /// How many.
        members: usize,
    },
    /// The broker knows who asks, and says that he may not.
    #[error(
        "{doing} was refused: this user has no right to it; `parceltrack acls` shows what each role needs"
    )]
    Denied {
        /// What was being done.
        doing: String,
        /// What librdkafka says.
        #[source]
        source: Box<KafkaError>,
    },
    /// Whatever else librdkafka reports.
    #[error("{doing} failed")]
    Client {
        /// What was being done.
        doing: String,
        /// What librdkafka says.
        #[source]
        source: Box<KafkaError>,
    },
    /// The thread behind a stream is gone.
    #[error("the reading thread has ended")]
    Ended,
}

impl Error {
    pub(crate) fn client(doing: impl Into<String>, source: KafkaError) -> Self {
        let (doing, source) = (doing.into(), Box::new(source));
        let code = match &*source {
            KafkaError::AdminOp(code) => Some(*code),
            other => other.rdkafka_error_code(),
        };
        match code {
            Some(code) if is_denial(code) => Self::Denied { doing, source },
            _ => Self::Client { doing, source },
        }
    }

    pub(crate) fn configuration(source: KafkaError) -> Self {
        Self::Configuration { source: Box::new(source) }
    }

    /// Whether the same call may well succeed a little later, with nothing changed.
    pub fn is_transient(&self) -> bool {
        match self {
            // Who was turned away may be let in once somebody has set the password there.
            Self::Unreachable { .. } | Self::Refused { .. } | Self::QueueFull => true,
            Self::Client { source, .. } => source.rdkafka_error_code().is_some_and(|code| {
                is_disconnect(code)
                    || matches!(
                        code,
                        RDKafkaErrorCode::MessageTimedOut
                            | RDKafkaErrorCode::LeaderNotAvailable
                            | RDKafkaErrorCode::FencedLeaderEpoch
                            | RDKafkaErrorCode::UnknownLeaderEpoch
                            | RDKafkaErrorCode::OffsetNotAvailable
                            | RDKafkaErrorCode::ReplicaNotAvailable
                            | RDKafkaErrorCode::BrokerNotAvailable
                            | RDKafkaErrorCode::NotLeaderForPartition
                            | RDKafkaErrorCode::CoordinatorLoadInProgress
                            | RDKafkaErrorCode::CoordinatorNotAvailable
                            | RDKafkaErrorCode::NotCoordinator
                            | RDKafkaErrorCode::NotEnoughReplicas
                            | RDKafkaErrorCode::NotEnoughReplicasAfterAppend
                            | RDKafkaErrorCode::UnstableOffsetCommit
                            | RDKafkaErrorCode::WaitingForCoordinator
                    )
            }),
            _ => false,
        }
    }
}

fn is_denial(code: RDKafkaErrorCode) -> bool {
    matches!(
        code,
        RDKafkaErrorCode::TopicAuthorizationFailed
            | RDKafkaErrorCode::GroupAuthorizationFailed
            | RDKafkaErrorCode::ClusterAuthorizationFailed
            | RDKafkaErrorCode::TransactionalIdAuthorizationFailed
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_not_is_told_so_and_waiting_does_not_help() {
        let code = RDKafkaErrorCode::TopicAuthorizationFailed;
        for source in [KafkaError::MessageProduction(code), KafkaError::AdminOp(code)] {
            let error = Error::client("writing to t", source);
            assert!(matches!(error, Error::Denied { .. }) && !error.is_transient(), "{error}");
            assert!(error.to_string().contains("`parceltrack acls`"), "{error}");
        }
    }
}
