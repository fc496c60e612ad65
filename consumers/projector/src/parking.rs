//! Putting records among the dead letters.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use event_codec::headers::TRACEPARENT;
use event_log::{Kafka, Outgoing, Parked, Producer, ProducerSettings, Received};
use shipment_events::Timestamp;
use telemetry::TraceContext;
use tokio_util::sync::CancellationToken;

use crate::Error;
use crate::intake::Unprojectable;
use crate::metrics;
use crate::pause::Pauses;

/// Where parked records go.
#[derive(Clone)]
pub(crate) struct Parking {
    producer: Producer,
    topic: Arc<str>,
    longest_pause: Duration,
}

impl Parking {
    pub(crate) fn new(kafka: &Kafka, topic: Arc<str>, longest_pause: Duration) -> Result<Self, Error> {
        let producer = Producer::new(kafka, &ProducerSettings::default())?;
        Ok(Self { producer, topic, longest_pause })
    }

    /// Parks a record, however long that takes: it returns when the dead letter is durable.
    pub(crate) async fn park(
        &self,
        record: &Received,
        why: &Unprojectable,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        let parked = Parked { by: "projector", code: why.code, text: &why.text, at: now() };
        self.put(&parked.letter(&self.topic, record), cancel).await?;
        metrics::PARKED.with_label_values(&[why.code]).inc();
        tracing::warn!(
            topic = %record.topic,
            partition = record.partition,
            offset = record.offset,
            code = why.code,
            trace_id = TraceContext::id_of(record.headers.get_str(TRACEPARENT)).map(tracing::field::display),
            "record parked; see `parceltrack dead-letters list`"
        );
        Ok(())
    }

    /// Writes a record, however long that takes.
    pub(crate) async fn put(&self, letter: &Outgoing, cancel: &CancellationToken) -> Result<(), Error> {
        let mut pauses = Pauses::up_to(self.longest_pause);
        loop {
            let sent = match self.producer.send(letter) {
                // Who is told to stop doesn't wait for the answer: the record is dealt with again, and so is parked at least once.
                Ok(delivery) => tokio::select! {
                    () = cancel.cancelled() => return Err(Error::Cancelled),
                    sent = delivery => sent,
                },
                Err(error) => Err(error),
            };
            match sent {
                Ok(_) => return Ok(()),
                Err(error @ (event_log::Error::UnknownTopic { .. } | event_log::Error::TooLarge { .. })) => {
                    return Err(error.into());
                }
                Err(error) => tracing::warn!(%error, topic = %letter.topic, "can't write, trying again"),
            }
            pauses.wait(cancel).await?;
        }
    }
}

/// The time now.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(since.as_millis() as i64)
}
