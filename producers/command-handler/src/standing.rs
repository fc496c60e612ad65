//! How each partition of the process stands, for those who measure how far behind it is.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use event_log::Received;

/// The workers write it, once a batch; who measures reads it. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Standings(Arc<Mutex<BTreeMap<i32, Standing>>>);

/// How a partition stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The offset of the next command to decide; none until that is known.
    pub(crate) next: Option<i64>,
    /// When the oldest command that was read and isn't decided was written, in milliseconds; a command behind it is younger.
    pub(crate) behind_from: Option<i64>,
    /// Since when it is ours.
    pub(crate) since: Instant,
}

impl Standings {
    pub(crate) fn all(&self) -> BTreeMap<i32, Standing> {
        self.lock().clone()
    }

    /// It came, or must be taken over anew.
    pub(crate) fn came(&self, partition: i32) {
        let standing = Standing { next: None, behind_from: None, since: Instant::now() };
        self.lock().insert(partition, standing);
    }

    pub(crate) fn went(&self, partition: i32) {
        self.lock().remove(&partition);
    }

    /// Its commands are decided from here on.
    pub(crate) fn runs(&self, partition: i32, next: i64) {
        if let Some(standing) = self.lock().get_mut(&partition) {
            standing.next = Some(next);
        }
    }

    /// A batch was read.
    pub(crate) fn begun(&self, records: &[Received]) {
        self.behind_from(records.iter().rev());
    }

    /// It was decided, and committed.
    pub(crate) fn done(&self, records: &[Received], next: &BTreeMap<i32, i64>) {
        self.behind_from(records.iter());
        let mut standings = self.lock();
        for (partition, next) in next {
            if let Some(standing) = standings.get_mut(partition) {
                standing.next = Some(*next);
            }
        }
    }

    /// Nothing more was there to be read for this worker.
    pub(crate) fn idle(&self, partitions: impl Iterator<Item = i32>) {
        let mut standings = self.lock();
        for partition in partitions {
            if let Some(standing) = standings.get_mut(&partition) {
                standing.behind_from = None;
            }
        }
    }

    /// The last record of each partition counts, in this order.
    fn behind_from<'a>(&self, records: impl Iterator<Item = &'a Received>) {
        let mut standings = self.lock();
        let mut records = records.peekable();
        while let Some(record) = records.next() {
            // They come in runs: all but the last of one would be written over.
            if records.peek().is_some_and(|next| next.partition == record.partition) {
                continue;
            }
            if let Some(standing) = standings.get_mut(&record.partition) {
                standing.behind_from = record.timestamp.millis();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<i32, Standing>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Standing {
    /// How many seconds ago the oldest command was written that isn't decided, at this time in milliseconds. One that isn't
    /// read yet counts from when the partition came.
    pub(crate) fn seconds_behind(&self, lag: i64, now: i64) -> f64 {
        match (self.behind_from, self.next) {
            // Decided long ago, while other partitions of the worker kept it from being idle.
            _ if lag == 0 => 0.0,
            (Some(from), _) => (now - from).max(0) as f64 / 1_000.0,
            (None, None) => self.since.elapsed().as_secs_f64(),
            (None, Some(_)) => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use event_log::{Headers, Timestamp};

    use super::*;

    fn record(partition: i32, offset: i64, at: i64) -> Received {
        Received {
            topic: "commands".into(),
            partition,
            offset,
            timestamp: Timestamp::Appended(at),
            key: None,
            value: None,
            headers: Headers::new(),
        }
    }

    #[test]
    fn the_oldest_command_that_is_not_decided_tells_how_far_behind() {
        let standings = Standings::default();
        let of = |partition| standings.all().get(&partition).map(|s| (s.next, s.behind_from));
        standings.came(0);
        standings.came(1);
        standings.runs(0, 5);
        let batch = [record(0, 5, 100), record(0, 6, 200), record(1, 9, 150), record(0, 7, 300)];
        standings.begun(&batch);
        assert_eq!((of(0), of(1)), (Some((Some(5), Some(100))), Some((None, Some(150)))));
        standings.done(&batch, &BTreeMap::from([(0, 8), (7, 1)]));
        assert_eq!(of(0), Some((Some(8), Some(300))));
        assert!((standings.all()[&0].seconds_behind(3, 2_300) - 2.0).abs() < 1e-9);
        assert!(standings.all()[&0].seconds_behind(0, 2_300) < 1e-9, "nothing waits");
        standings.idle([0, 1].into_iter());
        assert_eq!((of(0), of(1)), (Some((Some(8), None)), Some((None, None))));
        assert!(standings.all()[&0].seconds_behind(3, 2_300) < 1e-9);
        assert!(standings.all()[&1].seconds_behind(3, 2_300) > 0.0, "it waits to be taken over");
        standings.went(1);
        assert_eq!((of(1), of(7)), (None, None));
    }
}
