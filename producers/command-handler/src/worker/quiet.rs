//! Quiet partitions. Behind the last command of a partition there may lie control records: of transactions that re-routed
//! a command to it, or of whoever else posts in transactions. They are no commands, so the committed offset stays before
//! them; and when retention has emptied the partition, it would lie before its beginning, as if commands had been
//! deleted unread. So now and then the offset is moved past what certainly is no command.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use event_log::{GroupMetadata, Isolation, Kafka, Offsets, Reader, ReaderEvent, Start, TopicPartition};
use telemetry::chain;

use super::Worker;
use super::transaction::Failure;

/// How long one question about offsets may take, and the look at what lies behind them. No command is decided meanwhile.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a look waits for one record.
const WAIT: Duration = Duration::from_millis(100);

/// Which partitions have been standing still, and where to look.
pub(super) struct Quiet {
    kafka: Kafka,
    /// Between two looks; whatever stood still so long is quiet.
    after: Duration,
    looked: Instant,
    /// Where each partition stood when last looked at.
    stood: BTreeMap<i32, i64>,
}

impl Quiet {
    pub(super) fn new(kafka: Kafka, after: Duration) -> Self {
        Self { kafka, after, looked: Instant::now(), stood: BTreeMap::new() }
    }

    /// Those of `running` that stand where they stood at the last look, when it is time to look again.
    fn due(&mut self, running: &BTreeMap<i32, i64>) -> BTreeMap<i32, i64> {
        if self.looked.elapsed() < self.after {
            return BTreeMap::new();
        }
        self.looked = Instant::now();
        let before = std::mem::replace(&mut self.stood, running.clone());
        running.iter().filter(|(p, next)| before.get(p) == Some(next)).map(|(p, next)| (*p, *next)).collect()
    }
}

impl Worker {
    /// Commits the offsets of quiet partitions past control records. `group` as it was noted before this turn.
    pub(super) fn move_quiet(&mut self, group: &GroupMetadata) -> Result<(), Failure> {
        let running = self.partitions.running().map(|(p, running)| (p, running.next)).collect();
        let quiet = self.quiet.due(&running);
        if quiet.is_empty() {
            return Ok(());
        }
        let moved = match past_control_records(&self.quiet.kafka, &self.given.topics.commands, &quiet) {
            Ok(moved) => moved,
            Err(error) => {
                // The next look will do: it comes long before retention does.
                tracing::warn!(worker = self.number, error = %chain(&error), "quiet partitions can't be looked at for now");
                return Ok(());
            }
        };
        if moved.is_empty() {
            return Ok(());
        }
        let offsets: Vec<(TopicPartition, i64)> =
            moved.iter().map(|(p, next)| (self.commands(*p), *next)).collect();
        let producer = self.producers.take_turn()?;
        producer.begin()?;
        producer.send_offsets(&offsets, group)?;
        producer.commit()?;
        self.got_on();
        for (partition, next) in moved {
            if let Some(running) = self.partitions.running_mut(partition) {
                tracing::info!(
                    worker = self.number,
                    partition,
                    from = running.next,
                    to = next,
                    "quiet offset moved"
                );
                running.next = next;
                self.progress.standings.runs(partition, next);
            }
        }
        Ok(())
    }
}

/// For each of these partitions with nothing but control records behind its offset: where those end.
pub(crate) fn past_control_records(
    kafka: &Kafka,
    topic: &str,
    quiet: &BTreeMap<i32, i64>,
) -> Result<BTreeMap<i32, i64>, event_log::Error> {
    // The ends first: whatever is written after this lies behind them. Of what isn't decided yet nothing lies before.
    let ends =
        Offsets::new(kafka, Isolation::Committed, PATIENCE)?.watermarks(topic, quiet.keys().copied())?;
    let mut unread: BTreeMap<i32, i64> = quiet
        .iter()
        .filter_map(|(p, next)| Some((*p, ends.get(p)?.high)).filter(|(_, end)| end > next))
        .collect();
    let mut moved = BTreeMap::new();
    if unread.is_empty() {
        return Ok(moved);
    }
    let starts: Vec<_> = unread.keys().map(|p| (*p, Start::At(quiet[p]))).collect();
    let mut reader = Reader::open(kafka, topic, &starts, Isolation::Committed)?;
    let deadline = Instant::now() + PATIENCE;
    while !unread.is_empty() && Instant::now() < deadline {
        match reader.next(WAIT)? {
            // A command after all, and on its way to us.
            Some(ReaderEvent::Record(record)) => drop(unread.remove(&record.partition)),
            Some(ReaderEvent::Eof(at)) if unread.get(&at.partition).is_some_and(|end| at.offset >= *end) => {
                moved.extend(unread.remove(&at.partition).map(|end| (at.partition, end)));
            }
            // A broker that has just become leader may tell of an earlier end, with a command behind it.
            Some(ReaderEvent::Eof(_)) | None => {}
        }
    }
    Ok(moved)
}
