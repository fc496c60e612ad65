//! What all handlers share.

use std::sync::Arc;
use std::time::Duration;

use auth::{Customers, Principal};
use settings::{Live, Secret, Settings};
use shipment_domain::ShipmentCommand;
use shipment_events::{Sequence, ShipmentId, Timestamp};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::body::Wanted;
use crate::idempotency_key::IdempotencyKey;
use crate::identity::Namespace;
use crate::limits;
use crate::link::Link;

/// What all handlers share. Cheap to clone.
#[derive(Clone)]
pub(crate) struct App(Arc<Shared>);

/// See [`App`].
pub(crate) struct Shared {
    /// To Kafka.
    pub(crate) link: Link,
    deadline_ms: Live<u64>,
    /// Limits of NDJSON streams.
    pub(crate) streams: Streams,
    /// Cancelled when the role is to end.
    pub(crate) shutdown: CancellationToken,
    namespace: Namespace,
    query_url: String,
}

/// What NDJSON streams may use.
pub(crate) struct Streams {
    /// One for each stream.
    pub(crate) slots: Arc<Semaphore>,
    /// One for each command of all streams that waits for its outcome.
    pub(crate) window: Arc<Semaphore>,
    /// One for each begun kibibyte of those commands.
    pub(crate) kibibytes: Arc<Semaphore>,
    /// Commands of one stream that wait for their outcome.
    pub(crate) in_flight: usize,
    /// Bytes of a line.
    pub(crate) max_line_bytes: usize,
    /// How long nothing may come, or nothing be taken.
    pub(crate) idle: Duration,
}

impl App {
    pub(crate) fn new(settings: &Settings, secret: &Secret, link: Link, shutdown: CancellationToken) -> Self {
        let api = &settings.command_api;
        Self(Arc::new(Shared {
            link,
            deadline_ms: api.deadline_ms.clone(),
            streams: Streams {
                slots: Arc::new(Semaphore::new(api.ndjson_streams)),
                window: Arc::new(Semaphore::new(api.max_in_flight)),
                kibibytes: Arc::new(Semaphore::new(limits::STREAM_BYTES / 1024)),
                in_flight: api.ndjson_in_flight,
                max_line_bytes: api.ndjson_max_line_bytes,
                idle: Duration::from_millis(api.ndjson_idle_ms),
            },
            shutdown,
            namespace: Namespace::of_secret(secret),
            query_url: api.query_url.trim_end_matches('/').to_owned(),
        }))
    }

    /// How long a sender waits for an outcome at most.
    pub(crate) fn deadline(&self) -> Duration {
        Duration::from_millis(self.0.deadline_ms.now())
    }

    /// The command that asks for what is wanted, under the sender's key. A shipment that nobody names is named after that.
    pub(crate) fn command(
        &self,
        principal: &Principal,
        key: &IdempotencyKey,
        shipment_id: Option<ShipmentId>,
        expected_version: Option<Sequence>,
        wanted: Wanted,
    ) -> ShipmentCommand {
        let named = self.0.namespace.named(principal.name(), key);
        let shipment_id = shipment_id.or(wanted.shipment_id).unwrap_or_else(|| named.shipment());
        ShipmentCommand {
            command_id: named.command(shipment_id),
            shipment_id,
            expected_version,
            issued_at: wanted.issued_at.unwrap_or_else(|| Timestamp::from(chrono::Utc::now())),
            actor: wanted.actor,
            customers: match principal.customers() {
                Customers::All => None,
                Customers::Only(customers) => Some(customers.iter().cloned().collect()),
            },
            body: wanted.body,
        }
    }

    /// An address of the query API.
    pub(crate) fn query_url(&self, path: impl std::fmt::Display) -> String {
        format!("{}/api/v1/{path}", self.0.query_url)
    }
}

impl std::ops::Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
