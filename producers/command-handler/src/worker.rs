//! A worker: one thread that takes commands off its partitions, decides them, and writes what follows in transactions.
//!
//! The rules that keep it exactly-once, and where they are kept:
//!
//! * Who we are in the group is noted *before* the poll ([`Worker::turn`]), so that the broker refuses the offsets of
//!   records that were polled before the group moved on.
//! * Whatever a rebalance meets half-way is thrown away ([`Worker::gather`]), and after every abort each partition is
//!   set back to its committed offset before the next poll ([`Worker::seek_back`]).
//! * The store learns of a batch only after its commit; until then it lies in the batch's overlay.
//! * After a call without a definite outcome no producer of this worker is used again, and offsets and state are read
//!   anew ([`Worker::discard_producers`]).

mod partitions;
mod quiet;
mod traced;
mod transaction;

use std::sync::Arc;
use std::time::Duration;

use event_log::{Event, Fault, GroupConsumer, Received, Rotation, TopicPartition};
use telemetry::watchdog::Pulse;
use telemetry::{chain, facts};
use tokio_util::sync::CancellationToken;

use self::partitions::Partitions;
use self::quiet::Quiet;
pub(crate) use self::quiet::past_control_records;
use crate::batch::{Circumstances, MAX_COMMAND_BYTES};
use crate::progress::Progress;
use crate::restore::Restore;
use crate::schemas::Schemas;
use crate::store::{Origin, Store};
use crate::watch::{Step, Watch};
use crate::{Error, metrics};

/// How long a poll waits for the first record.
const IDLE: Duration = Duration::from_millis(50);

/// Between two tries to get producers when Kafka is away.
const PRODUCER_RETRY: Duration = Duration::from_millis(500);

/// A producer that is given up by librdkafka so often in a row has no passing trouble.
const MOST_FATAL_FAULTS: u32 = 5;

/// How much goes into one transaction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) records: usize,
    pub(crate) bytes: usize,
    /// How long a partition must have stood still before its offset is moved past control records.
    pub(crate) quiet: Duration,
}

/// What a worker is made of.
pub(crate) struct Worker {
    pub(crate) number: usize,
    pub(crate) consumer: GroupConsumer,
    pub(crate) producers: Rotation,
    pub(crate) given: Circumstances,
    pub(crate) origin: Origin,
    pub(crate) schemas: Arc<dyn Schemas>,
    pub(crate) limits: Limits,
    pub(crate) progress: Progress,
    partitions: Partitions,
    quiet: Quiet,
    producers_made: bool,
    joined: bool,
    /// Whether there was nothing to be read when it looked last.
    is_idle: bool,
    /// Batches given up since the last commit.
    aborts_in_a_row: u32,
    fatal_in_a_row: u32,
    /// Goes last: closing the consumer and the producers may hang, too.
    steps: Steps,
}

/// Who is told of each step.
struct Steps {
    worker: usize,
    watch: Arc<dyn Watch>,
    pulse: Pulse,
}

impl Steps {
    fn taken(&self, step: &Step) -> Result<(), Fault> {
        self.pulse.beat();
        self.watch.after(self.worker, step)
    }
}

/// The parts a worker is put together from.
pub(crate) struct Parts {
    pub(crate) number: usize,
    pub(crate) consumer: GroupConsumer,
    pub(crate) producers: Rotation,
    pub(crate) given: Circumstances,
    pub(crate) store: Store,
    pub(crate) restore: Restore,
    pub(crate) schemas: Arc<dyn Schemas>,
    pub(crate) limits: Limits,
}

/// What a poll brought.
enum Gathered {
    Nothing,
    Records(Vec<Received>),
    /// The group moved on. What was polled before is thrown away: it may be somebody else's by now.
    Rebalanced,
}

impl Worker {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { number, consumer, producers, given, store, restore, schemas, limits } = parts;
        let pulse = Pulse::start(format!("worker {number}"), restore.longest_step);
        Self {
            number,
            consumer,
            producers,
            given,
            origin: restore.origin.clone(),
            schemas,
            limits,
            progress: restore.progress.clone(),
            steps: Steps { worker: number, watch: restore.watch.clone(), pulse },
            quiet: Quiet::new(restore.kafka.clone(), limits.quiet),
            partitions: Partitions::new(store, restore),
            producers_made: false,
            joined: false,
            is_idle: false,
            aborts_in_a_row: 0,
            fatal_in_a_row: 0,
        }
    }

    /// Works until told to stop. Then the batch at hand is finished first; leaving the group is the consumer's drop.
    pub(crate) fn run(mut self, stop: &CancellationToken) -> Result<(), Error> {
        while !stop.is_cancelled() {
            self.steps.pulse.beat();
            if self.producers_made || self.make_producers()? {
                self.partitions.begin_restores()?;
            }
            self.resume_restored()?;
            self.turn()?;
        }
        Ok(())
    }

    /// One batch, if there is anything.
    fn turn(&mut self) -> Result<(), Error> {
        let group = self.consumer.group_metadata();
        self.tell(&Step::MetadataTaken)?;
        match self.gather()? {
            Gathered::Nothing => {
                self.show_idle();
                match group.map_or(Ok(()), |group| self.move_quiet(&group)) {
                    Ok(()) => Ok(()),
                    Err(failure) => self.recover(failure),
                }
            }
            Gathered::Rebalanced => self.seek_back(),
            Gathered::Records(records) => {
                self.tell(&Step::Polled(records.len()))?;
                let Some(group) = group else {
                    // Not a member: nothing may be committed, and a rebalance is on its way.
                    return self.seek_back();
                };
                match self.transact(&group, &records) {
                    Ok(()) => Ok(()),
                    Err(failure) => self.recover(failure),
                }
            }
        }
    }

    /// Polls what is there, within the limits of a batch.
    fn gather(&mut self) -> Result<Gathered, Error> {
        let mut records = Vec::new();
        let mut bytes = 0;
        let mut wait = IDLE;
        while records.len() < self.limits.records && bytes + MAX_COMMAND_BYTES <= self.limits.bytes {
            let event = match self.consumer.poll(wait) {
                Err(error) if error.is_transient() => {
                    tracing::warn!(worker = self.number, error = %chain(&error), "nothing can be read for now");
                    None
                }
                polled => polled?,
            };
            match event {
                None => break,
                Some(Event::Record(record)) => {
                    bytes += record.size();
                    records.push(record);
                    wait = Duration::ZERO;
                }
                Some(Event::Assigned(partitions)) => {
                    self.assigned(&numbers(&partitions))?;
                    return Ok(Gathered::Rebalanced);
                }
                Some(Event::Revoked(partitions)) => {
                    self.gone(&numbers(&partitions), Step::Revoked)?;
                    return Ok(Gathered::Rebalanced);
                }
                Some(Event::Lost(partitions)) => {
                    self.gone(&numbers(&partitions), Step::Lost)?;
                    return Ok(Gathered::Rebalanced);
                }
            }
        }
        Ok(if records.is_empty() { Gathered::Nothing } else { Gathered::Records(records) })
    }

    fn assigned(&mut self, partitions: &[i32]) -> Result<(), Error> {
        tracing::info!(worker = self.number, ?partitions, "partitions assigned");
        let expected = self.given.topics.partitions();
        if let Some(beyond) = partitions.iter().find(|p| **p >= expected) {
            let topic = self.given.topics.commands.to_string();
            return Err(Error::PartitionCount { topic, expected, actual: beyond + 1 });
        }
        self.partitions.add(partitions);
        if !std::mem::replace(&mut self.joined, true) {
            self.progress.joined();
        }
        self.tell(&Step::Assigned(partitions.to_vec()))
    }

    fn gone(&mut self, partitions: &[i32], step: impl Fn(Vec<i32>) -> Step) -> Result<(), Error> {
        tracing::info!(worker = self.number, ?partitions, "partitions given up");
        self.partitions.remove(partitions);
        self.show_running();
        // What it was stuck on may be another worker's by now.
        self.got_on();
        self.tell(&step(partitions.to_vec()))
    }

    /// Sets every partition that runs back to its committed offset.
    fn seek_back(&mut self) -> Result<(), Error> {
        for (partition, running) in self.partitions.running() {
            self.consumer.seek(&self.commands(partition), running.next)?;
        }
        self.tell(&Step::SoughtBack)
    }

    /// The fifth step of a restore: from the committed offset on, its commands are decided here.
    fn resume_restored(&mut self) -> Result<(), Error> {
        for restored in self.partitions.restored()? {
            let (partition, offset) = (restored.partition, restored.next);
            self.consumer.start(&self.commands(partition), offset)?;
            self.partitions.run(restored);
            self.show_running();
            tracing::info!(worker = self.number, partition, offset, "partition runs");
            self.tell(&Step::Resumed { partition, offset })?;
        }
        Ok(())
    }

    /// Takes over our transactional ids. Offsets and state may be read only after that: until then a transaction of our
    /// predecessors may still be committed.
    fn make_producers(&mut self) -> Result<bool, Error> {
        match self.producers.renew() {
            Ok(()) => {
                self.producers_made = true;
                self.tell(&Step::ProducersMade)?;
                Ok(true)
            }
            Err(fault) => {
                tracing::warn!(worker = self.number, fault = %chain(&fault), "no producers yet, trying again");
                self.count_fatal(fault)?;
                std::thread::sleep(PRODUCER_RETRY);
                Ok(false)
            }
        }
    }

    /// Nobody knows what became of the last transaction. None of our producers is used again, because a request that is
    /// still under way could commit or abort a later transaction of the same producer; and what was known is forgotten.
    fn discard_producers(&mut self, fault: Fault) -> Result<(), Error> {
        self.producers.discard_all();
        self.producers_made = false;
        let running = self.partitions.distrust_running();
        let paused: Vec<_> = running.iter().map(|p| self.commands(*p)).collect();
        self.consumer.pause(&paused)?;
        self.show_running();
        metrics::DISCARDS.inc();
        self.count_fatal(fault)?;
        self.tell(&Step::ProducersDiscarded)
    }

    fn count_fatal(&mut self, fault: Fault) -> Result<(), Error> {
        let is_fatal = matches!(fault, Fault::Fatal { .. });
        self.fatal_in_a_row = if is_fatal { self.fatal_in_a_row + 1 } else { 0 };
        if self.fatal_in_a_row > MOST_FATAL_FAULTS { Err(fault.into()) } else { Ok(()) }
    }

    fn got_on(&mut self) {
        if std::mem::take(&mut self.aborts_in_a_row) > 0 {
            self.progress.got_on(self.number);
        }
    }

    fn commands(&self, partition: i32) -> TopicPartition {
        TopicPartition::new(self.given.topics.commands.clone(), partition)
    }

    fn show_running(&self) {
        let running = self.partitions.running().count() as i64;
        metrics::RUNNING.with_label_values(&[&self.number.to_string()]).set(running);
        let owned = facts::partitions(self.partitions.running().map(|(partition, _)| partition));
        facts::set_part(facts::PARTITIONS, self.number, owned);
    }

    fn show_idle(&mut self) {
        if !std::mem::replace(&mut self.is_idle, true) {
            self.progress.standings.idle(self.partitions.running().map(|(partition, _)| partition));
        }
    }

    fn tell(&self, step: &Step) -> Result<(), Error> {
        Ok(self.steps.taken(step)?)
    }
}

fn numbers(partitions: &[TopicPartition]) -> Vec<i32> {
    partitions.iter().map(|at| at.partition).collect()
}
