//! Keeps one instance registered.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use event_log::{Kafka, Topics};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::{Error, Lease, Record, Registration, Status, Writer, metrics};

/// How long the end of a process waits for its tombstone. Without one its lease ends by itself.
const STOP_WAIT: Duration = Duration::from_secs(2);
/// The least time that a heartbeat has to arrive, however often they come.
const LEAST_DELIVERY: Duration = Duration::from_secs(1);
/// The least pause between two records: who changes its metadata all the time writes no more than twenty a second.
const SPACING: Duration = Duration::from_millis(50);

/// An instance that is registered as long as this lives.
///
/// A heartbeat goes out at each [`Registration::heartbeat`], and at once when something changes. While Kafka is away it goes
/// on trying, and says so once. Dropped without [`stop`](Self::stop), it is as if the process had been killed: the lease ends
/// by itself.
#[must_use = "an instance is registered as long as this lives"]
pub struct Registrar {
    presence: Presence,
    stop: CancellationToken,
    keeping: AbortOnDropHandle<()>,
}

/// What a registered instance says of itself. Clones speak for the same one.
#[derive(Clone)]
pub struct Presence {
    lease: watch::Sender<Lease>,
}

impl Registrar {
    /// Registers in the background. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// When the registration says what no lease may, or no client can be made with these settings.
    pub fn start(kafka: &Kafka, topics: &Topics, registration: &Registration) -> Result<Self, Error> {
        metrics::of_registrar();
        // One that takes longer than until the next says nothing any more.
        let writer = Writer::with_delivery(kafka, topics, registration.heartbeat.max(LEAST_DELIVERY))?;
        let (lease, told) = watch::channel(registration.lease()?);
        let stop = CancellationToken::new();
        let keeping = tokio::spawn(keep(writer, told, registration.heartbeat, stop.clone()));
        Ok(Self { presence: Presence { lease }, stop, keeping: AbortOnDropHandle::new(keeping) })
    }

    /// By which status and metadata are changed.
    pub fn presence(&self) -> Presence {
        self.presence.clone()
    }

    /// Deregisters, so that nobody has to wait for the lease to end. Takes 2 s at most, also while Kafka is away.
    pub async fn stop(self) {
        self.stop.cancel();
        if timeout(STOP_WAIT, self.keeping).await.is_err() {
            tracing::warn!("not deregistered in time; the lease ends by itself");
        }
    }
}

impl Presence {
    /// Says how the instance stands.
    pub fn set_status(&self, status: Status) {
        self.lease.send_if_modified(|lease| std::mem::replace(&mut lease.status, status) != status);
    }

    /// Says a fact; see [`crate::metadata`] for the names that are known. One that would make the lease larger than a lease
    /// may be is not said.
    pub fn set(&self, name: &str, value: impl Into<String>) {
        let value = value.into();
        self.lease.send_if_modified(|lease| {
            if lease.metadata.get(name) == Some(&value) {
                return false;
            }
            let mut told = lease.clone();
            told.metadata.insert(name.to_owned(), value);
            // Rather without the fact than out of everybody's sight.
            let is_lawful = told.check().is_ok();
            if is_lawful {
                *lease = told;
            }
            is_lawful
        });
    }

    /// What is said now.
    pub fn lease(&self) -> Lease {
        self.lease.borrow().clone()
    }
}

async fn keep(
    writer: Writer,
    mut told: watch::Receiver<Lease>,
    heartbeat: Duration,
    stop: CancellationToken,
) {
    let mut due = interval(heartbeat);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut standing, mut was_registered) = (Standing::Starting, false);
    let beating = async {
        loop {
            tokio::select! {
                _ = due.tick() => {}
                changed = told.changed() => match changed {
                    Ok(()) => due.reset(),
                    Err(_nobody_speaks_for_it) => return,
                },
            }
            let lease = told.borrow_and_update().clone();
            standing = standing.after(&writer.write(&Record::Lease(lease)).await);
            was_registered |= standing == Standing::Registered;
            sleep(SPACING).await;
        }
    };
    let leaves = tokio::select! {
        () = beating => false,
        () = stop.cancelled() => true,
    };
    // Who is dropped says no good-bye. And what is registered under the name of one that never was, is somebody else.
    if !leaves || !was_registered {
        return;
    }
    let gone = Record::Gone(told.borrow().id());
    match writer.write(&gone).await {
        Ok(_) => tracing::info!("deregistered"),
        Err(error) => {
            tracing::warn!(error = %telemetry::chain(&error), "not deregistered; the lease ends by itself");
        }
    }
}

/// How writing goes. Told when it changes only: an hour without Kafka is two lines.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Starting,
    Registered,
    Failing,
}

impl Standing {
    fn after(self, written: &Result<i64, Error>) -> Self {
        match written {
            Ok(offset) => {
                metrics::HEARTBEATS.inc();
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                metrics::LAST_HEARTBEAT.set(Some(now.as_secs_f64()));
                if self != Self::Registered {
                    tracing::info!(offset, "registered");
                }
                Self::Registered
            }
            Err(error) => {
                metrics::HEARTBEATS_FAILED.inc();
                if self != Self::Failing {
                    let error = telemetry::chain(error);
                    tracing::warn!(error, "can't be registered just now; trying on");
                }
                Self::Failing
            }
        }
    }
}
