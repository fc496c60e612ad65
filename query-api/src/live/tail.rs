//! The tail of the events topic. It only wakes: what is shown comes from the database.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use event_log::{Error, Isolation, Kafka, Offsets, ReaderEvent, ReaderStream, Start, Watermarks};
use shipment_events::{Sequence, ShipmentId};
use telemetry::Condition;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Hub;
use super::pushing::Woken;
use crate::metrics;

/// How long Kafka may take to answer a question.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The pause between two looks whether Kafka answers: a reader waits for it silently.
const BETWEEN_LOOKS: Duration = Duration::from_secs(3);
/// How far back the tail begins the first time: the rows of events before are written by now.
const LOOK_BACK: Duration = Duration::from_secs(30);
/// The first pause before the tail is opened again; it doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_millis(500);
/// The longest.
const LONGEST: Duration = Duration::from_secs(10);

/// Follows the events topic.
pub(crate) struct Tail {
    kafka: Kafka,
    topic: Arc<str>,
    hub: Hub,
    condition: Condition,
    /// The topic that was read last: made anew under the same name it is another.
    topic_id: Option<Uuid>,
    /// Where to go on in it, by partition: what is written while the tail is lost is read later.
    positions: BTreeMap<i32, i64>,
}

/// The topic, and where its partitions begin and end.
struct Found {
    offsets: Offsets,
    topic_id: Uuid,
    ends: BTreeMap<i32, Watermarks>,
    /// Where the last [`LOOK_BACK`] begins; none where nothing was written since.
    lately: BTreeMap<i32, Option<i64>>,
}

impl Tail {
    pub(crate) fn new(kafka: Kafka, topic: Arc<str>, hub: Hub, condition: Condition) -> Self {
        Self { kafka, topic, hub, condition, topic_id: None, positions: BTreeMap::new() }
    }

    /// Follows until `stop`, opening the tail again whenever it is lost.
    pub(crate) async fn follow(mut self, stop: CancellationToken) {
        let mut pause = FIRST;
        loop {
            let opened = tokio::select! {
                opened = self.open() => opened,
                () = stop.cancelled() => return,
            };
            let error = match opened {
                Ok((stream, found)) => {
                    pause = FIRST;
                    let looking = look(found, Arc::clone(&self.topic), self.condition.clone());
                    tokio::select! {
                        error = self.read(stream) => error,
                        error = looking => error,
                        () = stop.cancelled() => return,
                    }
                }
                Err(error) => error,
            };
            self.lost(&error, pause);
            tokio::select! {
                () = sleep(pause) => pause = (pause * 2).min(LONGEST),
                () = stop.cancelled() => return,
            }
        }
    }

    fn lost(&self, error: &Error, pause: Duration) {
        metrics::TAIL_LOST.inc();
        self.condition.unmet(format!("the tail of {} can't be read: live updates are late", self.topic));
        let (error, retry_in_ms) = (error as &dyn std::error::Error, pause.as_millis() as u64);
        tracing::warn!(error, retry_in_ms, "the tail of events is lost; opening it again");
    }

    /// Where it was left; a little before the end the first time.
    async fn open(&mut self) -> Result<(ReaderStream, Found), Error> {
        let (kafka, topic) = (self.kafka.clone(), Arc::clone(&self.topic));
        let finding = tokio::task::spawn_blocking(move || find(&kafka, &topic));
        let found = finding.await.map_err(|_| Error::Ended)??;
        if self.topic_id.replace(found.topic_id).is_some_and(|before| before != found.topic_id) {
            // All of it was written since.
            self.positions = found.ends.iter().map(|(partition, ends)| (*partition, ends.low)).collect();
        }
        self.positions = positions(&self.positions, &found.lately, &found.ends);
        let starts =
            self.positions.iter().map(|(partition, offset)| (*partition, Start::At(*offset))).collect();
        let stream = ReaderStream::open(&self.kafka, &self.topic, starts, Isolation::Committed).await?;
        self.condition.met();
        // Rows that were read before there was a tail.
        self.hub.wake_all();
        Ok((stream, found))
    }

    /// Wakes whoever watches, until the stream breaks.
    async fn read(&mut self, mut stream: ReaderStream) -> Error {
        loop {
            let chunk = match stream.next_chunk().await {
                Ok(chunk) => chunk,
                Err(error) => return error,
            };
            for event in chunk {
                let ReaderEvent::Record(record) = event else { continue };
                self.positions.insert(record.partition, record.offset + 1);
                if let Some((id, sequence)) = record.key_str().and_then(parse) {
                    self.hub.wake(id, sequence, || Woken::by(&record, sequence.get()));
                }
            }
        }
    }
}

fn find(kafka: &Kafka, topic: &str) -> Result<Found, Error> {
    let offsets = Offsets::new(kafka, Isolation::Committed, TIMEOUT)?;
    let partitions = offsets.partition_count(topic)?;
    let partitions = partitions.ok_or_else(|| Error::UnknownTopic { topic: topic.to_owned() })?;
    let topic_id = offsets.topic_id(topic)?;
    let ends = offsets.watermarks(topic, 0..partitions)?;
    let since = chrono::Utc::now() - LOOK_BACK;
    let lately = offsets.at_time(topic, 0..partitions, since.timestamp_millis())?;
    Ok(Found { offsets, topic_id, ends, lately })
}

/// Tells by `condition` whether Kafka answers, until the topic is gone, which a reader may not notice.
async fn look(found: Found, topic: Arc<str>, condition: Condition) -> Error {
    let Found { offsets, topic_id, .. } = found;
    let offsets = Arc::new(offsets);
    loop {
        sleep(BETWEEN_LOOKS).await;
        let (asked, of) = (Arc::clone(&offsets), Arc::clone(&topic));
        let gone = || Error::UnknownTopic { topic: topic.to_string() };
        match tokio::task::spawn_blocking(move || asked.topic_id(&of)).await {
            Ok(Ok(id)) if id == topic_id => condition.met(),
            Ok(Ok(_) | Err(Error::UnknownTopic { .. })) => return gone(),
            _ => condition.unmet(format!("Kafka doesn't answer for {topic}: live updates are late")),
        }
    }
}

/// Where each partition goes on: where it was left, or with what was written lately where it is new. What isn't there any
/// more is passed over.
fn positions(
    known: &BTreeMap<i32, i64>,
    lately: &BTreeMap<i32, Option<i64>>,
    ends: &BTreeMap<i32, Watermarks>,
) -> BTreeMap<i32, i64> {
    let position = |(partition, ends): (&i32, &Watermarks)| {
        let lately = || lately.get(partition).copied().flatten();
        let position = known.get(partition).copied().or_else(lately).unwrap_or(ends.high);
        (*partition, position.clamp(ends.low, ends.high))
    };
    ends.iter().map(position).collect()
}

/// `shipment-id#sequence`.
fn parse(key: &str) -> Option<(ShipmentId, Sequence)> {
    let (id, sequence) = key.split_once('#')?;
    Some((id.parse().ok()?, Sequence::new(sequence.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_events_key_tells_shipment_and_sequence() {
        let id = ShipmentId::new(uuid::Uuid::from_u128(7));
        assert_eq!(parse(&format!("{id}#12")), Some((id, Sequence::new(12))));
        for bad in ["", "x#1", &id.to_string(), &format!("{id}#x")] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_tail_goes_on_where_it_was_left() {
        let ends = |low, high| Watermarks { low, high };
        let topic = [ends(0, 50), ends(30, 50), ends(0, 5), ends(7, 9), ends(7, 9)];
        let topic: BTreeMap<i32, Watermarks> = (0..).zip(topic).collect();
        let known = BTreeMap::from([(0, 40), (1, 20), (2, 40)]);
        let lately = BTreeMap::from([(0, Some(45)), (1, None), (3, Some(8)), (4, None)]);
        let expected = BTreeMap::from([(0, 40), (1, 30), (2, 5), (3, 8), (4, 9)]);
        assert_eq!(positions(&known, &lately, &topic), expected);
    }
}
