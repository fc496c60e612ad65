//! How far each worker is with taking over its partitions, and whether it gets on, for `/readyz` and the metrics.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use telemetry::{Condition, restores};

use crate::metrics;

/// A batch given up so often in a row is stuck: rebalances and brokers that restart cost a worker a few.
const STUCK: u32 = 10;

/// What all workers of the process have done so far. Clones share it.
#[derive(Clone)]
pub(crate) struct Progress {
    shared: Arc<Mutex<State>>,
}

struct State {
    condition: Condition,
    /// Workers that haven't been told yet what is theirs.
    unassigned: usize,
    /// Partitions not running yet: what is read of their snapshots, and where those end.
    behind: BTreeMap<i32, (i64, i64)>,
    /// Workers whose last batches were given up, how many in a row, and why the last one was.
    stuck: BTreeMap<usize, (u32, &'static str)>,
}

impl Progress {
    /// The condition holds when every worker had its first assignment and all that was assigned runs.
    pub(crate) fn new(condition: Condition, workers: usize) -> Self {
        let state = State { condition, unassigned: workers, behind: BTreeMap::new(), stuck: BTreeMap::new() };
        let this = Self { shared: Arc::new(Mutex::new(state)) };
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
        self.change(|state| {
            state.behind.insert(partition, (0, 0));
        });
    }

    pub(crate) fn restoring(&self, partition: i32, read: i64, end: i64) {
        metrics::RESTORE_REMAINING.with_label_values(&[&partition.to_string()]).set((end - read).max(0));
        restores::at(partition, read, end);
        self.change(|state| {
            state.behind.insert(partition, (read, end));
        });
    }

    /// It runs, or is somebody else's.
    pub(crate) fn done(&self, partition: i32) {
        restores::done(partition);
        let _ = metrics::RESTORE_REMAINING.remove_label_values(&[&partition.to_string()]);
        self.change(|state| {
            state.behind.remove(&partition);
        });
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        if state.unassigned > 0 {
            state.condition.unmet(format!("{} workers wait to be assigned partitions", state.unassigned));
        } else if let Some((partition, (read, end))) = state.behind.first_key_value() {
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
