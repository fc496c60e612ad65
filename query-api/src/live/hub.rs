//! Who watches which shipment, and what they are shown.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shipment_events::{Sequence, ShipmentId};
use tokio::sync::{Notify, watch};
use view_store::{Detail, Reader};

use crate::metrics;
use crate::view::ShipmentView;

/// The first pause between two reads of a row that isn't there yet; it doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_millis(5);
/// The longest pause between two reads.
const LONGEST: Duration = Duration::from_millis(500);
/// How many reads a wake is worth. Then the projector is far behind, and the next event, or the next client, wakes again.
const READS: u32 = 60;

/// A shipment as it was last read for those who watch it.
#[derive(Clone, Debug)]
pub(crate) enum Seen {
    /// Not read yet.
    Nothing,
    /// There is no such shipment.
    Absent,
    /// Its version and its view, as JSON.
    Row(i64, Arc<str>),
}

/// Clones share everything.
#[derive(Clone)]
pub(crate) struct Hub {
    shared: Arc<Shared>,
}

struct Shared {
    reader: Reader,
    most: usize,
    clients: AtomicUsize,
    watched: Mutex<HashMap<ShipmentId, Arc<Watched>>>,
}

/// One shipment, watched by at least one client.
struct Watched {
    /// The version that the row should reach.
    wanted: AtomicI64,
    woken: Notify,
    seen: watch::Sender<Seen>,
}

impl Hub {
    /// For at most so many clients.
    pub(crate) fn new(reader: Reader, most: usize) -> Self {
        let shared = Shared { reader, most, clients: AtomicUsize::new(0), watched: Mutex::default() };
        Self { shared: Arc::new(shared) }
    }

    /// Watches a shipment; `None` when there are too many clients.
    pub(crate) fn watch(&self, id: ShipmentId) -> Option<Watching> {
        let shared = &self.shared;
        let taken = shared
            .clients
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |n| (n < shared.most).then_some(n + 1));
        taken.ok()?;
        metrics::SSE_CLIENTS.inc();
        let mut all = shared.all();
        let watched = all.entry(id).or_insert_with(|| {
            let fresh = Arc::new(Watched {
                wanted: AtomicI64::new(0),
                woken: Notify::new(),
                seen: watch::Sender::new(Seen::Nothing),
            });
            fresh.woken.notify_one();
            tokio::spawn(keep_reading(shared.reader.clone(), id, Arc::clone(&fresh)));
            fresh
        });
        let seen = watched.seen.subscribe();
        drop(all);
        Some(Watching { hub: self.clone(), id, seen })
    }

    /// There is an event: whoever watches the shipment is shown the row once it has it.
    pub(super) fn wake(&self, id: ShipmentId, sequence: Sequence) {
        if let Some(watched) = self.shared.all().get(&id) {
            metrics::WAKES.inc();
            watched.wanted.fetch_max(sequence.get(), Ordering::AcqRel);
            watched.woken.notify_one();
        }
    }

    /// Events may have been missed: every watched row is read again.
    pub(super) fn wake_all(&self) {
        self.shared.all().values().for_each(|watched| watched.woken.notify_one());
    }
}

impl Shared {
    fn all(&self) -> MutexGuard<'_, HashMap<ShipmentId, Arc<Watched>>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One client's look at a shipment; dropping it gives the place free.
pub(crate) struct Watching {
    hub: Hub,
    id: ShipmentId,
    pub(crate) seen: watch::Receiver<Seen>,
}

impl Drop for Watching {
    fn drop(&mut self) {
        let shared = &self.hub.shared;
        shared.clients.fetch_sub(1, Ordering::AcqRel);
        metrics::SSE_CLIENTS.dec();
        let mut all = shared.all();
        // Clients come only under the same lock, so the last one sees that it is the last.
        if all.get(&self.id).is_some_and(|watched| watched.seen.receiver_count() <= 1)
            && let Some(watched) = all.remove(&self.id)
        {
            watched.woken.notify_one();
        }
    }
}

/// Reads a row whenever it is woken, until nobody watches any more.
async fn keep_reading(reader: Reader, id: ShipmentId, watched: Arc<Watched>) {
    loop {
        watched.woken.notified().await;
        let mut pause = FIRST;
        for _ in 0..READS {
            if watched.seen.is_closed() {
                return;
            }
            if read(&reader, id, &watched).await >= watched.wanted.load(Ordering::Acquire) {
                break;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST);
        }
    }
}

/// Reads the row once and shows it where it is news; its version, or -1 where it couldn't be read.
async fn read(reader: &Reader, id: ShipmentId, watched: &Watched) -> i64 {
    let row = match reader.shipment(id, Detail::Full).await {
        Ok(row) => row,
        Err(error) => {
            tracing::debug!(%error, "a watched row can't be read just now");
            return -1;
        }
    };
    let version = row.as_ref().map_or(0, |row| row.version.get());
    let view = row.and_then(ShipmentView::of_row).and_then(|view| serde_json::to_string(&view).ok());
    watched.seen.send_if_modified(|seen| {
        let news = match (&view, &*seen) {
            (Some(_), Seen::Row(before, _)) => version > *before,
            (None, Seen::Row(..) | Seen::Absent) => false,
            (_, Seen::Nothing) | (Some(_), Seen::Absent) => true,
        };
        if news {
            *seen = view.map_or(Seen::Absent, |view| Seen::Row(version, view.into()));
        }
        news
    });
    version
}
