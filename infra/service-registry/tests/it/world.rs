//! A registry of a test's own.

use std::time::{Duration, Instant};

use audit::AuditRecord;
use event_log::{Admin, Kafka, TopicSettings, Topics};
use service_registry::{Directory, Instance, InstanceId, Registrar, Registration, Status};
use telemetry::Readiness;
use tokio_util::sync::CancellationToken;

/// How long anything may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A topic, and who writes to and reads it.
pub(crate) struct World {
    pub(crate) kafka: Kafka,
    pub(crate) topics: Topics,
    stop: CancellationToken,
}

impl World {
    /// With its topic, on the cluster that tests share.
    pub(crate) async fn make() -> Self {
        let at =
            std::env::var("PARCELTRACK_KAFKA").expect("PARCELTRACK_KAFKA is not set; `make test` sets it");
        let world = Self::at(&at);
        world.create().await;
        world
    }

    /// Without its topic, on a cluster that may not be there yet.
    pub(crate) fn at(bootstrap: &str) -> Self {
        let name = uuid::Uuid::new_v4().simple().to_string();
        let settings =
            TopicSettings { prefix: format!("it-registry-{}", &name[..12]), ..TopicSettings::default() };
        Self { kafka: Kafka::at(bootstrap), topics: Topics::new(settings), stop: CancellationToken::new() }
    }

    pub(crate) async fn create(&self) {
        let ours = [&self.topics.registry, &self.topics.audit];
        let specs = self.topics.specs().into_iter().filter(|spec| ours.contains(&&spec.name));
        self.admin().apply(&specs.collect::<Vec<_>>(), false).await.unwrap();
    }

    pub(crate) async fn end(self) {
        self.stop.cancel();
        self.admin().delete(&[&*self.topics.registry, &*self.topics.audit]).await.unwrap();
    }

    /// A directory, whether it has read anything or not.
    pub(crate) fn directory(&self) -> Directory {
        let condition = Readiness::new().condition("registry");
        Directory::start(&self.kafka, &self.topics, condition, self.stop.clone())
    }

    /// One that has.
    pub(crate) async fn read_directory(&self) -> Directory {
        let directory = self.directory();
        tokio::time::timeout(PATIENCE, directory.until_read()).await.expect("read to its end in time");
        directory
    }

    /// An instance that is up, at the usual pace.
    pub(crate) fn register(&self, id: &str) -> Registrar {
        self.register_with(&Registration { status: Status::Up, ..registration(id) })
    }

    /// One that beats five times a second, and is gone after two.
    pub(crate) fn register_quick(&self, id: &str) -> Registrar {
        let (heartbeat, ttl) = (Duration::from_millis(200), Duration::from_secs(2));
        self.register_with(&Registration { status: Status::Up, heartbeat, ttl, ..registration(id) })
    }

    pub(crate) fn register_with(&self, registration: &Registration) -> Registrar {
        Registrar::start(&self.kafka, &self.topics, registration).unwrap()
    }

    /// What the audit topic has.
    pub(crate) fn audited(&self) -> Vec<AuditRecord> {
        let values = testkit::committed_values(&self.kafka, &self.topics.audit);
        values.iter().map(|value| serde_json::from_slice(value).unwrap()).collect()
    }

    fn admin(&self) -> Admin {
        Admin::new(&self.kafka, PATIENCE).unwrap()
    }
}

pub(crate) fn registration(id: &str) -> Registration {
    let id = id.parse::<InstanceId>().unwrap();
    Registration::new(id.service, id.instance, "10.0.0.7:8092".parse().unwrap())
}

/// The instances of a service that are up.
pub(crate) fn up(directory: &Directory, service: &str) -> Vec<String> {
    let names = directory.instances(&service.parse().unwrap()).into_iter();
    names.map(|instance| instance.lease.instance.to_string()).collect()
}

pub(crate) fn instance(directory: &Directory, id: &str) -> Option<Instance> {
    directory.instance(&id.parse().unwrap())
}

/// Waits until something is so, and tells how long that took.
pub(crate) async fn until(what: &str, is_so: impl Fn() -> bool) -> Duration {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "never: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    begun.elapsed()
}
