//! Who watches which shipment.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shipment_events::{Sequence, ShipmentId};
use tokio::sync::{Semaphore, watch};
use tokio::task::AbortHandle;

use super::pushing::Woken;
use super::recent::Recent;
use super::watched::{Seen, Watched};
use crate::metrics;
use crate::views::Views;

/// How many watched shipments are read at once: many are woken together when the tail was lost for a while.
const READS_AT_ONCE: usize = 64;

/// Clones share everything.
#[derive(Clone)]
pub(crate) struct Hub {
    shared: Arc<Shared>,
}

struct Shared {
    views: Views,
    reads: Arc<Semaphore>,
    most: usize,
    /// Clients are counted under this lock, not by their receivers, which live on while they are dropped: of two that
    /// leave at once neither would be the last.
    watches: Mutex<Watches>,
}

#[derive(Default)]
struct Watches {
    clients: usize,
    by_shipment: HashMap<ShipmentId, Watch>,
    recent: Recent,
}

struct Watch {
    clients: usize,
    watched: Arc<Watched>,
    reading: AbortHandle,
}

impl Hub {
    /// For at most so many clients.
    pub(crate) fn new(views: Views, most: usize) -> Self {
        let reads = Arc::new(Semaphore::new(READS_AT_ONCE));
        Self { shared: Arc::new(Shared { views, reads, most, watches: Mutex::default() }) }
    }

    /// Watches a shipment; `None` when there are too many clients.
    pub(crate) fn watch(&self, id: ShipmentId) -> Option<Watching> {
        let mut watches = self.shared.watches();
        if watches.clients >= self.shared.most {
            return None;
        }
        watches.clients += 1;
        metrics::SSE_CLIENTS.inc();
        let wanted = watches.recent.last(id);
        let watch = watches.by_shipment.entry(id).or_insert_with(|| self.shared.watch(id, wanted));
        watch.clients += 1;
        watch.watched.refresh();
        let (of, seen) = (Arc::clone(&watch.watched), watch.watched.seen.subscribe());
        Some(Watching { hub: self.clone(), id, of, seen })
    }

    /// There is an event: whoever watches the shipment is shown the row once it has it.
    pub(super) fn wake(&self, id: ShipmentId, sequence: Sequence, by: impl FnOnce() -> Option<Woken>) {
        let mut watches = self.shared.watches();
        watches.recent.note(id, sequence);
        if let Some(watch) = watches.by_shipment.get(&id) {
            metrics::WAKES.inc();
            if let Some(woken) = by() {
                watch.watched.pushing.woken(woken);
            }
            watch.watched.wake(sequence);
        }
    }

    /// Events may have been missed: every watched row is read again.
    pub(super) fn wake_all(&self) {
        self.shared.watches().by_shipment.values().for_each(|watch| watch.watched.wake(Sequence::NONE));
    }
}

impl Shared {
    fn watches(&self) -> MutexGuard<'_, Watches> {
        self.watches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn watch(&self, id: ShipmentId, wanted: i64) -> Watch {
        let watched = Arc::new(Watched::new(id, wanted));
        let reading = Arc::clone(&watched).keep_reading(self.views.clone(), Arc::clone(&self.reads));
        Watch { clients: 0, watched, reading: tokio::spawn(reading).abort_handle() }
    }
}

/// One client's look at a shipment; dropping it gives the place free.
pub(crate) struct Watching {
    hub: Hub,
    id: ShipmentId,
    of: Arc<Watched>,
    pub(crate) seen: watch::Receiver<Seen>,
}

impl Watching {
    /// The client is being sent this version.
    pub(crate) fn pushed(&self, version: i64) {
        self.of.pushing.pushed(version);
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let mut watches = self.hub.shared.watches();
        watches.clients -= 1;
        metrics::SSE_CLIENTS.dec();
        if let Some(watch) = watches.by_shipment.get_mut(&self.id) {
            watch.clients -= 1;
            if watch.clients == 0
                && let Some(watch) = watches.by_shipment.remove(&self.id)
            {
                watch.reading.abort();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> ShipmentId {
        ShipmentId::new(uuid::Uuid::from_u128(n))
    }

    #[tokio::test]
    async fn places_are_given_free_and_nothing_is_left_behind() {
        let hub = Hub::new(Views::default(), 3);
        let held: Vec<_> = [1, 1, 2].map(|n| hub.watch(id(n))).into_iter().flatten().collect();
        assert_eq!(held.len(), 3);
        assert!(hub.watch(id(3)).is_none());
        let reading: Vec<_> =
            hub.shared.watches().by_shipment.values().map(|watch| watch.reading.clone()).collect();
        assert_eq!(reading.len(), 2);
        drop(held);
        assert_eq!(hub.shared.watches().clients, 0);
        assert!(hub.shared.watches().by_shipment.is_empty());
        for task in reading {
            while !task.is_finished() {
                tokio::task::yield_now().await;
            }
        }
        assert!(hub.watch(id(1)).is_some());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn coming_and_going_at_once_leaves_nothing_behind() {
        let hub = Hub::new(Views::default(), 1_000);
        let clients: Vec<_> = (0..8)
            .map(|n| {
                let hub = hub.clone();
                tokio::spawn(async move {
                    for _ in 0..2_000 {
                        let watching = hub.watch(id(n % 2)).unwrap();
                        hub.wake(id(n % 2), Sequence::new(1), || None);
                        drop(watching);
                    }
                })
            })
            .collect();
        for client in clients {
            client.await.unwrap();
        }
        let watches = hub.shared.watches();
        assert_eq!((watches.clients, watches.by_shipment.len()), (0, 0));
    }
}
