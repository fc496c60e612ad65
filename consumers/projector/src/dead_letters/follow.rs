//! How many dead letters wait for somebody, as a metric.

use std::collections::BTreeSet;
use std::time::Duration;

use event_log::{Isolation, Offsets, ReaderEvent, ReaderStream, Start};
use tokio_util::sync::CancellationToken;

use super::log::{ASK, Log};
use crate::pause::Pauses;
use crate::{Error, Projector, metrics};

/// Letters that the topic has forgotten, because they are too old, are forgotten here when it is read anew.
const ANEW: Duration = Duration::from_hours(6);
/// The longest pause before it is tried again.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

impl Projector {
    /// Counts the letters that nobody has dealt with, until `cancel`. While they can't be read the last count stands; nothing
    /// else depends on it.
    pub(crate) async fn count_dead_letters(&self, cancel: &CancellationToken) -> Result<(), Error> {
        let mut pauses = Pauses::up_to(LONGEST_PAUSE);
        loop {
            let counted = tokio::select! {
                () = cancel.cancelled() => return Ok(()),
                counted = tokio::time::timeout(ANEW, self.count_as_they_come()) => counted,
            };
            let Ok(error) = counted else { continue };
            tracing::debug!(%error, "the dead letters can't be counted for now");
            if pauses.wait(cancel).await.is_err() {
                return Ok(());
            }
        }
    }

    async fn count_as_they_come(&self) -> Error {
        let (mut stream, mut unread) = match self.all_dead_letters().await {
            Ok(found) => found,
            Err(error) => return error,
        };
        let mut log = Log::default();
        loop {
            let chunk = match stream.next_chunk().await {
                Ok(chunk) => chunk,
                Err(error) => return error.into(),
            };
            for event in chunk {
                match event {
                    ReaderEvent::Record(record) => log.add(&record),
                    ReaderEvent::Eof(end) => drop(unread.remove(&end.partition)),
                }
            }
            // Half of the topic would be a wrong number.
            if unread.is_empty() {
                metrics::DEAD_LETTERS.set(Some(log.open() as f64));
            }
        }
    }

    /// All of them, and the partitions they are in.
    async fn all_dead_letters(&self) -> Result<(ReaderStream, BTreeSet<i32>), Error> {
        let (kafka, topic) = (self.kafka.clone(), self.topics.dead_letters.clone());
        let found = tokio::task::spawn_blocking(move || {
            Offsets::new(&kafka, Isolation::Committed, ASK)?.partition_count(&topic)
        });
        let topic = &self.topics.dead_letters;
        let unknown = || event_log::Error::UnknownTopic { topic: topic.to_string() };
        let count = found.await??.ok_or_else(unknown)?;
        let starts = (0..count).map(|partition| (partition, Start::Beginning)).collect();
        let stream = ReaderStream::open(&self.kafka, topic, starts, Isolation::Committed).await?;
        Ok((stream, (0..count).collect()))
    }
}
