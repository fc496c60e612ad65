//! Posting commands from outside, as any client does.

use std::time::Duration;

use anyhow::{Context, Result};
use rdkafka::ClientConfig;
use rdkafka::error::KafkaError;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer as _, ThreadedProducer};
use rdkafka::types::RDKafkaErrorCode;

use crate::load::Load;
use crate::world::World;

/// Writes commands into a world's topic.
pub(crate) struct Posting {
    producer: ThreadedProducer<rdkafka::producer::DefaultProducerContext>,
    topic: std::sync::Arc<str>,
}

impl Posting {
    /// `linger` is how long a record may wait for others to go along with.
    pub(crate) fn new(world: &World, linger: Duration) -> Result<Self> {
        let producer = ClientConfig::new()
            .set("bootstrap.servers", &world.bootstrap)
            .set("enable.idempotence", "true")
            .set("compression.type", "lz4")
            .set("linger.ms", linger.as_millis().to_string())
            .set("message.max.bytes", "262144")
            .set("batch.size", "200000")
            .set("queue.buffering.max.messages", "200000")
            .create()?;
        Ok(Self { producer, topic: world.topics.commands.clone() })
    }

    /// Enqueues the nth command. It waits while the queue is full.
    pub(crate) fn post(&self, load: &Load, n: u64) -> Result<()> {
        let posted = load.record(n)?;
        let mut headers = OwnedHeaders::new_with_capacity(posted.headers.len());
        for (key, value) in posted.headers.iter() {
            headers = headers.insert(Header { key, value: Some(value) });
        }
        let mut record = BaseRecord::<[u8], [u8]>::to(&self.topic)
            .partition(posted.partition)
            .key(posted.key.as_bytes())
            .payload(&posted.value)
            .headers(headers);
        loop {
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), unsent)) => {
                    std::thread::sleep(Duration::from_millis(1));
                    record = unsent;
                }
                Err((error, _)) => return Err(error).context("a command can't be posted"),
            }
        }
    }

    /// Posts all of them, as fast as it goes, and waits until they lie in the topic.
    pub(crate) fn post_all(&self, load: &Load) -> Result<()> {
        for n in 0..load.len() {
            self.post(load, n)?;
        }
        self.flush()
    }

    pub(crate) fn flush(&self) -> Result<()> {
        Ok(self.producer.flush(Duration::from_secs(60))?)
    }
}
