//! What a member knows of itself and of its group.

use std::fmt;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext, ConsumerGroupMetadata};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::{list, offsets_of};
use crate::context::is_disconnect;
use crate::{Error, TopicPartition, ffi};

/// Who a consumer was in its group at one moment: a real member of a real generation.
pub struct GroupMetadata {
    native: ConsumerGroupMetadata,
    member: String,
    generation: i32,
}

impl GroupMetadata {
    /// The member id that the broker gave.
    pub fn member(&self) -> &str {
        &self.member
    }

    /// The generation: one more with each rebalance.
    pub fn generation(&self) -> i32 {
        self.generation
    }

    pub(crate) fn native(&self) -> &ConsumerGroupMetadata {
        &self.native
    }

    pub(super) fn of<C: ConsumerContext>(consumer: &BaseConsumer<C>) -> Option<Self> {
        // rdkafka's metadata can't be looked into, so it is taken between two looks: if both see the same generation, which
        // never comes back once it is over, so did it.
        let (member, generation) = ffi::group_identity(consumer.client())?;
        let native = consumer.group_metadata()?;
        let after = ffi::group_identity(consumer.client())?;
        let unchanged = after.0 == member && after.1 == generation;
        (unchanged && generation >= 0 && !member.is_empty()).then_some(Self { native, member, generation })
    }
}

impl fmt::Debug for GroupMetadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.member, self.generation)
    }
}

/// The offsets a group committed. With a read-committed consumer the broker refuses to tell while a transaction that
/// carries some is undecided; this waits for it.
pub(crate) fn committed<C: ConsumerContext>(
    consumer: &BaseConsumer<C>,
    group: &str,
    partitions: &[TopicPartition],
    timeout: Duration,
) -> Result<Vec<(TopicPartition, Option<i64>)>, Error> {
    if partitions.is_empty() {
        return Ok(Vec::new());
    }
    let deadline = Instant::now() + timeout;
    loop {
        let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        let fetched = consumer.committed_offsets(list(partitions), left).and_then(|list| {
            list.elements()
                .iter()
                .try_for_each(rdkafka::topic_partition_list::TopicPartitionListElem::error)?;
            Ok(offsets_of(&list))
        });
        match fetched {
            Ok(offsets) => return Ok(offsets),
            Err(error) if is_passing(&error) && Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(source) => {
                return Err(Error::client(
                    format!("fetching the committed offsets of group {group}"),
                    source,
                ));
            }
        }
    }
}

fn is_passing(error: &KafkaError) -> bool {
    error.rdkafka_error_code().is_some_and(|code| {
        is_disconnect(code)
            || matches!(
                code,
                RDKafkaErrorCode::UnstableOffsetCommit
                    | RDKafkaErrorCode::WaitingForCoordinator
                    | RDKafkaErrorCode::NotCoordinator
                    | RDKafkaErrorCode::CoordinatorLoadInProgress
                    | RDKafkaErrorCode::CoordinatorNotAvailable
                    | RDKafkaErrorCode::RebalanceInProgress
            )
    })
}
