//! One batch, from its records to its commit, and what to do when that fails.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant, SystemTime};

use event_log::{Fault, GroupMetadata, Position, Received, TopicPartition};
use telemetry::chain;

use super::Worker;
use super::traced::{self, Times};
use crate::batch::{self, Batch, pack};
use crate::schemas;
use crate::store::Standing;
use crate::watch::Step;
use crate::{Error, clock, metrics};

/// The longest pause between two tries of the same batch.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Why a batch was not committed.
pub(super) enum Failure {
    /// A transactional call.
    Fault(Fault),
    /// The registry has to be asked for a schema and doesn't answer. The transaction was not even begun.
    Registry(schemas::Unavailable),
    /// There is no point in trying again.
    Stop(Error),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Stop(error)
    }
}

impl Worker {
    /// Decides, writes, commits; then, and not before, tells the store.
    pub(super) fn transact(&mut self, group: &GroupMetadata, records: &[Received]) -> Result<(), Failure> {
        let polled = SystemTime::now();
        self.progress.standings.begun(records);
        self.is_idle = false;
        let batch = self.decided(records)?;
        let decided = SystemTime::now();
        self.steps.taken(&Step::Decided(batch.consumed))?;
        let offsets: Vec<(TopicPartition, i64)> =
            batch.next_offsets.iter().map(|(p, next)| (self.commands(*p), *next)).collect();

        #[cfg(feature = "planted-bugs")]
        if crate::planted::commits_offsets_first() {
            self.consumer.commit(&offsets).map_err(Error::from)?;
        }
        let mut phase = Phase::begin("produce");
        let producer = self.producers.take_turn()?;
        producer.begin()?;
        for (tag, record) in batch.outgoing.iter().enumerate() {
            producer.send(record, tag)?;
        }
        let written = producer.drain()?;
        let sent = SystemTime::now();
        self.steps.taken(&Step::Drained)?;
        phase.next("offsets");
        #[cfg(feature = "planted-bugs")]
        let offsets = if crate::planted::commits_offsets_first() { Vec::new() } else { offsets };
        producer.send_offsets(&offsets, group)?;
        self.steps.taken(&Step::OffsetsSent)?;
        phase.next("commit");
        producer.commit()?;
        let times = Times { polled, decided, written: sent, committed: SystemTime::now() };
        self.steps.taken(&Step::Committed)?;

        phase.next("apply");
        self.apply(&batch, &written)?;
        phase.end();
        self.got_on();
        self.fatal_in_a_row = 0;
        count(&batch);
        traced::record(&records[..batch.consumed], &self.given.topics.events, &times);
        self.progress.standings.done(&records[..batch.consumed], &batch.next_offsets);
        self.steps.taken(&Step::Applied)?;
        if batch.consumed < records.len() {
            // The batch grew too large; the rest is polled again.
            self.seek_back()?;
        }
        Ok(())
    }

    /// Decides the batch. Deciding changes nothing, so it can begin anew whenever a schema was missing.
    fn decided(&mut self, records: &[Received]) -> Result<Batch, Failure> {
        let phase = Phase::begin("decide");
        self.given.absent_schemas.clear();
        loop {
            let id = match batch::decide(records, &self.partitions, &self.given, clock::now()) {
                Ok(batch) => {
                    phase.end();
                    return Ok(batch);
                }
                Err(batch::Error::UnknownSchema { id }) => id,
                Err(error) => return Err(Failure::Stop(error.into())),
            };
            // All that this batch needs at once: each round decides it from its beginning.
            for id in self.unknown_schemas(records, id) {
                self.steps.pulse.beat();
                if !self.schemas.learn(id).map_err(Failure::Registry)? {
                    self.given.absent_schemas.insert(id);
                }
            }
        }
    }

    fn unknown_schemas(&self, records: &[Received], first: u32) -> BTreeSet<u32> {
        let (known, absent) = (self.given.codec.writers(), &self.given.absent_schemas);
        let named = records.iter().filter_map(|record| event_codec::schema_id(record.value.as_ref()?).ok());
        named.filter(|id| !known.knows(*id) && !absent.contains(id)).chain([first]).collect()
    }

    /// What is committed becomes the state.
    fn apply(&mut self, batch: &Batch, written: &[(usize, Position)]) -> Result<(), Error> {
        let mut changed: BTreeMap<i32, (Vec<usize>, i64)> = BTreeMap::new();
        for (tag, position) in written.iter().filter(|(tag, _)| batch.snapshots.contains(tag)) {
            let (tags, end) = changed.entry(position.partition).or_default();
            tags.push(*tag);
            *end = (*end).max(position.offset + 1);
        }
        for (partition, (tags, end)) in changed {
            let Some(running) = self.partitions.running_mut(partition) else { continue };
            let snapshots: Vec<(&[u8], Vec<u8>)> = tags
                .iter()
                .filter_map(|tag| {
                    let record = &batch.outgoing[*tag];
                    Some((record.key.as_deref()?, pack(&record.headers, record.value.as_deref()?)))
                })
                .collect();
            let standing = Standing::new(self.origin.clone(), end, clock::now().as_millis());
            running
                .store
                .apply(snapshots.iter().map(|(key, stored)| (*key, Some(&stored[..]))), &standing)?;
        }
        for (partition, next) in &batch.next_offsets {
            if let Some(running) = self.partitions.running_mut(*partition) {
                running.next = *next;
            }
        }
        Ok(())
    }

    /// After a batch that was not committed: its overlay is gone already, and nothing of it is in the store.
    pub(super) fn recover(&mut self, failure: Failure) -> Result<(), Error> {
        let fault = match failure {
            Failure::Stop(error) => return Err(error),
            Failure::Registry(error) => {
                self.gave_up("registry");
                tracing::warn!(worker = self.number, error = %chain(&error), "batch waits for the schema registry");
                self.seek_back()?;
                self.pause();
                return Ok(());
            }
            Failure::Fault(fault) => fault,
        };
        let reason = reason(&fault);
        self.gave_up(reason);
        tracing::warn!(worker = self.number, reason, fault = %chain(&fault), "batch is given up and decided again");
        let fault = if fault.is_abortable() {
            match self.producers.current().map(event_log::TransactionalProducer::abort) {
                Some(Ok(())) => {
                    self.tell(&Step::Aborted)?;
                    self.seek_back()?;
                    self.pause();
                    return Ok(());
                }
                Some(Err(worse)) => worse,
                None => fault,
            }
        } else {
            fault
        };
        self.discard_producers(fault)
    }

    fn gave_up(&mut self, reason: &'static str) {
        self.aborts_in_a_row = self.aborts_in_a_row.saturating_add(1);
        metrics::ABORTS.with_label_values(&[reason]).inc();
        self.progress.gave_up(self.number, self.aborts_in_a_row, reason);
    }

    /// The first retry is at once: most often the group has only moved on.
    fn pause(&mut self) {
        let pause = Duration::from_millis(50) * self.aborts_in_a_row.saturating_sub(1).min(100);
        std::thread::sleep(pause.min(LONGEST_PAUSE));
    }
}

fn reason(fault: &Fault) -> &'static str {
    match fault {
        Fault::TooLarge { .. } => "too_large",
        Fault::Abortable { .. } => "abortable",
        Fault::Indefinite { .. } => "indefinite",
        Fault::Poisoned { .. } => "poisoned",
        Fault::Fenced { .. } => "fenced",
        Fault::Fatal { .. } => "fatal",
    }
}

fn count(batch: &Batch) {
    for ((kind, outcome), n) in &batch.tally.commands {
        metrics::COMMANDS.with_label_values(&[*kind, *outcome]).inc_by(*n);
    }
    for (code, n) in &batch.tally.parked {
        metrics::PARKED.with_label_values(&[*code]).inc_by(*n);
    }
    metrics::REROUTED.inc_by(batch.tally.rerouted);
    metrics::BATCH.observe(batch.consumed as f64);
}

/// The phase of a batch that is being timed. One that fails isn't counted.
struct Phase {
    name: &'static str,
    since: Instant,
}

impl Phase {
    fn begin(name: &'static str) -> Self {
        Self { name, since: Instant::now() }
    }

    fn next(&mut self, name: &'static str) {
        std::mem::replace(self, Self::begin(name)).end();
    }

    fn end(self) {
        metrics::PHASES.with_label_values(&[self.name]).observe(self.since.elapsed().as_secs_f64());
    }
}
