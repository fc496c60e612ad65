//! What a worker does, step by step, for whoever watches: the tests do, to see the order of things and to interfere.

use event_log::Fault;

/// A step of a worker.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// The producers exist, and whatever their predecessors left open is resolved.
    ProducersMade,
    /// All producers are gone, because a call had no definite outcome.
    ProducersDiscarded,
    /// Partitions came, paused.
    Assigned(Vec<i32>),
    /// Partitions are to be given up.
    Revoked(Vec<i32>),
    /// Partitions were taken away.
    Lost(Vec<i32>),
    /// Restore, first: the group's offset is known, and no transaction that carries one is undecided.
    CommittedFetched(i32),
    /// Restore, second: the uncommitted end of the snapshots is known.
    EndTaken(i32),
    /// Restore, third: the last stable offset has passed that end.
    EndStable(i32),
    /// Restore, fourth: the snapshots are read to their end.
    ReadToEnd {
        /// The partition.
        partition: i32,
        /// How many records were read: few, when the store had the rest.
        records: u64,
    },
    /// Restore, fifth: the partition runs, from this offset.
    Resumed {
        /// The partition.
        partition: i32,
        /// The offset of the next command.
        offset: i64,
    },
    /// Who we are in the group was noted, before the poll.
    MetadataTaken,
    /// So many records were polled.
    Polled(usize),
    /// So many records are decided, and not written yet.
    Decided(usize),
    /// All records of the transaction are acknowledged.
    Drained,
    /// The offsets are part of the transaction.
    OffsetsSent,
    /// The transaction is committed; the store doesn't know yet.
    Committed,
    /// The store knows, too.
    Applied,
    /// The transaction was aborted.
    Aborted,
    /// Every partition that runs was set back to its committed offset.
    SoughtBack,
}

/// Sees each step of each worker, on the worker's own thread: what takes long here holds the worker up.
pub trait Watch: Send + Sync {
    /// The step was taken. An error is taken for one of the producer's: tests make faults come true with it.
    fn after(&self, worker: usize, step: &Step) -> Result<(), Fault> {
        let _ = (worker, step);
        Ok(())
    }
}

/// Nobody watches.
pub struct Nobody;

impl Watch for Nobody {}
