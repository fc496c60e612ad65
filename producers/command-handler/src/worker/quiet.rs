//! Quiet partitions. Behind the last command of a partition there may lie control records: of transactions that re-routed
//! a command to it, or of whoever else posts in transactions. They are no commands, so the committed offset stays before
//! them; and when retention has emptied the partition, it would lie before its beginning, as if commands had been
//! deleted unread. So now and then the offset is moved past what certainly is no command.

use std::time::{Duration, Instant};

use event_log::{GroupMetadata, Isolation, Kafka, Offsets, Reader, ReaderEvent, Start, TopicPartition};

use super::Worker;
use super::transaction::Failure;

/// How long one question about offsets may take, and one look at what lies behind.
const PATIENCE: Duration = Duration::from_secs(5);

/// When commands last came, and where to look.
pub(super) struct Quiet {
    pub(super) kafka: Kafka,
    /// How long nothing must have come.
    pub(super) after: Duration,
    since: Instant,
}

impl Quiet {
    pub(super) fn new(kafka: Kafka, after: Duration) -> Self {
        Self { kafka, after, since: Instant::now() }
    }

    pub(super) fn disturbed(&mut self) {
        self.since = Instant::now();
    }
}

impl Worker {
    /// Nothing came: once that has lasted, commits offsets past control records.
    pub(super) fn when_quiet(&mut self, group: Option<&GroupMetadata>) -> Result<(), Failure> {
        let Some(group) = group.filter(|_| self.quiet.since.elapsed() >= self.quiet.after) else {
            return Ok(());
        };
        self.quiet.disturbed();
        let behind = match self.control_records_behind() {
            Ok(behind) => behind,
            Err(error) => {
                tracing::debug!(worker = self.number, %error, "quiet partitions can't be looked at for now");
                return Ok(());
            }
        };
        if behind.is_empty() {
            return Ok(());
        }
        let offsets: Vec<(TopicPartition, i64)> =
            behind.iter().map(|(p, next)| (self.commands(*p), *next)).collect();
        let producer = self.producers.take_turn()?;
        producer.begin()?;
        producer.send_offsets(&offsets, group)?;
        producer.commit()?;
        for (partition, next) in behind {
            if let Some(running) = self.partitions.running_mut(partition) {
                running.next = next;
            }
        }
        Ok(())
    }

    /// For each partition with nothing but control records behind its committed offset, where those end.
    fn control_records_behind(&self) -> Result<Vec<(i32, i64)>, event_log::Error> {
        let topic = &self.given.topics.commands;
        let running: Vec<(i32, i64)> =
            self.partitions.running().map(|(p, running)| (p, running.next)).collect();
        let asking = Offsets::new(&self.quiet.kafka, Isolation::Committed, PATIENCE)?;
        // The ends first: whatever is written after this lies behind them.
        let ends = asking.watermarks(topic, running.iter().map(|(p, _)| *p))?;
        let mut behind = Vec::new();
        for (partition, next) in running {
            let Some(end) = ends.get(&partition).map(|w| w.high).filter(|end| *end > next) else { continue };
            let mut reader = Reader::open(
                &self.quiet.kafka,
                topic,
                &[(partition, Start::At(next))],
                Isolation::Committed,
            )?;
            let deadline = Instant::now() + PATIENCE;
            while Instant::now() < deadline {
                match reader.next(Duration::from_millis(200))? {
                    // A command after all, and on its way to us.
                    Some(ReaderEvent::Record(_)) => break,
                    Some(ReaderEvent::Eof(_)) => {
                        behind.push((partition, end));
                        break;
                    }
                    None => {}
                }
            }
        }
        Ok(behind)
    }
}
