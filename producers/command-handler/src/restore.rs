//! Taking partitions over: from an assignment to knowing all that every predecessor committed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use event_log::{
    GroupOffsets, Isolation, Kafka, Offsets, Position, Reader, ReaderEvent, Received, Start, TopicPartition,
    Watermarks,
};
use telemetry::watchdog::Pulse;

use crate::batch::pack;
use crate::progress::Progress;
use crate::store::{Origin, PartitionStore, Standing};
use crate::watch::{Step, Watch};
use crate::{Error, clock};

/// How long one question may take before it is asked again.
const ASK: Duration = Duration::from_secs(5);

/// Between two looks at something that isn't so yet.
const PAUSE: Duration = Duration::from_millis(50);

/// So much of the topic is held in memory before it goes to the store.
const CHUNK_BYTES: usize = 1024 * 1024;

/// What a restore needs to know.
#[derive(Clone)]
pub(crate) struct Restore {
    pub(crate) kafka: Kafka,
    pub(crate) group: String,
    pub(crate) commands: Arc<str>,
    pub(crate) snapshots: Arc<str>,
    pub(crate) origin: Origin,
    pub(crate) tombstones_kept: Duration,
    pub(crate) worker: usize,
    pub(crate) watch: Arc<dyn Watch>,
    pub(crate) progress: Progress,
    /// A thread that takes longer for one step than this hangs.
    pub(crate) longest_step: Duration,
}

/// A restore under way, on a thread of its own.
pub(crate) struct Restoring {
    of: Restore,
    cancelled: Arc<AtomicBool>,
    pulse: Pulse,
}

/// A partition whose state is complete.
pub(crate) struct Restored {
    pub(crate) partition: i32,
    pub(crate) store: PartitionStore,
    /// The offset of the first command to decide.
    pub(crate) next: i64,
}

/// Why it ended early.
enum Stop {
    Cancelled,
    Failed(Error),
}

impl Restoring {
    /// Until it is `cancelled`.
    pub(crate) fn new(of: Restore, cancelled: Arc<AtomicBool>) -> Self {
        let pulse = Pulse::start(format!("restore of worker {}", of.worker), of.longest_step);
        Self { of, cancelled, pulse }
    }

    /// Brings the stores up to what is committed and gives each back as it is done. Blocks; the worker goes on polling
    /// meanwhile, with these partitions paused, so that the group doesn't take it for dead.
    pub(crate) fn run(&self, stores: BTreeMap<i32, PartitionStore>, done: &Sender<Result<Restored, Error>>) {
        match self.take_over(stores, done) {
            // A receiver that is gone no longer wants them.
            Err(Stop::Failed(error)) => drop(done.send(Err(error))),
            Ok(()) | Err(Stop::Cancelled) => {}
        }
    }

    /// The five steps. Their order is what makes a handover safe; the reasons are beside each.
    ///
    /// Before them, the worker has made its producers, which resolved every transaction of its *own* predecessors.
    fn take_over(
        &self,
        stores: BTreeMap<i32, PartitionStore>,
        done: &Sender<Result<Restored, Error>>,
    ) -> Result<(), Stop> {
        let partitions: Vec<i32> = stores.keys().copied().collect();

        // (1) The committed command offsets, waiting while a transaction that carries one is undecided. Whoever else
        // still works on these partitions is of an older generation, so its offsets are refused from now on: no
        // transaction that isn't covered by this answer can commit any more.
        let committed = self.committed_offsets(&partitions)?;

        // (2) The ends of the snapshots, uncommitted ones included. Every snapshot of a transaction covered by (1) lies
        // below: it was acknowledged before its offsets were sent.
        let ends = self.uncommitted_ends(&partitions)?;

        // (3) Until the last stable offsets have passed those ends. A transaction may be decided and its markers not yet
        // be written: a read-committed reader would then stop in front of its snapshots and call that the end, and their
        // sequences would be issued a second time.
        self.await_stable(&ends)?;

        let commands = self.commands_left(&partitions)?;

        // (4) All that is committed, to the end.
        let mut reading = Reading::new(self, stores, &ends)?;
        reading.read_to_end(|partition, store| {
            // (5) is the worker's: it seeks to the offset of (1) and resumes.
            let next =
                self.next_command(partition, committed[&partition], commands[&partition].low, &store)?;
            drop(done.send(Ok(Restored { partition, store, next })));
            Ok(())
        })
    }

    fn committed_offsets(&self, partitions: &[i32]) -> Result<BTreeMap<i32, Option<i64>>, Stop> {
        let group = GroupOffsets::new(&self.of.kafka, &self.of.group, ASK).map_err(failed)?;
        let wanted: Vec<_> =
            partitions.iter().map(|p| TopicPartition::new(self.of.commands.clone(), *p)).collect();
        let found = self.ask(|| group.committed(&wanted))?;
        self.each(partitions, Step::CommittedFetched)?;
        Ok(found.into_iter().map(|(at, offset)| (at.partition, offset)).collect())
    }

    fn uncommitted_ends(&self, partitions: &[i32]) -> Result<BTreeMap<i32, Watermarks>, Stop> {
        let offsets = Offsets::new(&self.of.kafka, Isolation::Uncommitted, ASK).map_err(failed)?;
        let ends = self.ask(|| offsets.watermarks(&self.of.snapshots, partitions.iter().copied()))?;
        self.each(partitions, Step::EndTaken)?;
        Ok(ends)
    }

    fn await_stable(&self, ends: &BTreeMap<i32, Watermarks>) -> Result<(), Stop> {
        #[cfg(feature = "planted-bugs")]
        if crate::planted::stops_at_the_first_end() {
            return Ok(());
        }
        let offsets = Offsets::new(&self.of.kafka, Isolation::Committed, ASK).map_err(failed)?;
        let mut waiting: Vec<i32> = ends.keys().copied().collect();
        loop {
            let stable = self.ask(|| offsets.watermarks(&self.of.snapshots, waiting.iter().copied()))?;
            let (passed, rest): (Vec<i32>, Vec<i32>) =
                waiting.iter().partition(|p| stable[*p].high >= ends[*p].high);
            self.each(&passed, Step::EndStable)?;
            if rest.is_empty() {
                return Ok(());
            }
            waiting = rest;
            self.pause()?;
        }
    }

    fn commands_left(&self, partitions: &[i32]) -> Result<BTreeMap<i32, Watermarks>, Stop> {
        let offsets = Offsets::new(&self.of.kafka, Isolation::Committed, ASK).map_err(failed)?;
        self.ask(|| offsets.watermarks(&self.of.commands, partitions.iter().copied()))
    }

    /// Where to go on: at the committed offset. Without one the group is new, if there is no state either, and begins with
    /// the `first` command that is left; otherwise its offsets were lost, and a guess would decide commands twice or never.
    fn next_command(
        &self,
        partition: i32,
        committed: Option<i64>,
        first: i64,
        store: &PartitionStore,
    ) -> Result<i64, Stop> {
        let (group, topic) = (self.of.group.clone(), self.of.commands.to_string());
        match committed {
            Some(next) if next >= first => Ok(next),
            Some(next) => {
                Err(Stop::Failed(Error::CommandsDeleted { group, topic, partition, committed: next, first }))
            }
            None if store.is_empty().map_err(failed)? => Ok(first),
            None => Err(Stop::Failed(Error::OffsetsLost { group, topic, partition })),
        }
    }

    /// Asks until there is an answer: a broker that is away for a while is no reason to stop.
    fn ask<T>(&self, question: impl Fn() -> Result<T, event_log::Error>) -> Result<T, Stop> {
        loop {
            match question() {
                Ok(answer) => return Ok(answer),
                Err(error) if error.is_transient() => {
                    tracing::warn!(%error, "restore has to wait for Kafka");
                    self.pause()?;
                }
                Err(error) => return Err(failed(error)),
            }
        }
    }

    fn pause(&self) -> Result<(), Stop> {
        std::thread::sleep(PAUSE);
        self.go_on()
    }

    fn go_on(&self) -> Result<(), Stop> {
        self.pulse.beat();
        if self.cancelled.load(Ordering::Relaxed) { Err(Stop::Cancelled) } else { Ok(()) }
    }

    fn each(&self, partitions: &[i32], step: impl Fn(i32) -> Step) -> Result<(), Stop> {
        partitions.iter().try_for_each(|p| self.tell(&step(*p)))
    }

    fn tell(&self, step: &Step) -> Result<(), Stop> {
        tracing::debug!(worker = self.of.worker, ?step, "restore");
        self.of.watch.after(self.of.worker, step).map_err(failed)?;
        self.go_on()
    }
}

fn failed(error: impl Into<Error>) -> Stop {
    Stop::Failed(error.into())
}

/// Step 4: one reader over all partitions, each into its store.
struct Reading<'a> {
    restore: &'a Restoring,
    reader: Reader,
    partitions: BTreeMap<i32, Tail>,
}

/// A partition on its way to its end.
struct Tail {
    store: PartitionStore,
    end: i64,
    next: i64,
    records: u64,
    chunk: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    chunk_bytes: usize,
}

impl<'a> Reading<'a> {
    /// Starts each where its store stands, and at the beginning where that is of no use.
    fn new(
        restore: &'a Restoring,
        stores: BTreeMap<i32, PartitionStore>,
        ends: &BTreeMap<i32, Watermarks>,
    ) -> Result<Self, Stop> {
        let mut partitions = BTreeMap::new();
        for (partition, store) in stores {
            let ends = ends[&partition];
            let next = restore.continue_from(partition, &store, ends)?.unwrap_or(ends.low);
            let tail = Tail { store, end: ends.high, next, records: 0, chunk: Vec::new(), chunk_bytes: 0 };
            restore.of.progress.restoring(partition, next, ends.high);
            partitions.insert(partition, tail);
        }
        let starts: Vec<_> = partitions.iter().map(|(p, tail)| (*p, Start::At(tail.next))).collect();
        let open = || Reader::open(&restore.of.kafka, &restore.of.snapshots, &starts, Isolation::Committed);
        Ok(Self { restore, reader: restore.ask(open)?, partitions })
    }

    fn read_to_end(&mut self, done: impl Fn(i32, PartitionStore) -> Result<(), Stop>) -> Result<(), Stop> {
        while !self.partitions.is_empty() {
            self.restore.go_on()?;
            match self.reader.next(PAUSE).map_err(failed)? {
                None => {}
                Some(ReaderEvent::Record(record)) => self.take(record)?,
                Some(ReaderEvent::Eof(Position { partition, offset })) => {
                    // The leader may have died since step 3, and its successor not know yet how far the others have got:
                    // then it tells of an earlier end, and snapshots lie behind that. The right one comes, too.
                    let is_early = self.partitions.get(&partition).is_some_and(|tail| offset < tail.end);
                    #[cfg(feature = "planted-bugs")]
                    let is_early = is_early && !crate::planted::stops_at_the_first_end();
                    if is_early {
                        tracing::info!(partition, offset, "an end before the end, reading on");
                        continue;
                    }
                    let Some(mut tail) = self.partitions.remove(&partition) else { continue };
                    // Control records take offsets, too.
                    tail.next = tail.next.max(offset);
                    self.write(partition, &mut tail)?;
                    self.restore.tell(&Step::ReadToEnd { partition, records: tail.records })?;
                    done(partition, tail.store)?;
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, record: Received) -> Result<(), Stop> {
        let partition = record.partition;
        let Some(tail) = self.partitions.get_mut(&partition) else { return Ok(()) };
        tail.next = record.offset + 1;
        tail.records += 1;
        if let Some(key) = record.key {
            let stored = record.value.map(|value| pack(&record.headers, &value));
            tail.chunk_bytes += key.len() + stored.as_ref().map_or(0, Vec::len);
            tail.chunk.push((key.to_vec(), stored));
        }
        if tail.chunk_bytes < CHUNK_BYTES {
            return Ok(());
        }
        let Some(mut tail) = self.partitions.remove(&partition) else { return Ok(()) };
        self.write(partition, &mut tail)?;
        self.partitions.insert(partition, tail);
        Ok(())
    }

    fn write(&self, partition: i32, tail: &mut Tail) -> Result<(), Stop> {
        let standing = Standing::new(self.restore.of.origin.clone(), tail.next, clock::now().as_millis());
        let changes = tail.chunk.iter().map(|(key, stored)| (&key[..], stored.as_deref()));
        tail.store.apply(changes, &standing).map_err(failed)?;
        tail.chunk.clear();
        tail.chunk_bytes = 0;
        self.restore.of.progress.restoring(partition, tail.next, tail.end);
        Ok(())
    }
}

impl Restoring {
    /// The offset up to which the store is good; wiped if it is good for nothing.
    fn continue_from(
        &self,
        partition: i32,
        store: &PartitionStore,
        ends: Watermarks,
    ) -> Result<Option<i64>, Stop> {
        let standing = store.standing().map_err(failed)?;
        let offsets = ends.low..=ends.high;
        let now = clock::now().as_millis();
        let objection = match &standing {
            Some(standing) => standing.objection(&self.of.origin, &offsets, now, self.of.tombstones_kept),
            None if store.is_empty().map_err(failed)? => None,
            None => Some("it doesn't say where it stands"),
        };
        let Some(objection) = objection else { return Ok(standing.map(|standing| standing.next_offset)) };
        let started = Instant::now();
        store.wipe().map_err(failed)?;
        tracing::info!(partition, objection, took = ?started.elapsed(), "state is wiped and read anew");
        Ok(None)
    }
}
