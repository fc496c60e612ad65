//! Reading partitions of a topic without a group: restore, replies, tail, rebuild, verify.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{Offset, TopicPartitionList};

use crate::context::{LogContext, is_disconnect};
use crate::offsets::{heard, look_up, lookup_error};
use crate::record::Copier;
use crate::{Error, Isolation, Kafka, Position, READER_GROUP, Received};

/// How long [`Reader::open`] looks for the ends of the partitions.
const OPEN_TIMEOUT: Duration = Duration::from_secs(15);

/// Where in a partition to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// The first record that is still there.
    Beginning,
    /// The end as it is when the reader is opened: whatever is written after that is read.
    End,
    /// An offset, or the next one after it that holds a record.
    At(i64),
}

/// What a reader brings.
#[derive(Debug)]
pub enum ReaderEvent {
    /// A record.
    Record(Received),
    /// The end of a partition was reached, for the isolation level of the reader, at this offset. Comes again after more was
    /// read.
    ///
    /// It is the end as the broker saw it that answered. One that has just become leader may for a moment not know how far
    /// the others have got, and tell of an earlier end than its predecessor did: who must have read up to a certain offset
    /// compares. The offset counts control records, which a record's own offset doesn't tell of.
    Eof(Position),
}

/// Reads given partitions of one topic. Blocking; see [`crate::ReaderStream`] for async code.
pub struct Reader {
    consumer: BaseConsumer<LogContext>,
    topic: Arc<str>,
    partitions: BTreeSet<i32>,
    copier: Copier,
}

impl Reader {
    /// Looks up where the partitions begin and end, and starts to read. Blocks until they are found.
    pub fn open(
        kafka: &Kafka,
        topic: &str,
        starts: &[(i32, Start)],
        isolation: Isolation,
    ) -> Result<Self, Error> {
        let consumer: BaseConsumer<LogContext> = kafka
            .config()
            // librdkafka hands out records only to consumers with a group; this one is never joined nor committed to.
            .set("group.id", READER_GROUP)
            .set("isolation.level", isolation.as_property())
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("enable.partition.eof", "true")
            .set("auto.offset.reset", "error")
            .set("fetch.queue.backoff.ms", "5")
            // The end of a partition is noticed only when a fetch comes back empty.
            .set("fetch.wait.max.ms", "100")
            .set("queued.max.messages.kbytes", "16384")
            .create_with_context(LogContext::new("reader"))
            .map_err(Error::configuration)?;
        // Looked up here, not by librdkafka in the background: that takes it half a second, and nothing would say from when on
        // nothing is missed.
        let lookups = starts.iter().filter_map(|(partition, start)| match start {
            Start::Beginning => Some((*partition, Offset::Beginning)),
            Start::End => Some((*partition, Offset::End)),
            Start::At(_) => None,
        });
        let found = look_up(&consumer, topic, lookups, OPEN_TIMEOUT).map_err(|source| {
            let doing = format!("looking up offsets of {topic}");
            lookup_error(kafka, || heard(&consumer), topic, doing, OPEN_TIMEOUT, source)
        })?;
        let mut list = TopicPartitionList::with_capacity(starts.len());
        for (partition, start) in starts {
            let offset = match start {
                Start::At(offset) => Some(*offset),
                Start::Beginning | Start::End => found.get(partition).copied().flatten(),
            };
            let offset = offset.ok_or_else(|| Error::UnknownTopic { topic: topic.to_owned() })?;
            list.add_partition_offset(topic, *partition, Offset::Offset(offset))
                .map_err(|source| Error::client(format!("assigning {topic}[{partition}]"), source))?;
        }
        consumer.assign(&list).map_err(|source| Error::client(format!("assigning {topic}"), source))?;
        let partitions = starts.iter().map(|(partition, _)| *partition).collect();
        Ok(Self { consumer, topic: topic.into(), partitions, copier: Copier::default() })
    }

    /// Waits up to `timeout` for what comes next. Lost connections are mended silently.
    pub fn next(&mut self, timeout: Duration) -> Result<Option<ReaderEvent>, Error> {
        match self.consumer.poll(timeout) {
            None => Ok(None),
            Some(Ok(message)) => Ok(Some(ReaderEvent::Record(self.copier.copy(&message)))),
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                let offset = self.consumer.context().ended_at();
                debug_assert!(offset.is_some(), "librdkafka says in other words where a partition ends");
                Ok(offset.map(|offset| ReaderEvent::Eof(Position { partition, offset })))
            }
            Some(Err(error)) => triage(&self.topic, error).map(|()| None),
        }
    }

    /// Reads until the end of each partition was reached once, and gives every record to `take`.
    ///
    /// Blocks as long as that takes; fails when nothing at all comes for `patience`.
    pub fn read_to_end<E: From<Error>>(
        &mut self,
        patience: Duration,
        mut take: impl FnMut(Received) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut unfinished = self.partitions.clone();
        while !unfinished.is_empty() {
            match self.next(patience)? {
                Some(ReaderEvent::Record(record)) => take(record)?,
                Some(ReaderEvent::Eof(end)) => {
                    unfinished.remove(&end.partition);
                }
                None => return Err(E::from(self.stalled(patience))),
            }
        }
        Ok(())
    }

    /// The topic it reads.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// The partitions it reads.
    pub fn partitions(&self) -> &BTreeSet<i32> {
        &self.partitions
    }

    fn stalled(&self, waited: Duration) -> Error {
        Error::client(
            format!("reading {} to its end, with nothing for {} s,", self.topic, waited.as_secs_f32()),
            KafkaError::MessageConsumption(RDKafkaErrorCode::OperationTimedOut),
        )
    }
}

fn triage(topic: &str, error: KafkaError) -> Result<(), Error> {
    match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange) => {
            Err(Error::OffsetGone { topic: topic.to_owned() })
        }
        Some(
            RDKafkaErrorCode::UnknownTopic
            | RDKafkaErrorCode::UnknownTopicOrPartition
            | RDKafkaErrorCode::UnknownPartition,
        ) => Err(Error::UnknownTopic { topic: topic.to_owned() }),
        // This consumer is never polled for its group's sake.
        Some(RDKafkaErrorCode::PollExceeded) => Ok(()),
        Some(code) if is_disconnect(code) => Ok(()),
        _ => Err(Error::client(format!("reading {topic}"), error)),
    }
}
