//! A local copy of the registry.

mod follower;
mod ledger;

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use event_log::{Kafka, Topics};
use telemetry::Condition;
use tokio::sync::{broadcast, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use self::follower::Follower;
use self::ledger::Ledger;
use crate::{Change, Instance, InstanceId, Override, Record, ServiceName, metrics};

/// Changes that a slow listener may be behind; then it is told that it missed some.
const CHANGES: usize = 1_024;

/// A local copy of the registry, which follows the topic in the background. Clones share it; asking it costs a lock and
/// no network.
///
/// It is empty until the topic was read to its end once. After that it answers always: while Kafka is away with what was so
/// last, for an instance that can't be heard of is likely to be there still.
#[derive(Clone)]
pub struct Directory {
    shared: Arc<Shared>,
}

struct Shared {
    ledger: RwLock<Ledger>,
    /// Goes up when anything changes.
    version: watch::Sender<u64>,
    /// The offset to be read next.
    position: watch::Sender<i64>,
    changes: broadcast::Sender<Change>,
}

/// How much the copy can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// Whether so many instances fell silent together that none of them is given up.
    pub protecting: bool,
    /// How long it is since the copy was known to be whole; none before the first time.
    pub silent_for: Option<Duration>,
}

impl Directory {
    /// Follows the registry until `stop`. `condition` is met once it was read to its end; not being able to follow it later
    /// does not unmeet it. Must be called within a Tokio runtime.
    pub fn start(kafka: &Kafka, topics: &Topics, condition: Condition, stop: CancellationToken) -> Self {
        let shared = Arc::new(Shared {
            ledger: RwLock::new(Ledger::new()),
            version: watch::Sender::new(0),
            position: watch::Sender::new(0),
            changes: broadcast::Sender::new(CHANGES),
        });
        let follower =
            Follower::new(kafka.clone(), Arc::clone(&topics.registry), Arc::clone(&shared), condition);
        tokio::spawn(follower.follow(stop));
        metrics::of_directory();
        let measured = Arc::downgrade(&shared);
        telemetry::metrics::before_each_scrape(move || measured.upgrade().map(|it| it.measure()).is_some());
        Self { shared }
    }

    /// The instances of a service that are up, by name.
    pub fn instances(&self, service: &ServiceName) -> Vec<Instance> {
        let ledger = self.shared.ledger();
        let of = |instance: &Instance| instance.lease.service == *service && instance.is_up();
        ledger.book.instances().filter(of).collect()
    }

    /// Every instance, whatever its status, by service and name.
    pub fn all(&self) -> Vec<Instance> {
        self.shared.ledger().book.instances().collect()
    }

    /// One instance, whatever its status.
    pub fn instance(&self, id: &InstanceId) -> Option<Instance> {
        self.shared.ledger().book.instance(id)
    }

    /// The override of an instance, which may be away.
    pub fn taken_out(&self, id: &InstanceId) -> Option<Arc<Override>> {
        self.shared.ledger().book.taken_out(id)
    }

    /// Whether it was read to its end once.
    pub fn is_read(&self) -> bool {
        self.shared.ledger().book.is_read()
    }

    /// Waits until it was.
    pub async fn until_read(&self) {
        let mut version = self.watch();
        while !self.is_read() && version.changed().await.is_ok() {}
    }

    /// How much it can be relied on.
    pub fn outlook(&self) -> Outlook {
        self.shared.ledger().outlook()
    }

    /// Tombstones for what nobody will come back for; whoever keeps the topic clean writes them.
    pub fn remains(&self) -> Vec<Record> {
        self.shared.ledger().book.remains()
    }

    /// A counter that goes up when anything changes, and when it is read to its end first: for who then asks for what it needs.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.shared.version.subscribe()
    }

    /// Every change from now on. Who lags by more than 1,024 is told so, and should then begin with [`all`](Self::all).
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.shared.changes.subscribe()
    }

    /// Waits until the record at this offset was read, so that who wrote it sees it; at most so long. Tells whether it was.
    pub async fn read_past(&self, offset: i64, patience: Duration) -> bool {
        let mut position = self.shared.position.subscribe();
        timeout(patience, position.wait_for(|next| *next > offset)).await.is_ok_and(|seen| seen.is_ok())
    }
}

impl Shared {
    fn ledger(&self) -> RwLockReadGuard<'_, Ledger> {
        self.ledger.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// What changes though nothing happens.
    fn measure(&self) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let ledger = self.ledger();
        metrics::show_leases(ledger.book.instances(), now.as_millis() as i64);
        metrics::SILENT.set(ledger.outlook().silent_for.map(|silent_for| silent_for.as_secs_f64()));
    }

    /// Changes the copy, and tells of it.
    fn update(&self, update: impl FnOnce(&mut Ledger) -> Vec<Change>) {
        let mut ledger = self.ledger.write().unwrap_or_else(PoisonError::into_inner);
        let (was_read, was_protecting) = (ledger.book.is_read(), ledger.outlook().protecting);
        let changes = update(&mut ledger);
        let (outlook, position) = (ledger.outlook(), ledger.position);
        let instances = ledger.book.instances().count();
        // Told under the lock, so that changes come in their order.
        if !changes.is_empty() || ledger.book.is_read() != was_read {
            self.version.send_modify(|version| *version += 1);
        }
        for change in changes {
            // Nobody may be listening.
            let _ = self.changes.send(change);
        }
        self.position.send_if_modified(|before| std::mem::replace(before, position) != position);
        drop(ledger);
        metrics::INSTANCES.set(instances as i64);
        metrics::PROTECTING.set(i64::from(outlook.protecting));
        match (was_protecting, outlook.protecting) {
            (false, true) => tracing::warn!(
                instances,
                "half of all instances or more are silent: none is given up until they are heard of again"
            ),
            (true, false) => tracing::info!(instances, "self-preservation is over"),
            _ => {}
        }
    }
}
