//! How far each worker is with taking over its partitions, and whether it gets on, for `/readyz` and the metrics.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use telemetry::{Condition, restores};

use crate::metrics;
use crate::standing::Standings;

/// A batch given up so often in a row is stuck: rebalances and brokers that restart cost a worker a few.
const STUCK: u32 = 10;

/// What all workers of the process have done so far. Clones share it.
#[derive(Clone)]
pub(crate) struct Progress {
    shared: Arc<Mutex<State>>,
    /// How far behind each partition is.
    pub(crate) standings: Standings,
}

struct State {
    condition: Condition,
    /// Workers that haven't been told yet what is theirs.
    unassigned: usize,
    /// Partitions not running yet.
    behind: BTreeMap<i32, Behind>,
    /// Workers whose last batches were given up, how many in a row, and why the last one was.
    stuck: BTreeMap<usize, (u32, &'static str)>,
}

/// What is read of the snapshots of a partition, from where on, and where they end.
#[derive(Clone, Copy)]
struct Behind {
    from: Option<i64>,
    read: i64,
    end: i64,
    since: Instant,
}

impl Progress {
    /// The condition holds when every worker had its first assignment and all that was assigned runs.
    pub(crate) fn new(condition: Condition, workers: usize) -> Self {
        let state = State { condition, unassigned: workers, behind: BTreeMap::new(), stuck: BTreeMap::new() };
        let this = Self { shared: Arc::new(Mutex::new(state)), standings: Standings::default() };
        this.change(|_| {});
        this
    }

    /// A worker has given up this many batches in a row.
    pub(crate) fn gave_up(&self, worker: usize, in_a_row: u32, reason: &'static str) {
        if in_a_row >= STUCK {
            self.change(|state| {
                state.stuck.insert(worker, (in_a_row, reason));
            });
        }
    }

    /// It has committed one, after some that it gave up.
    pub(crate) fn got_on(&self, worker: usize) {
        self.change(|state| {
            state.stuck.remove(&worker);
        });
    }

    /// A worker was told for the first time what is its.
    pub(crate) fn joined(&self) {
        self.change(|state| state.unassigned = state.unassigned.saturating_sub(1));
    }

    pub(crate) fn waiting(&self, partition: i32) {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        metrics::RESTORE_STARTED_AT.with_label_values(&[&partition.to_string()]).set(since.as_secs_f64());
        self.standings.came(partition);
        self.change(|state| {
            let behind = Behind { from: None, read: 0, end: 0, since: Instant::now() };
            state.behind.insert(partition, behind);
        });
    }

    pub(crate) fn restoring(&self, partition: i32, read: i64, end: i64) {
        let label = partition.to_string();
        metrics::RESTORE_REMAINING.with_label_values(&[&label]).set((end - read).max(0));
        restores::at(partition, read, end);
        self.change(|state| {
            let Some(behind) = state.behind.get_mut(&partition) else { return };
            let from = *behind.from.get_or_insert(read);
            (behind.read, behind.end) = (read, end);
            metrics::RESTORE_TOTAL.with_label_values(&[&label]).set((end - from).max(0));
        });
    }

    /// It runs: its commands are decided from here on.
    pub(crate) fn runs(&self, partition: i32, next: i64) {
        self.standings.runs(partition, next);
        if let Some(since) = self.restored(partition) {
            metrics::RESTORE_TIME.observe(since.elapsed().as_secs_f64());
        }
    }

    /// It is somebody else's.
    pub(crate) fn gone(&self, partition: i32) {
        self.standings.went(partition);
        self.restored(partition);
    }

    /// There is nothing left to restore. Since when there was.
    fn restored(&self, partition: i32) -> Option<Instant> {
        restores::done(partition);
        let label = partition.to_string();
        let mut since = None;
        self.change(|state| since = state.behind.remove(&partition).map(|behind| behind.since));
        // What never was begun has no progress either.
        let _ = metrics::RESTORE_REMAINING.remove_label_values(&[&label]);
        let _ = metrics::RESTORE_TOTAL.remove_label_values(&[&label]);
        let _ = metrics::RESTORE_STARTED_AT.remove_label_values(&[&label]);
        since
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        metrics::RESTORING.set(state.behind.len() as i64);
        if state.unassigned > 0 {
            state.condition.unmet(format!("{} workers wait to be assigned partitions", state.unassigned));
        } else if let Some((partition, Behind { read, end, .. })) = state.behind.first_key_value() {
            let others = state.behind.len() - 1;
            let reason =
                format!("restoring partition {partition}, at {read} of {end}; {others} more to restore");
            state.condition.unmet(reason);
        } else if let Some((worker, (in_a_row, reason))) = state.stuck.first_key_value() {
            let reason =
                format!("worker {worker} gave up {in_a_row} batches in a row, the last for \"{reason}\"");
            state.condition.unmet(reason);
        } else {
            state.condition.met();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use telemetry::Readiness;

    #[test]
    fn a_worker_that_only_gives_up_is_not_ready_until_it_commits() {
        let readiness = Readiness::new();
        let progress = Progress::new(readiness.condition("partitions"), 1);
        progress.joined();
        for in_a_row in 1..STUCK {
            progress.gave_up(0, in_a_row, "abortable");
        }
        assert!(readiness.is_ready());
        progress.gave_up(0, STUCK, "abortable");
        assert!(!readiness.is_ready());
        progress.got_on(0);
        assert!(readiness.is_ready());
    }
}
