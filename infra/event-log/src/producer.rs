//! The producer of the async services: idempotent, acknowledged by all in-sync replicas, with a bounded queue.

use std::future::Future;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{FutureProducer, FutureRecord, Producer as _};

use crate::client::{MAX_RECORD_BYTES, PRODUCER_TUNING};
use crate::context::LogContext;
use crate::figures::STATISTICS;
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
///
/// librdkafka gives an idempotent producer up for good when its sequence of records has a hole that can't be mended, for
/// instance after a broker lost what it had acknowledged. Then a new one takes its place.
#[derive(Clone)]
pub struct Producer {
    current: Arc<RwLock<FutureProducer<LogContext>>>,
    config: rdkafka::ClientConfig,
}

impl Producer {
    /// Makes one. Connects in the background.
    pub fn new(kafka: &Kafka, settings: &ProducerSettings) -> Result<Self, Error> {
        let mut config = kafka.config();
        config
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("message.timeout.ms", settings.delivery_timeout.as_millis().to_string())
            .set("queue.buffering.max.messages", settings.max_in_queue.to_string())
            .set("message.max.bytes", settings.max_record_bytes.to_string())
            .set("batch.size", settings.max_record_bytes.min(1_000_000).saturating_sub(1024).to_string());
        kafka.tune(&mut config, PRODUCER_TUNING);
        kafka.tune(&mut config, STATISTICS);
        let current = Arc::new(RwLock::new(make(&config)?));
        Ok(Self { current, config })
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
        let producer = self.current();
        let sent = match producer.send_result(native) {
            Err((error, native)) if error.rdkafka_error_code() == Some(RDKafkaErrorCode::Fatal) => {
                self.replace(&producer)?.send_result(native)
            }
            sent => sent,
        };
        let delivery = sent.map_err(|(error, _)| refusal(&topic, bytes, error))?;
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
        usize::try_from(self.current().in_flight_count()).unwrap_or(0)
    }

    /// Waits until nothing is under way any more. Blocks up to `timeout`.
    pub fn flush(&self, timeout: Duration) -> Result<(), Error> {
        self.current().flush(timeout).map_err(|source| Error::client("flushing the send queue", source))
    }

    fn current(&self) -> FutureProducer<LogContext> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts a new producer in the place of one that was given up, unless another clone has done so already.
    fn replace(&self, lost: &FutureProducer<LogContext>) -> Result<FutureProducer<LogContext>, Error> {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if current.client().native_ptr() == lost.client().native_ptr() {
            let reason = lost.client().fatal_error().map(|(_, reason)| reason);
            tracing::error!(reason, "librdkafka has given the producer up; a new one takes its place");
            *current = make(&self.config)?;
        }
        Ok(current.clone())
    }
}

fn make(config: &rdkafka::ClientConfig) -> Result<FutureProducer<LogContext>, Error> {
    config.create_with_context(LogContext::new("producer")).map_err(Error::configuration)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_producer_that_was_given_up_is_replaced_once() {
        let producer = Producer::new(&Kafka::at("127.0.0.1:1"), &ProducerSettings::default()).unwrap();
        let clone = producer.clone();
        let first = producer.current();
        crate::ffi::give_up(&first);
        let record = Outgoing {
            topic: "t".into(),
            partition: 0,
            key: None,
            value: Some("v".into()),
            headers: crate::Headers::new(),
            timestamp: None,
        };
        assert!(producer.send(&record).is_ok(), "it waits in the queue of the new one");
        let second = clone.current();
        assert_ne!(first.client().native_ptr(), second.client().native_ptr());
        assert!(clone.replace(&first).is_ok());
        assert_eq!(clone.current().client().native_ptr(), second.client().native_ptr());
    }
}
