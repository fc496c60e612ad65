//! Reads the registry topic, and asks where it ends.

use std::sync::Arc;
use std::time::Duration;

use event_log::{Error, Isolation, Kafka, Offsets, ReaderStream, Start, Watermarks};
use telemetry::Condition;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Shared;
use crate::metrics;
use crate::timing::SWEEP;
use crate::writer::PARTITION;

/// How long Kafka may take to answer a question.
const TIMEOUT: Duration = Duration::from_secs(5);
/// After how many questions it is asked whether the topic is still the same one, which a reader may not notice.
const SAME_TOPIC: u32 = 10;
/// The first pause before the topic is opened again; it doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_millis(250);
/// The longest: well within a ttl, so that a copy is whole again soon after Kafka is.
const LONGEST: Duration = Duration::from_secs(2);

/// Keeps a directory's copy up to date.
pub(super) struct Follower {
    kafka: Kafka,
    topic: Arc<str>,
    shared: Arc<Shared>,
    condition: Condition,
    /// The topic that was read last: made anew under the same name it is another.
    topic_id: Option<Uuid>,
}

struct Found {
    offsets: Arc<Offsets>,
    topic_id: Uuid,
    ends: Watermarks,
}

impl Follower {
    pub(super) fn new(kafka: Kafka, topic: Arc<str>, shared: Arc<Shared>, condition: Condition) -> Self {
        Self { kafka, topic, shared, condition, topic_id: None }
    }

    /// Follows until `stop`, opening the topic again whenever it is lost.
    pub(super) async fn follow(mut self, stop: CancellationToken) {
        let mut pause = FIRST;
        loop {
            let following = async {
                let (stream, found) = match self.open().await {
                    Ok(opened) => opened,
                    Err(error) => return error,
                };
                pause = FIRST;
                tokio::select! {
                    error = self.read(stream) => error,
                    error = self.look(&found) => error,
                }
            };
            let error = tokio::select! {
                error = following => error,
                () = stop.cancelled() => return,
            };
            self.lost(&error, pause);
            tokio::select! {
                () = sleep(pause) => pause = (pause * 2).min(LONGEST),
                () = stop.cancelled() => return,
            }
        }
    }

    fn lost(&self, error: &Error, pause: Duration) {
        metrics::LOST.inc();
        let (error, retry_in_ms) = (telemetry::chain(error), pause.as_millis() as u64);
        tracing::warn!(topic = %self.topic, error, retry_in_ms, "the registry can't be followed; opening it again");
    }

    /// Where it was left; at its beginning the first time.
    async fn open(&mut self) -> Result<(ReaderStream, Found), Error> {
        let (kafka, topic) = (self.kafka.clone(), Arc::clone(&self.topic));
        let finding = tokio::task::spawn_blocking(move || find(&kafka, &topic));
        let found = finding.await.map_err(|_| Error::Ended)??;
        let same = self.topic_id.replace(found.topic_id) == Some(found.topic_id);
        let Watermarks { low, high } = found.ends;
        let position = if same { self.shared.ledger().position.clamp(low, high) } else { low };
        self.shared.update(|ledger| {
            ledger.begin_at(position);
            Vec::new()
        });
        let starts = vec![(PARTITION, Start::At(position))];
        let stream = ReaderStream::open(&self.kafka, &self.topic, starts, Isolation::Uncommitted).await?;
        Ok((stream, found))
    }

    /// Takes in what comes, until the stream breaks.
    async fn read(&self, mut stream: ReaderStream) -> Error {
        loop {
            match stream.next_chunk().await {
                Ok(chunk) => self.shared.update(|ledger| ledger.take(chunk)),
                Err(error) => return error,
            }
        }
    }

    /// Asks where the topic ends, until it is gone. Without an answer no time passes for leases.
    async fn look(&self, found: &Found) -> Error {
        let mut due = interval(SWEEP);
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let gone = || Error::UnknownTopic { topic: self.topic.to_string() };
        for round in 0_u32.. {
            due.tick().await;
            let asked_at = self.shared.ledger().now();
            let (offsets, topic) = (Arc::clone(&found.offsets), Arc::clone(&self.topic));
            let check = round.is_multiple_of(SAME_TOPIC).then_some(found.topic_id);
            let asking = tokio::task::spawn_blocking(move || ask(&offsets, &topic, check));
            match asking.await {
                Ok(Ok(end)) => self.shared.update(|ledger| ledger.ended(end, asked_at)),
                Ok(Err(Error::UnknownTopic { .. })) => return gone(),
                Ok(Err(error)) => tracing::debug!(%error, "the registry's end is not known just now"),
                Err(_) => return Error::Ended,
            }
            self.tell();
        }
        Error::Ended
    }

    fn tell(&self) {
        let ledger = self.shared.ledger();
        if ledger.book.is_read() {
            self.condition.met();
        } else {
            self.condition.unmet(format!("{} is not read to its end yet", self.topic));
        }
    }
}

fn find(kafka: &Kafka, topic: &str) -> Result<Found, Error> {
    let offsets = Offsets::new(kafka, Isolation::Uncommitted, TIMEOUT)?;
    let topic_id = offsets.topic_id(topic)?;
    let ends = ends(&offsets, topic)?;
    Ok(Found { offsets: Arc::new(offsets), topic_id, ends })
}

/// Where the topic ends; it is no topic any more if it has another id.
fn ask(offsets: &Offsets, topic: &str, expected: Option<Uuid>) -> Result<i64, Error> {
    if let Some(expected) = expected
        && offsets.topic_id(topic)? != expected
    {
        return Err(Error::UnknownTopic { topic: topic.to_owned() });
    }
    Ok(ends(offsets, topic)?.high)
}

fn ends(offsets: &Offsets, topic: &str) -> Result<Watermarks, Error> {
    let ends = offsets.watermarks(topic, [PARTITION])?;
    ends.get(&PARTITION).copied().ok_or_else(|| Error::UnknownTopic { topic: topic.to_owned() })
}
