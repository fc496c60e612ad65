//! How far each worker is with taking over its partitions, for `/readyz` and the metrics.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use telemetry::Condition;

use crate::metrics;

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
}

impl Progress {
    /// The condition holds when every worker had its first assignment and all that was assigned runs.
    pub(crate) fn new(condition: Condition, workers: usize) -> Self {
        let state = State { condition, unassigned: workers, behind: BTreeMap::new() };
        let this = Self { shared: Arc::new(Mutex::new(state)) };
        this.change(|_| {});
        this
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
        self.change(|state| {
            state.behind.insert(partition, (read, end));
        });
    }

    /// It runs, or is somebody else's.
    pub(crate) fn done(&self, partition: i32) {
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
        } else {
            state.condition.met();
        }
    }
}
