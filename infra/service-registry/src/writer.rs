//! Writing to the registry topic.

use std::sync::Arc;
use std::time::Duration;

use audit::AuditRecord;
use event_log::{Headers, Kafka, Outgoing, Producer, ProducerSettings, Topics};

use serde_json::json;

use crate::{Error, Record};

/// How long a record may be under way. A heartbeat that is older says nothing any more.
const DELIVERY: Duration = Duration::from_secs(5);
/// Records under way at most: far more than a service that writes for others has at once.
const QUEUE: usize = 10_000;
/// The topic has one partition, so that all see the same order.
pub(crate) const PARTITION: i32 = 0;

/// Writes records, for itself or for others. Clones share a producer.
#[derive(Clone)]
pub struct Writer {
    producer: Producer,
    topics: Topics,
}

impl Writer {
    /// Connects in the background.
    ///
    /// # Errors
    /// When no client can be made with these settings.
    pub fn new(kafka: &Kafka, topics: &Topics) -> Result<Self, Error> {
        Self::with_delivery(kafka, topics, DELIVERY)
    }

    /// The same with another time that a record may be under way.
    ///
    /// # Errors
    /// When no client can be made with these settings.
    pub fn with_delivery(kafka: &Kafka, topics: &Topics, delivery_timeout: Duration) -> Result<Self, Error> {
        let settings =
            ProducerSettings { delivery_timeout, max_in_queue: QUEUE, ..ProducerSettings::default() };
        Ok(Self { producer: Producer::new(kafka, &settings)?, topics: topics.clone() })
    }

    /// Writes a record, and gives its offset once all in-sync replicas have it. Records go out in the order of the calls.
    ///
    /// # Errors
    /// When it was not acknowledged in time (5 s, unless said otherwise); it may then have been written all the same.
    pub async fn write(&self, record: &Record) -> Result<i64, Error> {
        let outgoing = Outgoing {
            topic: Arc::clone(&self.topics.registry),
            partition: PARTITION,
            key: Some(record.key().into()),
            value: record.value().map(Into::into),
            headers: Headers::new(),
            timestamp: None,
        };
        Ok(self.producer.send(&outgoing)?.await?.offset)
    }

    /// Writes what somebody says of an instance, and before it that it was they who did.
    ///
    /// Not in one transaction: an open one would hold back everybody's heartbeats. So there may be an audit record of what then
    /// could not be written, but nothing is written without one.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub async fn overrule(&self, record: &Record, who: &str) -> Result<i64, Error> {
        let (action, detail) = match record {
            Record::TakenOut(_, out) => {
                ("registry.take_out", json!({ "status": out.status, "reason": out.reason }))
            }
            Record::PutBack(_) => ("registry.put_back", json!(null)),
            Record::Lease(lease) => {
                ("registry.register", json!({ "address": lease.address.as_str(), "status": lease.status }))
            }
            Record::Gone(_) => ("registry.cancel", json!(null)),
        };
        let told = AuditRecord::now(who, action, record.id().to_string(), detail);
        self.producer.send(&audit::record(&self.topics, &told))?.await?;
        self.write(record).await
    }
}
