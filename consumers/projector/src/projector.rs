//! What projecting needs of the world around it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use event_log::{Kafka, Topics};
use schema_registry::{Codecs, Contracts, Registry};
use settings::{Settings, keys};
use shipment_events::ShipmentEvent;
use tokio_util::sync::CancellationToken;
use tracking_view::{CellWrite, PhoneKey, Projection};
use view_store::{CqlOptions, ViewStore};

use crate::Error;
use crate::intake::Intake;
use crate::parking::Parking;

/// One request to the registry gives up after this: waiting on is the intake's business, which can be cancelled.
const REGISTRY_PATIENCE: Duration = Duration::from_secs(2);

fn cql_options(settings: &Settings) -> CqlOptions {
    CqlOptions { write_concurrency: settings.projector.concurrency, ..CqlOptions::of_settings(&settings.cql) }
}

/// From an event and its record's value to what it writes.
pub type Project = Arc<dyn Fn(&ShipmentEvent, &[u8]) -> Vec<CellWrite> + Send + Sync>;

/// A projector, connected. Cheap to clone; the clones share their connections.
#[derive(Clone)]
pub struct Projector {
    pub(crate) kafka: Kafka,
    pub(crate) topics: Topics,
    pub(crate) store: ViewStore,
    pub(crate) intake: Intake,
    pub(crate) parking: Parking,
    pub(crate) project: Project,
    pub(crate) settings: keys::Projector,
    pub(crate) base_group: String,
}

impl Projector {
    /// Connects as the settings say. A database that is away is waited for until `cancel`.
    ///
    /// # Errors
    /// When a setting can't be used, or [`Error::Cancelled`].
    pub async fn connect_patiently(settings: &Settings, cancel: &CancellationToken) -> Result<Self, Error> {
        let store = ViewStore::connect_patiently(&cql_options(settings), cancel).await?;
        Self::with_store(settings, store)
    }

    /// Connects as the settings say, or says what is away.
    ///
    /// # Errors
    /// When the database is away, or a setting can't be used.
    pub async fn connect(settings: &Settings) -> Result<Self, Error> {
        let store = ViewStore::connect(&cql_options(settings)).await?;
        Self::with_store(settings, store)
    }

    fn with_store(settings: &Settings, store: ViewStore) -> Result<Self, Error> {
        let key = settings::require("query_api.phone_hash_key", settings.query_api.phone_hash_key.as_ref())?;
        let projection = Projection::new(PhoneKey::new(key.expose().as_bytes()));
        let kafka =
            Kafka::of_settings(&settings.kafka, format!("parceltrack.{}", settings.projector.instance))?;
        let topics = Topics::of_settings(&settings.kafka);
        let registry = Registry::of_settings(&settings.registry)?.with_patience(REGISTRY_PATIENCE);
        let codecs = Codecs::for_reading(registry, Contracts::ours(settings.kafka.topic_prefix.clone()));
        let longest_pause = Duration::from_millis(settings.projector.retry_max_ms);
        Ok(Self {
            parking: Parking::new(&kafka, topics.dead_letters.clone(), longest_pause)?,
            intake: Intake::new(codecs, longest_pause),
            project: projecting(projection),
            settings: settings.projector.clone(),
            base_group: settings.projector_group(),
            kafka,
            topics,
            store,
        })
    }

    /// The same with another projection in the place of [`Projection`].
    #[must_use]
    pub fn with_projection(mut self, project: Project) -> Self {
        self.project = project;
        self
    }

    /// The database.
    pub fn store(&self) -> &ViewStore {
        &self.store
    }
}

impl fmt::Debug for Projector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Projector").field("group", &self.base_group).finish_non_exhaustive()
    }
}

#[cfg(not(feature = "planted-bugs"))]
fn projecting(projection: Projection) -> Project {
    Arc::new(move |event, framed| projection.project(event, framed))
}

/// Planted: an event leads to nothing now and then.
#[cfg(feature = "planted-bugs")]
fn projecting(projection: Projection) -> Project {
    use std::sync::atomic::{AtomicU64, Ordering};

    let (rate, seen) = (settings::planted::planted_rate("drop-one-event", 10_000), AtomicU64::new(1));
    Arc::new(move |event, framed| {
        let n = seen.fetch_add(1, Ordering::Relaxed);
        if rate.is_some_and(|rate| n % rate == 0) { Vec::new() } else { projection.project(event, framed) }
    })
}
