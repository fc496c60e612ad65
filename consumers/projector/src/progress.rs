//! How far a worker has come, for those who watch it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use event_log::{Received, TopicPartition};

/// The worker writes it, whoever measures lag and readiness reads it. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Progress {
    state: Arc<Mutex<State>>,
}

/// How a worker stands.
#[derive(Clone, Default)]
pub(crate) struct State {
    /// Whether the group has let it in.
    pub(crate) joined: bool,
    /// Its partitions.
    pub(crate) partitions: BTreeMap<i32, Standing>,
    /// Since when it is busy with a batch.
    pub(crate) busy_since: Option<Instant>,
}

/// How it stands on one partition.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct Standing {
    /// The offset to go on from, once something was read.
    pub(crate) next: Option<i64>,
    /// The offset at which its end was met, while all that there was has been dealt with.
    pub(crate) ended_at: Option<i64>,
    /// Whether that was ever so since the partition was assigned.
    pub(crate) reached_end: bool,
    /// When the oldest record that isn't dealt with yet was written, in milliseconds, as far as is known.
    pub(crate) behind_from: Option<i64>,
}

impl Progress {
    pub(crate) fn state(&self) -> State {
        self.lock().clone()
    }

    pub(crate) fn assigned(&self, partitions: &[TopicPartition]) {
        let mut state = self.lock();
        state.joined = true;
        for at in partitions {
            state.partitions.insert(at.partition, Standing::default());
        }
    }

    pub(crate) fn gone(&self, partitions: &[TopicPartition]) {
        let mut state = self.lock();
        for at in partitions {
            state.partitions.remove(&at.partition);
        }
    }

    pub(crate) fn begun(&self, records: &[Received]) {
        let mut state = self.lock();
        state.busy_since = Some(Instant::now());
        for record in records.iter().rev() {
            if let Some(standing) = state.partitions.get_mut(&record.partition) {
                standing.ended_at = None;
                standing.behind_from = record.timestamp.millis();
            }
        }
    }

    pub(crate) fn done(&self, records: &[Received]) {
        let mut state = self.lock();
        state.busy_since = None;
        for record in records {
            if let Some(standing) = state.partitions.get_mut(&record.partition) {
                standing.next = Some(record.offset + 1);
                standing.behind_from = record.timestamp.millis();
            }
        }
    }

    pub(crate) fn at_end(&self, ends: &[(TopicPartition, i64)]) {
        let mut state = self.lock();
        for (at, offset) in ends {
            if let Some(standing) = state.partitions.get_mut(&at.partition) {
                standing.ended_at = Some(*offset);
                standing.reached_end = true;
                standing.behind_from = None;
            }
        }
    }

    /// Nothing is owned and nothing is known: a worker ended.
    pub(crate) fn reset(&self) {
        *self.lock() = State::default();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use event_log::{Headers, Timestamp};

    use super::*;

    fn record(partition: i32, offset: i64, at: i64) -> Received {
        Received {
            topic: "events".into(),
            partition,
            offset,
            timestamp: Timestamp::Created(at),
            key: None,
            value: None,
            headers: Headers::new(),
        }
    }

    #[test]
    fn the_oldest_record_not_dealt_with_tells_how_far_behind() {
        let progress = Progress::default();
        let at = |p| TopicPartition::new("events", p);
        progress.assigned(&[at(0), at(1)]);
        let batch = [record(0, 5, 100), record(1, 9, 150), record(0, 6, 200)];
        progress.begun(&batch);
        let standing = progress.state().partitions[&0];
        assert_eq!(standing, Standing { behind_from: Some(100), ..Standing::default() });
        progress.done(&batch);
        let standing = progress.state().partitions[&0];
        assert_eq!(standing, Standing { next: Some(7), behind_from: Some(200), ..Standing::default() });
        progress.at_end(&[(at(0), 8)]);
        let standing = progress.state().partitions[&0];
        assert_eq!((standing.behind_from, standing.ended_at), (None, Some(8)));
        progress.begun(&[record(0, 7, 300)]);
        let standing = progress.state().partitions[&0];
        assert!(standing.reached_end && standing.ended_at.is_none());
        progress.gone(&[at(1)]);
        assert_eq!(progress.state().partitions.len(), 1);
    }
}
