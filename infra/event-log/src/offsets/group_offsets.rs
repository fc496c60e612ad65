//! The committed offsets of a group, seen and set from outside.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::{Offset, TopicPartitionList};

use crate::context::LogContext;
use crate::group::committed;
use crate::offsets::serve;
use crate::{Error, Isolation, Kafka, Offsets, TopicPartition};

/// A look at a group from outside; it never joins.
pub struct GroupOffsets {
    kafka: Kafka,
    consumer: BaseConsumer<LogContext>,
    group: String,
    timeout: Duration,
    /// Made when the lag is first asked for.
    ends: Mutex<Option<(Isolation, Arc<Offsets>)>>,
}

impl GroupOffsets {
    /// Connects in the background. `timeout` is that of each call.
    pub fn new(kafka: &Kafka, group: &str, timeout: Duration) -> Result<Self, Error> {
        let consumer = kafka
            .config()
            .set("group.id", group)
            .set("isolation.level", Isolation::Committed.as_property())
            .set("enable.auto.commit", "false")
            .create_with_context(LogContext::new("group offsets"))
            .map_err(Error::configuration)?;
        Ok(Self { kafka: kafka.clone(), consumer, group: group.to_owned(), timeout, ends: Mutex::default() })
    }

    /// For each partition the committed offset; none if there is none. Waits while an open transaction carries some.
    pub fn committed(
        &self,
        partitions: &[TopicPartition],
    ) -> Result<Vec<(TopicPartition, Option<i64>)>, Error> {
        serve(&self.consumer);
        committed(&self.consumer, &self.group, partitions, self.timeout)
    }

    /// How far the group is behind on each of a topic's partitions, in offsets; control records count, so that it need not
    /// reach 0 exactly. A partition without a committed offset counts from its beginning.
    pub fn lag(&self, topic: &str, isolation: Isolation) -> Result<Vec<(TopicPartition, i64)>, Error> {
        let offsets = self.ends(isolation)?;
        let count =
            offsets.partition_count(topic)?.ok_or_else(|| Error::UnknownTopic { topic: topic.to_owned() })?;
        let partitions: Vec<_> = (0..count).map(|p| TopicPartition::new(topic, p)).collect();
        let ends = offsets.watermarks(topic, 0..count)?;
        let committed = self.committed(&partitions)?;
        Ok(committed
            .into_iter()
            .filter_map(|(at, offset)| {
                let end = ends.get(&at.partition)?;
                let lag = end.high - offset.unwrap_or(end.low).max(end.low);
                Some((at, lag.max(0)))
            })
            .collect())
    }

    fn ends(&self, isolation: Isolation) -> Result<Arc<Offsets>, Error> {
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        match &*ends {
            Some((of, offsets)) if *of == isolation => Ok(offsets.clone()),
            _ => {
                let offsets = Arc::new(Offsets::new(&self.kafka, isolation, self.timeout)?);
                *ends = Some((isolation, offsets.clone()));
                Ok(offsets)
            }
        }
    }

    /// How many live members the group has.
    pub fn members(&self) -> Result<usize, Error> {
        serve(&self.consumer);
        let list = self
            .consumer
            .fetch_group_list(Some(&self.group), self.timeout)
            .map_err(|source| Error::client(format!("looking up group {}", self.group), source))?;
        Ok(list.groups().iter().filter(|g| g.name() == self.group).map(|g| g.members().len()).sum())
    }

    /// Sets committed offsets. Refused while the group has live members: they would not notice.
    pub fn set(&self, offsets: &[(TopicPartition, i64)]) -> Result<(), Error> {
        let members = self.members()?;
        if members > 0 {
            return Err(Error::GroupInUse { group: self.group.clone(), members });
        }
        let mut list = TopicPartitionList::with_capacity(offsets.len());
        for (at, offset) in offsets {
            list.add_partition_offset(&at.topic, at.partition, Offset::Offset(*offset))
                .map_err(|source| Error::client(format!("setting {offset} on {at}"), source))?;
        }
        if list.count() == 0 {
            return Ok(());
        }
        self.consumer
            .commit(&list, CommitMode::Sync)
            .map_err(|source| Error::client(format!("setting the offsets of group {}", self.group), source))
    }
}
