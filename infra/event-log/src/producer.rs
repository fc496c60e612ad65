//! The producer of the async services: idempotent, acknowledged by all in-sync replicas, with a bounded queue.

use std::future::Future;
use std::time::Duration;

use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{FutureProducer, FutureRecord, Producer as _};

use crate::client::MAX_RECORD_BYTES;
use crate::context::LogContext;
use crate::{Error, Kafka, Outgoing, Position};

/// How a [`Producer`] is set up.
#[derive(Clone, Debug)]
pub struct ProducerSettings {
    /// How long a record may take until it is acknowledged, retries included.
    pub delivery_timeout: Duration,
    /// How many records may be under way; one more is [`Error::QueueFull`].
    pub max_in_queue: usize,
    /// The limit of the topics written to. The broker measures batches against it, so batches are kept below it too.
    pub max_record_bytes: usize,
}

impl Default for ProducerSettings {
    /// 10 s, 20,000 records, 2 MiB.
    fn default() -> Self {
        Self {
            delivery_timeout: Duration::from_secs(10),
            max_in_queue: 20_000,
            max_record_bytes: MAX_RECORD_BYTES,
        }
    }
}

impl ProducerSettings {
    /// For the commands topic, whose limit is 256 KiB.
    pub fn for_commands() -> Self {
        Self { max_record_bytes: crate::topics::COMMAND_BYTES, ..Self::default() }
    }
}

/// An idempotent producer. Cheap to clone; the clones share queue and connections.
#[derive(Clone)]
pub struct Producer {
    producer: FutureProducer<LogContext>,
}

impl Producer {
    /// Makes one. Connects in the background.
    pub fn new(kafka: &Kafka, settings: &ProducerSettings) -> Result<Self, Error> {
        let mut config = kafka.config();
        config
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("linger.ms", "1")
            .set("compression.type", "lz4")
            .set("message.timeout.ms", settings.delivery_timeout.as_millis().to_string())
            .set("queue.buffering.max.messages", settings.max_in_queue.to_string())
            .set("message.max.bytes", settings.max_record_bytes.to_string())
            .set("batch.size", settings.max_record_bytes.min(1_000_000).saturating_sub(1024).to_string());
        let producer =
            config.create_with_context(LogContext::new("producer")).map_err(Error::configuration)?;
        Ok(Self { producer })
    }

    /// Enqueues a record at once, in the order of the calls; the future resolves when it is acknowledged.
    ///
    /// A full queue or a record too large is an error at once, and then nothing was enqueued. Dropping the future does not
    /// take the record back.
    pub fn send(
        &self,
        record: &Outgoing,
    ) -> Result<impl Future<Output = Result<Position, Error>> + Send + use<>, Error> {
        let topic = record.topic.clone();
        let bytes = record.size();
        let mut native = FutureRecord::<[u8], [u8]>::to(&record.topic).partition(record.partition);
        native.key = record.key.as_deref();
        native.payload = record.value.as_deref();
        native.headers = record.headers.to_native();
        native.timestamp = record.timestamp;
        let delivery =
            self.producer.send_result(native).map_err(|(error, _)| refusal(&topic, bytes, error))?;
        Ok(async move {
            match delivery.await {
                Ok(Ok(written)) => Ok(Position { partition: written.partition, offset: written.offset }),
                Ok(Err((error, _))) => Err(refusal(&topic, bytes, error)),
                Err(_dropped) => Err(Error::client(format!("writing to {topic}"), KafkaError::Canceled)),
            }
        })
    }

    /// How many records are under way, roughly: reports that were not served yet count too.
    pub fn in_flight(&self) -> usize {
        usize::try_from(self.producer.in_flight_count()).unwrap_or(0)
    }

    /// Waits until nothing is under way any more. Blocks up to `timeout`.
    pub fn flush(&self, timeout: Duration) -> Result<(), Error> {
        self.producer.flush(timeout).map_err(|source| Error::client("flushing the send queue", source))
    }
}

fn refusal(topic: &str, bytes: usize, error: KafkaError) -> Error {
    match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::QueueFull) => Error::QueueFull,
        Some(RDKafkaErrorCode::MessageSizeTooLarge | RDKafkaErrorCode::InvalidMessageSize) => {
            Error::TooLarge { topic: topic.to_owned(), bytes }
        }
        Some(
            RDKafkaErrorCode::UnknownTopic
            | RDKafkaErrorCode::UnknownPartition
            | RDKafkaErrorCode::UnknownTopicOrPartition,
        ) => Error::UnknownTopic { topic: topic.to_owned() },
        _ => Error::client(format!("writing to {topic}"), error),
    }
}
