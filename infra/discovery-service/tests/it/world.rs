//! A registry of a test's own, and a service over it.

use std::time::{Duration, Instant};

use discovery_service::DiscoveryService;
use event_log::{Admin, Kafka, Topics};
use service_registry::{InstanceId, Registrar, Registration, Status, metadata};
use settings::{Settings, Sources};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::answers::{Answer, Client};

/// How long anything may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct World {
    pub(crate) client: Client,
    kafka: Kafka,
    topics: Topics,
    shutdown: CancellationToken,
    serving: JoinHandle<()>,
}

impl World {
    /// A service that is ready.
    pub(crate) async fn start() -> Self {
        let at =
            std::env::var("PARCELTRACK_KAFKA").expect("PARCELTRACK_KAFKA is not set; `make test` sets it");
        let name = uuid::Uuid::new_v4().simple().to_string();
        let sources = Sources::none()
            .env("PARCELTRACK_KAFKA", at)
            .set(format!("kafka.topic_prefix=it-discovery-{}", &name[..12]))
            .set("discovery_service.listen=127.0.0.1:0")
            .set("auth.required=false")
            .set("discovery_service.drain_ms=2000");
        let settings = Settings::load(&sources).unwrap();
        let kafka = Kafka::of_settings(&settings.kafka, "discovery-tests").unwrap();
        let topics = Topics::of_settings(&settings.kafka);
        let specs: Vec<_> = topics
            .specs()
            .into_iter()
            .filter(|spec| [&topics.registry, &topics.audit].contains(&&spec.name))
            .collect();
        Admin::new(&kafka, PATIENCE).unwrap().apply(&specs, false).await.unwrap();

        let service = DiscoveryService::bind(&settings).await.unwrap();
        let client = Client::of(service.local_addr().unwrap());
        let shutdown = CancellationToken::new();
        let serving = tokio::spawn(service.serve(shutdown.clone()));
        let world = Self { client, kafka, topics, shutdown, serving };
        world.until("/readyz", |answer| answer.status == 200).await;
        world
    }

    /// An instance that beats five times a second, and is gone after five seconds.
    pub(crate) fn register(&self, id: &str) -> Registrar {
        let id = id.parse::<InstanceId>().unwrap();
        let address = "10.0.0.7:8092".parse().unwrap();
        let registration = Registration {
            status: Status::Up,
            heartbeat: Duration::from_millis(200),
            ttl: Duration::from_secs(5),
            ..Registration::new(id.service, id.instance, address)
        };
        let registration = registration.with(metadata::ZONE, "a").with(metadata::VERSION, "1.2.3");
        Registrar::start(&self.kafka, &self.topics, &registration).unwrap()
    }

    /// Asks until the answer is as it should be, and gives it.
    pub(crate) async fn until(&self, path: &str, is_right: impl Fn(&Answer) -> bool) -> Answer {
        let begun = Instant::now();
        loop {
            let answer = self.client.get(path).await;
            if is_right(&answer) {
                return answer;
            }
            assert!(begun.elapsed() < PATIENCE, "{answer:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Asks the service to end, and doesn't wait for it.
    pub(crate) fn tell_to_stop(&self) {
        self.shutdown.cancel();
    }

    pub(crate) async fn end(self) {
        self.shutdown.cancel();
        tokio::time::timeout(PATIENCE, self.serving).await.expect("in time").unwrap();
        Admin::new(&self.kafka, PATIENCE).unwrap().delete(&[&*self.topics.registry]).await.unwrap();
    }
}
