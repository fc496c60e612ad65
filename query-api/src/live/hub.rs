//! Who watches which shipment.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shipment_events::{Sequence, ShipmentId};
use telemetry::TraceContext;
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
        metrics::SSE_LIMIT.set(i64::try_from(most).unwrap_or(i64::MAX));
        Self { shared: Arc::new(Shared { views, reads, most, watches: Mutex::default() }) }
    }

    /// A place for a client; `None` when there are too many.
    pub(crate) fn place(&self) -> Option<Place> {
        self.place_of(self.shared.most)
    }

    /// A place for somebody of the public, who take up seven of eight at most: some are left for who signs in.
    pub(crate) fn public_place(&self) -> Option<Place> {
        self.place_of(self.shared.most - self.shared.most / 8)
    }

    fn place_of(&self, most: usize) -> Option<Place> {
        let mut watches = self.shared.watches();
        if watches.clients >= most {
            return None;
        }
        watches.clients += 1;
        metrics::SSE_CLIENTS.inc();
        Some(Place { hub: self.clone() })
    }

    fn watch(&self, id: ShipmentId) -> Watching {
        let mut watches = self.shared.watches();
        let wanted = watches.recent.last(id);
        let watch = watches.by_shipment.entry(id).or_insert_with(|| self.shared.watch(id, wanted));
        watch.clients += 1;
        watch.watched.refresh();
        let (of, seen) = (Arc::clone(&watch.watched), watch.watched.seen.subscribe());
        Watching { hub: self.clone(), id, of, seen }
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

/// A client's place; dropping it gives it free.
pub(crate) struct Place {
    hub: Hub,
}

impl Place {
    /// Watches a shipment from here.
    pub(crate) fn watch(&self, id: ShipmentId) -> Watching {
        self.hub.watch(id)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.hub.shared.watches().clients -= 1;
        metrics::SSE_CLIENTS.dec();
    }
}

/// One client's look at a shipment.
pub(crate) struct Watching {
    hub: Hub,
    id: ShipmentId,
    of: Arc<Watched>,
    pub(crate) seen: watch::Receiver<Seen>,
}

impl Watching {
    /// The client is being sent this version; its trace, if it is traced and this is the first.
    pub(crate) fn pushed(&self, version: i64) -> Option<TraceContext> {
        self.of.pushing.pushed(version)
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let mut watches = self.hub.shared.watches();
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
        let client = |n| hub.place().map(|place| (place.watch(id(n)), place));
        let held: Vec<_> = [1, 1, 2].map(client).into_iter().flatten().collect();
        assert_eq!(held.len(), 3);
        assert!(hub.place().is_none());
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
        assert!(hub.place().is_some());
    }

    #[tokio::test]
    async fn the_public_leaves_places_for_who_signs_in() {
        let hub = Hub::new(Views::default(), 16);
        let public: Vec<_> = std::iter::from_fn(|| hub.public_place()).collect();
        let others: Vec<_> = std::iter::from_fn(|| hub.place()).collect();
        assert_eq!((public.len(), others.len()), (14, 2));
        drop(others);
        assert!(hub.public_place().is_none());
        drop(public);
        assert!(hub.public_place().is_some());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn coming_and_going_at_once_leaves_nothing_behind() {
        let hub = Hub::new(Views::default(), 1_000);
        let clients: Vec<_> = (0..8)
            .map(|n| {
                let hub = hub.clone();
                tokio::spawn(async move {
                    for _ in 0..2_000 {
                        let place = hub.place().unwrap();
                        let watching = place.watch(id(n % 2));
                        hub.wake(id(n % 2), Sequence::new(1), || None);
                        drop((watching, place));
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
