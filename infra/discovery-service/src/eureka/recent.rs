//! What changed lately, for clients that fetch deltas.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use service_registry::{Change, Instance};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::Action;

/// How long a change is told: Eureka's `retentionTimeInMSInDeltaQueue`. Clients ask each 30 s.
const KEPT: Duration = Duration::from_mins(3);
/// Changes kept at most. Who misses one finds that the hash code differs, and fetches everything.
const MOST: usize = 4_096;

/// The latest changes. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Recent {
    changes: Arc<Mutex<VecDeque<(Instant, Change)>>>,
}

impl Recent {
    /// Keeps what comes, until there is nobody left to tell of changes.
    pub(crate) async fn keep(&self, mut changes: Receiver<Change>) {
        loop {
            match changes.recv().await {
                Ok(change) => self.note(change, Instant::now()),
                // What is here is no longer all: clients find out by the hash code.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    }

    /// The last change of each instance that changed lately.
    pub(crate) fn latest(&self) -> Vec<(Action, Instance)> {
        self.latest_at(Instant::now())
    }

    fn note(&self, change: Change, now: Instant) {
        let mut changes = self.lock();
        changes.push_back((now, change));
        let is_over = |changes: &VecDeque<(Instant, Change)>| {
            changes.front().is_some_and(|(at, _)| now.duration_since(*at) > KEPT)
        };
        while changes.len() > MOST || is_over(&changes) {
            changes.pop_front();
        }
    }

    fn latest_at(&self, now: Instant) -> Vec<(Action, Instance)> {
        let mut latest = BTreeMap::new();
        for (at, change) in self.lock().iter() {
            if now.duration_since(*at) > KEPT {
                continue;
            }
            let action = match change {
                Change::Joined(_) => Action::Added,
                Change::Changed(_) => Action::Modified,
                Change::Left(_) => Action::Deleted,
            };
            latest.insert(change.instance().id(), (action, change.instance().clone()));
        }
        latest.into_values().collect()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(Instant, Change)>> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn instance(name: &str) -> Instance {
        let lease = json!({"service": "s", "instance": name, "address": "h:1", "status": "UP", "ttl_ms": 7500,
            "started_at": 0});
        Instance { lease: Arc::new(serde_json::from_value(lease).unwrap()), taken_out: None, renewed_at: 0 }
    }

    #[test]
    fn the_last_change_of_each_is_told_for_three_minutes() {
        let (recent, start) = (Recent::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        recent.note(Change::Joined(instance("a")), at(0));
        recent.note(Change::Joined(instance("b")), at(10));
        recent.note(Change::Left(instance("a")), at(20));
        let told = |seconds| -> Vec<(Action, String)> {
            let latest = recent.latest_at(at(seconds)).into_iter();
            latest.map(|(action, instance)| (action, instance.lease.instance.to_string())).collect()
        };
        assert_eq!(told(30), [(Action::Deleted, "a".to_owned()), (Action::Added, "b".to_owned())]);
        assert_eq!(told(195), [(Action::Deleted, "a".to_owned())]);
        assert!(told(201).is_empty());
        recent.note(Change::Joined(instance("c")), at(400));
        assert_eq!(recent.lock().len(), 1);
    }
}
