//! Views to read, a topic to follow, and APIs started over both.

use std::sync::{Arc, LazyLock, Weak};
use std::time::Duration;

use event_codec::{Encoder, contract, headers::PT_SCHEMA};
use event_log::{Admin, Headers, Kafka, Outgoing, Producer, ProducerSettings, Topics, partition_of};
use query_api::QueryApi;
use schema_registry::{Codecs, Contracts, Registry};
use settings::{Settings, Sources};
use shipment_events::ShipmentEvent;
use tokio::runtime::Runtime;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracking_view::{PhoneKey, Projection, merge};
use uuid::Uuid;
use view_store::{CqlOptions, ViewStore, Writer};

use crate::answers::Client;

pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
const KEY: &str = "the key of the query API's tests";

/// Connections belong to the runtime that made them, so all tests run on one.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
static SHARED: LazyLock<Mutex<Weak<World>>> = LazyLock::new(Mutex::default);

pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) store: ViewStore,
    writer: Writer,
    encoder: Encoder<ShipmentEvent>,
    producer: Producer,
    pub(crate) kafka: Kafka,
    pub(crate) topics: Topics,
}

/// Runs a test in the world that all tests share; the last one to leave puts it away. One that fails leaves it there.
pub(crate) fn in_world(test: impl AsyncFnOnce(&World)) {
    RUNTIME.block_on(async {
        let world = {
            let mut shared = SHARED.lock().await;
            if let Some(world) = shared.upgrade() {
                world
            } else {
                let world = Arc::new(World::make().await);
                *shared = Arc::downgrade(&world);
                world
            }
        };
        test(&world).await;
        if let Some(world) = Arc::into_inner(world) {
            world.store.drop_everything().await.unwrap();
            delete(&world.kafka, &world.topics).await;
        }
    });
}

fn endpoint(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set; `make test` starts the services and sets it"))
}

pub(crate) async fn create(kafka: &Kafka, topics: &Topics) {
    let specs: Vec<_> = topics.specs().into_iter().filter(|spec| spec.name == topics.events).collect();
    Admin::new(kafka, PATIENCE).unwrap().apply(&specs, false).await.unwrap();
}

pub(crate) async fn delete(kafka: &Kafka, topics: &Topics) {
    Admin::new(kafka, PATIENCE).unwrap().delete(&[&*topics.events]).await.unwrap();
}

impl World {
    async fn make() -> Self {
        let name = Uuid::new_v4().simple().to_string()[..12].to_owned();
        let sources = Sources::none()
            .env("PARCELTRACK_KAFKA", endpoint("PARCELTRACK_KAFKA"))
            .env("PARCELTRACK_CQL", endpoint("PARCELTRACK_CQL"))
            .env("PARCELTRACK_REGISTRY", endpoint("PARCELTRACK_REGISTRY"))
            .set(format!("kafka.topic_prefix=it-query-{name}"))
            .set("kafka.partitions=2")
            .set(format!("cql.keyspace=it_query_{name}"))
            .set("cql.request_timeout_ms=2000")
            .set(format!("query_api.phone_hash_key={KEY}"))
            .set("query_api.cursor_key=another key of these tests")
            .set("query_api.listen=127.0.0.1:0")
            .set("auth.required=false")
            .set("query_api.min_version_wait_ms=1500")
            .set("query_api.sse_heartbeat_ms=200")
            .set("query_api.drain_ms=2000");
        let settings = Settings::load(&sources).unwrap();
        let kafka = Kafka::of_settings(&settings.kafka, "query-api-tests").unwrap();
        let topics = Topics::of_settings(&settings.kafka);
        create(&kafka, &topics).await;
        let registry = Registry::of_settings(&settings.registry).unwrap();
        let codecs = Codecs::open(registry, Contracts::ours(&settings.kafka.topic_prefix)).await.unwrap();
        let store = ViewStore::connect(&CqlOptions::of_settings(&settings.cql)).await.unwrap();
        store.apply_tables().await.unwrap();
        Self {
            writer: store.writer(store.generations().await.unwrap().live).await.unwrap(),
            encoder: codecs.encoder(&contract::event()).unwrap(),
            producer: Producer::new(&kafka, &ProducerSettings::default()).unwrap(),
            settings,
            store,
            kafka,
            topics,
        }
    }

    /// The settings with more set.
    pub(crate) fn settings_with(&self, set: impl Fn(&mut Settings)) -> Settings {
        let mut settings = self.settings.clone();
        set(&mut settings);
        settings
    }

    /// Writes rows as the projector would.
    pub(crate) async fn plant(&self, events: &[ShipmentEvent]) {
        let projection = Projection::new(PhoneKey::new(KEY.as_bytes()));
        let cells = events
            .iter()
            .flat_map(|event| projection.project(event, &self.encoder.to_vec(event).unwrap()))
            .collect::<Vec<_>>();
        self.write(cells).await;
    }

    pub(crate) async fn write(&self, cells: Vec<tracking_view::CellWrite>) {
        let written = self.writer.write(&merge(cells), &CancellationToken::new()).await.unwrap();
        assert!(written.refused.is_empty(), "{:?}", written.refused);
    }

    pub(crate) fn writer(&self) -> &Writer {
        &self.writer
    }

    /// Appends an event to a topic.
    pub(crate) async fn append(&self, topics: &Topics, event: &ShipmentEvent) {
        let record = Outgoing {
            topic: topics.events.clone(),
            partition: partition_of(event.shipment_id, topics.partitions()),
            key: Some(event.key().into()),
            value: Some(self.encoder.to_vec(event).unwrap().into()),
            headers: Headers::new().with(PT_SCHEMA, self.encoder.stamp()),
            timestamp: None,
        };
        self.producer.send(&record).unwrap().await.unwrap();
    }

    /// An event as it happens: in the log, then in the views.
    pub(crate) async fn happen(&self, event: &ShipmentEvent) {
        self.append(&self.topics, event).await;
        self.plant(std::slice::from_ref(event)).await;
    }

    /// An API that is ready.
    pub(crate) async fn api(&self) -> Running {
        let api = Running::start(&self.settings).await;
        api.until_ready().await;
        api
    }
}

/// A query API at work in this process.
pub(crate) struct Running {
    pub(crate) client: Client,
    shutdown: CancellationToken,
    task: JoinHandle<Result<(), query_api::Error>>,
}

impl Running {
    pub(crate) async fn start(settings: &Settings) -> Self {
        let api = QueryApi::bind(settings).await.unwrap();
        let client = Client::of(api.local_addr().unwrap());
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(api.serve(shutdown.clone()));
        Self { client, shutdown, task }
    }

    pub(crate) async fn until_ready(&self) {
        self.until(|conditions| conditions["ready"] == true).await;
    }

    /// Waits until readiness is as it should be.
    pub(crate) async fn until(&self, is_right: impl Fn(&serde_json::Value) -> bool) {
        let begun = std::time::Instant::now();
        loop {
            let said = self.client.get("/readyz").await.json();
            if is_right(&said) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{said}");
            assert!(!self.task.is_finished(), "it ended");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) fn tell_to_stop(&self) {
        self.shutdown.cancel();
    }

    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        tokio::time::timeout(PATIENCE, self.task).await.expect("in time").unwrap().unwrap();
    }
}
