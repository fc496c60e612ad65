//! Topics and a gatekeeper of a test's own.

use std::time::{Duration, Instant};

use audit::AuditRecord;
use auth::{Denied, Gatekeeper, KeySpec, Keys, Principal, Role};
use axum::http::{HeaderMap, HeaderValue, header};
use event_log::{Admin, Kafka, Topics};
use settings::{Settings, Sources};
use telemetry::Readiness;
use testkit::committed_values;
use tokio_util::sync::{CancellationToken, DropGuard};

/// How long anything may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct World {
    pub(crate) sources: Sources,
    pub(crate) kafka: Kafka,
    pub(crate) topics: Topics,
    pub(crate) readiness: Readiness,
    stop: CancellationToken,
    _stop: DropGuard,
}

impl World {
    /// With its topics, on the cluster that tests share.
    pub(crate) async fn make() -> Self {
        let at =
            std::env::var("PARCELTRACK_KAFKA").expect("PARCELTRACK_KAFKA is not set; `make test` sets it");
        let world = Self::at(&at);
        let ours = [&world.topics.api_keys, &world.topics.audit];
        let specs: Vec<_> =
            world.topics.specs().into_iter().filter(|spec| ours.contains(&&spec.name)).collect();
        Admin::new(&world.kafka, PATIENCE).unwrap().apply(&specs, false).await.unwrap();
        world
    }

    /// Without them, where nobody may be.
    pub(crate) fn at(bootstrap: &str) -> Self {
        let name = uuid::Uuid::new_v4().simple().to_string();
        let sources = Sources::none()
            .set(format!("kafka.bootstrap={bootstrap}"))
            .set(format!("kafka.topic_prefix=it-auth-{}", &name[..12]));
        let settings = Settings::load(&sources).unwrap();
        let (stop, readiness) = (CancellationToken::new(), Readiness::new());
        Self {
            sources,
            kafka: Kafka::of_settings(&settings.kafka, "test").unwrap(),
            topics: Topics::of_settings(&settings.kafka),
            readiness,
            stop: stop.clone(),
            _stop: stop.drop_guard(),
        }
    }

    pub(crate) fn keys(&self) -> Keys {
        Keys::new(self.kafka.clone(), self.topics.clone())
    }

    pub(crate) fn gatekeeper(&self, set: &[&str]) -> Gatekeeper {
        let sources = set.iter().fold(self.sources.clone(), |sources, set| sources.set(*set));
        let settings = Settings::load(&sources).unwrap();
        Gatekeeper::start(&settings, "test", &self.readiness, self.stop.clone()).unwrap()
    }

    /// One that has read the keys.
    pub(crate) async fn ready_gatekeeper(&self, set: &[&str]) -> Gatekeeper {
        let gatekeeper = self.gatekeeper(set);
        until("the keys are read", async || self.readiness.is_ready()).await;
        gatekeeper
    }

    /// What the audit topic has.
    pub(crate) fn audited(&self) -> Vec<AuditRecord> {
        let records = committed_values(&self.kafka, &self.topics.audit);
        records.iter().map(|value| serde_json::from_slice(value).unwrap()).collect()
    }
}

pub(crate) fn spec(role: Role, customers: &[&str]) -> KeySpec {
    let customers = customers.iter().map(|&id| id.to_owned()).collect();
    KeySpec { name: "a test".to_owned(), role, customers, expires_at: None }
}

pub(crate) fn bearer(credentials: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let value = HeaderValue::from_str(&format!("Bearer {credentials}")).unwrap();
    headers.insert(header::AUTHORIZATION, value);
    headers
}

pub(crate) async fn who(gatekeeper: &Gatekeeper, credentials: &str) -> Result<Principal, Denied> {
    gatekeeper.authenticate(&bearer(credentials)).await
}

/// Waits until something is so, and tells how long that took.
pub(crate) async fn until(what: &str, is_so: impl AsyncFn() -> bool) -> Duration {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < PATIENCE, "never: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    begun.elapsed()
}
