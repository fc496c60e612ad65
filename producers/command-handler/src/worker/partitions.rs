//! The partitions of a worker: which run, which are being restored, which wait for that.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;

use shipment_events::ShipmentId;

use crate::Error;
use crate::batch::StateReader;
use crate::restore::{Restore, Restored, Restoring};
use crate::store::{self, PartitionStore, Store};

/// Every partition assigned, and how it stands.
pub(super) struct Partitions {
    store: Store,
    restore: Restore,
    states: BTreeMap<i32, State>,
    takeovers: Vec<Takeover>,
}

enum State {
    /// Paused; a restore is still to be begun.
    Waiting,
    /// Paused; a thread reads its snapshots.
    Restoring,
    /// Its commands are decided.
    Running(Running),
}

/// A partition whose commands are decided.
pub(super) struct Running {
    pub(super) store: PartitionStore,
    /// Its committed offset: the next command to decide.
    pub(super) next: i64,
}

/// A thread that restores some partitions.
struct Takeover {
    cancelled: Arc<AtomicBool>,
    thread: JoinHandle<()>,
    partitions: Vec<i32>,
    done: Receiver<Result<Restored, Error>>,
}

impl Partitions {
    pub(super) fn new(store: Store, restore: Restore) -> Self {
        Self { store, restore, states: BTreeMap::new(), takeovers: Vec::new() }
    }

    /// Partitions came.
    pub(super) fn add(&mut self, partitions: &[i32]) {
        for partition in partitions {
            self.restore.progress.waiting(*partition);
            self.states.insert(*partition, State::Waiting);
        }
    }

    /// Partitions went. Returns only when nothing of this worker touches them any more.
    pub(super) fn remove(&mut self, partitions: &[i32]) {
        self.cancel(partitions);
        for partition in partitions {
            self.restore.progress.gone(*partition);
            self.states.remove(partition);
        }
    }

    /// What runs has to be restored again. Returns which those were.
    pub(super) fn distrust_running(&mut self) -> Vec<i32> {
        let running: Vec<i32> = self.running().map(|(partition, _)| partition).collect();
        self.add(&running);
        running
    }

    /// Begins to restore what waits for it. What another worker of this process has not let go of waits on.
    pub(super) fn begin_restores(&mut self) -> Result<(), Error> {
        let mut stores = BTreeMap::new();
        for (partition, state) in &self.states {
            if matches!(state, State::Waiting)
                && let Some(store) = self.store.claim(*partition)?
            {
                stores.insert(*partition, store);
            }
        }
        if stores.is_empty() {
            return Ok(());
        }
        let partitions: Vec<i32> = stores.keys().copied().collect();
        let (sender, done) = channel();
        let cancelled = Arc::new(AtomicBool::new(false));
        let restoring = Restoring::new(self.restore.clone(), cancelled.clone());
        let thread = std::thread::Builder::new()
            .name(format!("restore-{}", self.restore.worker))
            .spawn(move || restoring.run(stores, &sender))
            .map_err(|_| Error::Thread)?;
        for partition in &partitions {
            self.states.insert(*partition, State::Restoring);
        }
        self.takeovers.push(Takeover { cancelled, thread, partitions, done });
        Ok(())
    }

    /// The partitions whose restore has ended since the last call.
    pub(super) fn restored(&mut self) -> Result<Vec<Restored>, Error> {
        let mut restored = Vec::new();
        for takeover in &mut self.takeovers {
            // Looked at first: what a thread that has ended by now had to say is in the channel by now.
            let has_ended = takeover.thread.is_finished();
            while let Ok(result) = takeover.done.try_recv() {
                let result = result?;
                takeover.partitions.retain(|p| *p != result.partition);
                restored.push(result);
            }
            if has_ended && !takeover.partitions.is_empty() {
                return Err(Error::Thread);
            }
        }
        self.takeovers.retain(|takeover| !takeover.partitions.is_empty());
        Ok(restored)
    }

    /// A restored partition is running.
    pub(super) fn run(&mut self, Restored { partition, store, next }: Restored) {
        self.restore.progress.runs(partition, next);
        self.states.insert(partition, State::Running(Running { store, next }));
    }

    pub(super) fn running(&self) -> impl Iterator<Item = (i32, &Running)> {
        self.states.iter().filter_map(|(partition, state)| match state {
            State::Running(running) => Some((*partition, running)),
            State::Waiting | State::Restoring => None,
        })
    }

    pub(super) fn running_mut(&mut self, partition: i32) -> Option<&mut Running> {
        match self.states.get_mut(&partition) {
            Some(State::Running(running)) => Some(running),
            _ => None,
        }
    }

    /// Ends the restores of these partitions. Others on the same thread begin again, from what is in their stores by then.
    fn cancel(&mut self, partitions: &[i32]) {
        let concerned = |takeover: &Takeover| takeover.partitions.iter().any(|p| partitions.contains(p));
        let (concerned, rest) = std::mem::take(&mut self.takeovers).into_iter().partition(concerned);
        self.takeovers = rest;
        for takeover in concerned {
            for partition in takeover.end() {
                self.states.insert(partition, State::Waiting);
            }
        }
    }
}

impl Drop for Partitions {
    fn drop(&mut self) {
        let all: Vec<i32> = self.states.keys().copied().collect();
        self.remove(&all);
    }
}

impl Takeover {
    /// Returns what it had not finished, when its thread is gone and with it its hold on the stores.
    fn end(self) -> Vec<i32> {
        self.cancelled.store(true, Ordering::Relaxed);
        if self.thread.join().is_err() {
            tracing::error!("a restore panicked");
        }
        self.partitions
    }
}

/// The state that commands are decided against.
impl StateReader for Partitions {
    type Stored = fjall::Slice;
    type Error = store::Error;

    fn read(&self, partition: i32, shipment: ShipmentId) -> Result<Option<fjall::Slice>, store::Error> {
        // "No such shipment" would begin its history anew.
        let Some(State::Running(running)) = self.states.get(&partition) else {
            return Err(store::Error::NotHeld { partition });
        };
        let mut buffer = uuid::Uuid::encode_buffer();
        running.store.get(shipment.as_uuid().hyphenated().encode_lower(&mut buffer).as_bytes())
    }
}
