//! Questions to the cluster about offsets and identities. All calls block up to their timeout.

mod group_offsets;

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{Offset, TopicPartitionList};
use uuid::Uuid;

pub use self::group_offsets::GroupOffsets;

use crate::context::LogContext;
use crate::{Error, Isolation, Kafka, Refusal, ffi};

/// The two ends of a partition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Watermarks {
    /// The first offset that may still hold a record.
    pub low: i64,
    /// One past the last: the high watermark, or the last stable offset for [`Isolation::Committed`].
    pub high: i64,
}

impl Watermarks {
    /// Whether there certainly is no record. (Control records and compaction leave holes: the opposite is not certain.)
    pub fn is_empty(self) -> bool {
        self.low >= self.high
    }
}

/// A client that only asks.
pub struct Offsets {
    kafka: Kafka,
    consumer: BaseConsumer<LogContext>,
    timeout: Duration,
}

impl Offsets {
    /// Connects in the background. `isolation` decides what the end of a partition is; `timeout` is that of each call.
    pub fn new(kafka: &Kafka, isolation: Isolation, timeout: Duration) -> Result<Self, Error> {
        let consumer = kafka
            .config()
            .set("isolation.level", isolation.as_property())
            .create_with_context(LogContext::new("offsets"))
            .map_err(Error::configuration)?;
        Ok(Self { kafka: kafka.clone(), consumer, timeout })
    }

    /// The ends of some partitions.
    pub fn watermarks(
        &self,
        topic: &str,
        partitions: impl IntoIterator<Item = i32>,
    ) -> Result<BTreeMap<i32, Watermarks>, Error> {
        let partitions: Vec<i32> = partitions.into_iter().collect();
        // Asked for as times, the two ends take one request each for all partitions.
        let low = self.look_up(topic, partitions.iter().map(|p| (*p, Offset::Beginning)))?;
        let high = self.look_up(topic, partitions.iter().map(|p| (*p, Offset::End)))?;
        let missing = || Error::UnknownTopic { topic: topic.to_owned() };
        partitions
            .into_iter()
            .map(|p| {
                let low = low.get(&p).copied().flatten().ok_or_else(missing)?;
                let high = high.get(&p).copied().flatten().ok_or_else(missing)?;
                Ok((p, Watermarks { low, high }))
            })
            .collect()
    }

    /// The first offset of each partition whose record is not older than `millis` since 1970; none if all are older.
    pub fn at_time(
        &self,
        topic: &str,
        partitions: impl IntoIterator<Item = i32>,
        millis: i64,
    ) -> Result<BTreeMap<i32, Option<i64>>, Error> {
        self.look_up(topic, partitions.into_iter().map(|p| (p, Offset::Offset(millis.max(0)))))
    }

    /// How many partitions a topic has; none if it does not exist.
    pub fn partition_count(&self, topic: &str) -> Result<Option<i32>, Error> {
        serve(&self.consumer);
        let metadata = self
            .consumer
            .fetch_metadata(Some(topic), self.timeout)
            .map_err(|source| self.error(topic, format!("looking up {topic}"), source))?;
        let found = metadata.topics().iter().find(|t| t.name() == topic);
        let code = found.and_then(rdkafka::metadata::MetadataTopic::error).map(RDKafkaErrorCode::from);
        if let Some(code @ RDKafkaErrorCode::TopicAuthorizationFailed) = code {
            return Err(Error::client(format!("looking up {topic}"), KafkaError::MetadataFetch(code)));
        }
        Ok(found
            .filter(|t| t.error().is_none() && !t.partitions().is_empty())
            .map(|t| t.partitions().len() as i32))
    }

    /// The cluster's id: another cluster has another.
    pub fn cluster_id(&self) -> Result<String, Error> {
        serve(&self.consumer);
        let id = self.consumer.client().fetch_cluster_id(self.timeout);
        id.ok_or_else(|| self.unreachable("looking up the cluster id"))
    }

    /// The topic's id: deleted and created anew, it has another.
    pub fn topic_id(&self, topic: &str) -> Result<Uuid, Error> {
        serve(&self.consumer);
        let error = |source| self.error(topic, format!("looking up the id of {topic}"), source);
        // Asked for an id, librdkafka tries without a pause to connect to a controller that is away: half a core's worth of it, for as
        // long as it is asked. Asked for metadata, it waits between two tries.
        self.consumer.fetch_metadata(Some(topic), self.timeout).map_err(error)?;
        ffi::topic_id(self.consumer.client(), topic, self.timeout)
            .map_err(|code| error(KafkaError::AdminOp(code)))
    }

    fn look_up(
        &self,
        topic: &str,
        what: impl Iterator<Item = (i32, Offset)>,
    ) -> Result<BTreeMap<i32, Option<i64>>, Error> {
        serve(&self.consumer);
        look_up(&self.consumer, topic, what, self.timeout)
            .map_err(|source| self.error(topic, format!("looking up offsets of {topic}"), source))
    }

    fn error(&self, topic: &str, doing: String, source: KafkaError) -> Error {
        lookup_error(&self.kafka, || heard(&self.consumer), topic, doing, self.timeout, source)
    }

    fn unreachable(&self, doing: &str) -> Error {
        unreachable(&self.kafka, heard(&self.consumer), doing.to_owned(), self.timeout)
    }
}

/// How long a client that only asks is served before each question.
const SERVE: Duration = Duration::from_millis(1);

/// Takes what librdkafka has to say out of its queue: nobody else polls a client that only asks, and in an outage it would gather there
/// without end.
pub(crate) fn serve(consumer: &BaseConsumer<LogContext>) {
    // An error ends a poll early; what it says the context has heard.
    while consumer.poll(SERVE).is_some() {}
}

/// Why a broker turned away a client that only asks, if that is among what librdkafka has to say.
pub(crate) fn heard(consumer: &BaseConsumer<LogContext>) -> Option<Refusal> {
    serve(consumer);
    consumer.context().refusal()
}

/// The offsets of ends or, as [`Offset::Offset`], of times: one request for each broker. None for a time after the last record.
pub(crate) fn look_up(
    consumer: &BaseConsumer<LogContext>,
    topic: &str,
    what: impl Iterator<Item = (i32, Offset)>,
    timeout: Duration,
) -> Result<BTreeMap<i32, Option<i64>>, KafkaError> {
    let mut list = TopicPartitionList::new();
    for (partition, offset) in what {
        list.add_partition_offset(topic, partition, offset)?;
    }
    if list.count() == 0 {
        return Ok(BTreeMap::new());
    }
    let found = consumer.offsets_for_times(list, timeout)?;
    let offset_of = |offset| match offset {
        Offset::Offset(offset) => Some(offset),
        _ => None,
    };
    found.elements().iter().map(|at| at.error().map(|()| (at.partition(), offset_of(at.offset())))).collect()
}

/// Sorts the error of a question about a topic.
pub(crate) fn lookup_error(
    kafka: &Kafka,
    refusal: impl FnOnce() -> Option<Refusal>,
    topic: &str,
    doing: String,
    waited: Duration,
    source: KafkaError,
) -> Error {
    let code = match &source {
        KafkaError::AdminOp(code) => Some(*code),
        other => other.rdkafka_error_code(),
    };
    match code {
        Some(code) if crate::context::is_disconnect(code) => unreachable(kafka, refusal(), doing, waited),
        Some(
            RDKafkaErrorCode::UnknownTopic
            | RDKafkaErrorCode::UnknownTopicOrPartition
            | RDKafkaErrorCode::UnknownPartition,
        ) => Error::UnknownTopic { topic: topic.to_owned() },
        _ => Error::client(doing, source),
    }
}

/// Nobody answered in time; or somebody did, and turned us away.
fn unreachable(kafka: &Kafka, refusal: Option<Refusal>, doing: String, waited: Duration) -> Error {
    let bootstrap = kafka.bootstrap().to_owned();
    match refusal {
        Some(why) => Error::Refused { bootstrap, doing, why },
        None => Error::Unreachable { bootstrap, doing, waited },
    }
}
