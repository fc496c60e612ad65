//! One shipment that somebody watches: its row, read whenever there is a reason to.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use shipment_events::{Sequence, ShipmentId, Timestamp};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::{sleep, timeout};
use tracking_view::ShipmentRow;
use view_store::Detail;

use super::pushing::Pushing;
use crate::metrics;
use crate::view::ShipmentView;
use crate::views::Views;

/// The first pause between two reads of a row that isn't there yet; it doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_millis(5);
/// The longest pause. The projector may be far behind, or the event parked for good: neither is worth more reads.
const LONGEST: Duration = Duration::from_secs(5);
/// A row is read this often though nothing woke: a repair, or a flip to other views, changes rows without an event.
const ANYWAY: Duration = Duration::from_secs(30);
/// A row read longer ago than this is read again for a client that comes.
const FRESH: Duration = Duration::from_secs(1);

/// A shipment as it was last read for those who watch it.
#[derive(Clone, Debug)]
pub(crate) enum Seen {
    /// Not read yet.
    Nothing,
    /// There is no such shipment.
    Absent,
    /// Its version and its view.
    Row(i64, Arc<Shown>),
}

/// A shipment as JSON, once for all who watch it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    full: String,
    public: String,
    /// When the command behind its last event was received.
    received_at: Option<Timestamp>,
}

impl Shown {
    fn of_row(row: ShipmentRow) -> Option<Self> {
        let received_at = row.last_event.as_ref().map(|last| last.recorded_at);
        let json = |row, detail| serde_json::to_string(&ShipmentView::of_row(row, detail)?).ok();
        Some(Self { public: json(row.clone(), Detail::Public)?, full: json(row, Detail::Full)?, received_at })
    }

    /// Since when it could be known, in seconds.
    pub(crate) fn age(&self, now: Timestamp) -> Option<f64> {
        let millis = now.as_millis().saturating_sub(self.received_at?.as_millis());
        Some(millis.max(0) as f64 / 1_000.0)
    }

    pub(crate) fn json(&self, detail: Detail) -> &str {
        match detail {
            Detail::Full => &self.full,
            Detail::Public => &self.public,
        }
    }
}

/// What the one who reads shares with those who watch.
pub(super) struct Watched {
    id: ShipmentId,
    /// The version that the row should reach.
    wanted: AtomicI64,
    woken: Notify,
    read_at: Mutex<Option<Instant>>,
    pub(super) pushing: Pushing,
    pub(super) seen: watch::Sender<Seen>,
}

impl Watched {
    /// Its row should reach this version.
    pub(super) fn new(id: ShipmentId, wanted: i64) -> Self {
        Self {
            id,
            wanted: AtomicI64::new(wanted),
            woken: Notify::new(),
            read_at: Mutex::new(None),
            pushing: Pushing::default(),
            seen: watch::Sender::new(Seen::Nothing),
        }
    }

    /// There is an event: the row is read until it has it.
    pub(super) fn wake(&self, sequence: Sequence) {
        self.wanted.fetch_max(sequence.get(), Ordering::AcqRel);
        self.woken.notify_one();
    }

    /// Somebody new watches: the row is read, unless it was just now.
    pub(super) fn refresh(&self) {
        let read_at = *self.read_at.lock().unwrap_or_else(PoisonError::into_inner);
        let is_stale = read_at.is_none_or(|at| at.elapsed() > FRESH);
        if is_stale {
            self.woken.notify_one();
        }
        metrics::LIVE_CACHE.with_label_values(&[if is_stale { metrics::MISS } else { metrics::HIT }]).inc();
    }

    /// Reads whenever it is woken, until the task is aborted. `reads` bounds how many shipments are read at once.
    pub(super) async fn keep_reading(self: Arc<Self>, views: Views, reads: Arc<Semaphore>) {
        loop {
            let _ = timeout(ANYWAY, self.woken.notified()).await;
            let mut pause = FIRST;
            while !self.read(&views, &reads).await {
                tokio::select! {
                    () = sleep(pause) => pause = (pause * 2).min(LONGEST),
                    // A newer event, or another client: the row may well be there any moment.
                    () = self.woken.notified() => {
                        sleep(FIRST).await;
                        pause = FIRST;
                    }
                }
            }
        }
    }

    /// Reads the row once and shows it where it is news; whether it has all the events that are known of.
    async fn read(&self, views: &Views, reads: &Semaphore) -> bool {
        // Never closed.
        let _turn = reads.acquire().await;
        metrics::LIVE_READS.inc();
        // While the database is away whoever watches is shown nothing; readiness tells.
        let began = SystemTime::now();
        let Ok(row) = views.shipment(self.id, Detail::Full).await else { return false };
        *self.read_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        let version = row.as_ref().map_or(0, |row| row.version.get());
        let view = row.and_then(Shown::of_row);
        self.pushing.read(version, began);
        if !self.seen.send_if_modified(|seen| show(seen, version, view)) {
            self.pushing.nothing_new();
        }
        version >= self.wanted.load(Ordering::Acquire)
    }
}

/// Replaces what was seen where a view is news; whether it is. A generation of views that is behind the last one is none.
fn show(seen: &mut Seen, version: i64, view: Option<Shown>) -> bool {
    let news = match (&view, &*seen) {
        // The same version may look different: an event was parked, or a repair made the row whole.
        (Some(view), Seen::Row(before, shown)) => {
            version > *before || (version == *before && *view != **shown)
        }
        (None, Seen::Row(..) | Seen::Absent) => false,
        (_, Seen::Nothing) | (Some(_), Seen::Absent) => true,
    };
    if news {
        *seen = view.map_or(Seen::Absent, |view| Seen::Row(version, view.into()));
    }
    news
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_newer_or_different_is_news() {
        let view =
            |text: &str| Some(Shown { full: text.to_owned(), public: String::new(), received_at: None });
        let mut seen = Seen::Nothing;
        assert!(show(&mut seen, 0, None));
        assert!(!show(&mut seen, 3, None), "scans of a shipment that nobody registered");
        assert!(show(&mut seen, 4, view("a")));
        assert!(!show(&mut seen, 4, view("a")));
        assert!(show(&mut seen, 4, view("b")));
        assert!(!show(&mut seen, 3, view("c")));
        assert!(!show(&mut seen, 0, None));
        assert!(show(&mut seen, 5, view("b")));
        assert!(matches!(&seen, Seen::Row(5, shown) if shown.full == "b"));
    }
}
