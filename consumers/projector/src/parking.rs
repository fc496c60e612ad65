//! Putting records among the dead letters.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use event_codec::headers::{
    PT_ERROR_AT, PT_ERROR_BY, PT_ERROR_CODE, PT_ERROR_CUT, PT_ERROR_OFFSET, PT_ERROR_PARTITION,
    PT_ERROR_TEXT, PT_ERROR_TIME, PT_ERROR_TOPIC,
};
use event_log::{Headers, Kafka, Outgoing, Producer, ProducerSettings, Received};
use shipment_events::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::Error;
use crate::intake::Unprojectable;
use crate::metrics;
use crate::pause::Pauses;

/// No dead letter's key, value and headers have more than this together; the topic takes 2 MiB, overhead included.
const MAX_BYTES: usize = 2 * 1024 * 1024 - 64 * 1024;
/// Nobody needs more of an explanation.
const MAX_TEXT: usize = 4096;
/// A header takes so much beside its name and value, at most.
const HEADER_BYTES: usize = 10;

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
        self.put(&letter(&self.topic, record, why, now()), cancel).await?;
        metrics::PARKED.with_label_values(&[why.code]).inc();
        tracing::warn!(
            topic = %record.topic,
            partition = record.partition,
            offset = record.offset,
            code = why.code,
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

/// The record as it came, with why it is parked. It gets the time of its parking, or retention would take the dead letter of
/// an old event at once; its own time goes into a header.
fn letter(topic: &Arc<str>, record: &Received, why: &Unprojectable, now: Timestamp) -> Outgoing {
    let mut text = why.text.clone();
    text.truncate(text.floor_char_boundary(MAX_TEXT));
    let mut about = Headers::new()
        .with(PT_ERROR_CODE, why.code)
        .with(PT_ERROR_TEXT, text)
        .with(PT_ERROR_BY, "projector")
        .with(PT_ERROR_TOPIC, record.topic.to_string())
        .with(PT_ERROR_PARTITION, record.partition.to_string())
        .with(PT_ERROR_OFFSET, record.offset.to_string())
        .with(PT_ERROR_AT, now.to_string());
    if let Some(millis) = record.timestamp.millis() {
        about.push(PT_ERROR_TIME, Timestamp::from_millis(millis).to_string());
    }
    let mut letter = Outgoing {
        topic: topic.clone(),
        partition: record.partition,
        key: record.key.clone(),
        value: record.value.clone(),
        headers: record.headers.clone(),
        timestamp: None,
    };
    cut_to_fit(&mut letter, &mut about);
    for (name, value) in about.iter() {
        letter.headers.push(name, value.to_vec());
    }
    letter
}

/// Of a record that fills its topic's limit to the brim there is no room for the explanation: as much is kept as fits, and
/// a header says so. The whole of it stays where it came from.
fn cut_to_fit(letter: &mut Outgoing, about: &mut Headers) {
    let about_bytes = about.size() + (about.len() + 1) * HEADER_BYTES + 64;
    let whole = letter.size() + letter.headers.len() * HEADER_BYTES;
    if whole + about_bytes <= MAX_BYTES {
        return;
    }
    about.push(PT_ERROR_CUT, format!("{whole} bytes in all"));
    let room = MAX_BYTES - about_bytes;
    if letter.headers.size() + letter.headers.len() * HEADER_BYTES > room / 4 {
        letter.headers = Headers::new();
    }
    if let Some(key) = &mut letter.key {
        key.truncate(room / 4);
    }
    let taken = letter.headers.size()
        + letter.headers.len() * HEADER_BYTES
        + letter.key.as_ref().map_or(0, Bytes::len);
    if let Some(value) = &mut letter.value {
        value.truncate(room - taken);
    }
}

/// The time now.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(since.as_millis() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(value: usize, headers: Headers) -> Received {
        Received {
            topic: "events".into(),
            partition: 3,
            offset: 12,
            timestamp: event_log::Timestamp::Created(1_772_409_600_000),
            key: Some("k".into()),
            value: Some(vec![7; value].into()),
            headers,
        }
    }

    fn parked(record: &Received) -> Outgoing {
        let why = Unprojectable { code: "undecodable", text: "é".repeat(10_000) };
        letter(&"dead".into(), record, &why, Timestamp::from_millis(0))
    }

    #[test]
    fn a_dead_letter_is_the_record_with_a_reason() {
        let letter = parked(&record(10, Headers::new().with("pt-schema", "x")));
        assert_eq!((letter.partition, letter.key.as_deref()), (3, Some(&b"k"[..])));
        assert_eq!(letter.value.as_ref().map(Bytes::len), Some(10));
        for (name, value) in [
            ("pt-schema", "x"),
            (PT_ERROR_CODE, "undecodable"),
            (PT_ERROR_BY, "projector"),
            (PT_ERROR_TOPIC, "events"),
            (PT_ERROR_PARTITION, "3"),
            (PT_ERROR_OFFSET, "12"),
            (PT_ERROR_AT, "1970-01-01T00:00:00.000Z"),
            (PT_ERROR_TIME, "2026-03-02T00:00:00.000Z"),
        ] {
            assert_eq!(letter.headers.get_str(name), Some(value), "{name}");
        }
        assert!(letter.headers.get_str(PT_ERROR_TEXT).is_some_and(|text| text.len() <= MAX_TEXT));
        assert_eq!(letter.headers.get(PT_ERROR_CUT), None);
    }

    #[test]
    fn the_largest_record_there_is_can_be_parked() {
        let many = || (0..50_000).map(|n| (format!("h{n}"), vec![1; 20])).collect::<Headers>();
        for record in [record(2 * 1024 * 1024, Headers::new()), record(1024 * 1024, many())] {
            let letter = parked(&record);
            assert!(letter.size() + letter.headers.len() * HEADER_BYTES <= MAX_BYTES);
            assert!(letter.headers.get_str(PT_ERROR_CUT).is_some());
        }
    }
}
