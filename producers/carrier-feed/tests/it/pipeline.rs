//! A command handler and a client, on topics of their own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use command_client::{CommandClient, Schemas, Settings};
use command_handler::Handler;
use command_handler::batch::{Codec, SchemaIds};
use command_handler::schemas::Unavailable;
use command_handler::watch::Nobody;
use event_codec::headers::PT_SCHEMA;
use event_codec::{Decoder, Encoder, WriterSchemas, contract};
use event_log::{Admin, Isolation, Kafka, Reader, Start, TopicSettings, Topics};
use futures::FutureExt;
use shipment_events::{ShipmentEvent, ShipmentId};
use telemetry::Readiness;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const PARTITIONS: i32 = 3;
const PATIENCE: Duration = Duration::from_mins(1);

/// Each contract's id, in the order of [`contract::all`].
const FIRST_ID: u32 = 21;

pub(crate) struct Pipeline {
    pub(crate) client: CommandClient,
    kafka: Kafka,
    topics: Topics,
    stop: CancellationToken,
    handler: Option<JoinHandle<Result<(), command_handler::Error>>>,
    folder: tempfile::TempDir,
}

impl Pipeline {
    pub(crate) async fn start() -> Self {
        let mut pipeline = Self::without_handler().await;
        let sources = settings::Sources::none()
            .set("command_handler.instance=feed")
            .set("command_handler.workers=1")
            .set(format!("command_handler.state_dir={}", pipeline.folder.path().display()));
        let handler = Handler {
            kafka: pipeline.kafka.clone(),
            topics: pipeline.topics.clone(),
            settings: settings::Settings::load(&sources).unwrap().command_handler,
            codec: codec(),
            schemas: Arc::new(NoSchemas),
            condition: Readiness::new().condition("partitions"),
            watch: Arc::new(Nobody),
        };
        let stop = pipeline.stop.clone();
        pipeline.handler = Some(std::thread::spawn(move || handler.work(&stop)));
        pipeline
    }

    pub(crate) async fn without_handler() -> Self {
        let bootstrap = std::env::var("PARCELTRACK_KAFKA").unwrap_or_else(|_| "127.0.0.1:9092".to_owned());
        let kafka = Kafka::at(bootstrap);
        let prefix = format!("feed-{}", &Uuid::new_v4().simple().to_string()[..12]);
        let topics = Topics::new(TopicSettings {
            prefix,
            partitions: PARTITIONS,
            replication: 1,
            journal: String::new(),
        });
        Admin::new(&kafka, Duration::from_secs(30)).unwrap().apply(&topics.specs(), false).await.unwrap();
        let schemas = Schemas {
            encoder: Encoder::new(contract::command(), FIRST_ID),
            decoder: Decoder::new(contract::reply(), writers()),
            fetch: Arc::new(|id| async move { Err(format!("nobody knows {id}").into()) }.boxed()),
        };
        let client = CommandClient::connect(&kafka, &topics, schemas, Settings::new("/parceltrack/feed"))
            .await
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        Self { client, kafka, topics, stop: CancellationToken::new(), handler: None, folder }
    }

    /// All events, by shipment, in their order.
    pub(crate) fn histories(&self) -> BTreeMap<ShipmentId, Vec<ShipmentEvent>> {
        let decoder: Decoder<ShipmentEvent> = Decoder::new(contract::event(), writers());
        let starts: Vec<_> = (0..PARTITIONS).map(|p| (p, Start::Beginning)).collect();
        let mut reader =
            Reader::open(&self.kafka, &self.topics.events, &starts, Isolation::Committed).unwrap();
        let mut histories: BTreeMap<_, Vec<ShipmentEvent>> = BTreeMap::new();
        reader
            .read_to_end(PATIENCE, |record| {
                let value = record.value.as_deref().unwrap();
                let event = decoder.decode(value, record.headers.get(PT_SCHEMA)).unwrap();
                histories.entry(event.shipment_id).or_default().push(event);
                Ok::<_, event_log::Error>(())
            })
            .unwrap();
        histories
    }

    /// How many records lie in each partition of commands, events and replies, committed and not: where a stuck pipeline
    /// is stuck.
    pub(crate) fn levels(&self) -> String {
        let count = |topic: &str, isolation| {
            let starts: Vec<_> = (0..PARTITIONS).map(|p| (p, Start::Beginning)).collect();
            let mut reader = Reader::open(&self.kafka, topic, &starts, isolation).unwrap();
            let mut counts = vec![0; PARTITIONS as usize];
            reader
                .read_to_end(PATIENCE, |record| {
                    counts[record.partition as usize] += 1;
                    Ok::<_, event_log::Error>(())
                })
                .unwrap();
            counts
        };
        let topics = [&self.topics.commands, &self.topics.events, &self.topics.replies];
        topics
            .map(|topic| {
                let (committed, all) =
                    (count(topic, Isolation::Committed), count(topic, Isolation::Uncommitted));
                format!("{topic}: {committed:?} of {all:?}")
            })
            .join("; ")
    }

    pub(crate) async fn stop(mut self) {
        self.client.close(Duration::from_secs(5)).await;
        self.stop.cancel();
        if let Some(handler) = self.handler.take() {
            handler.join().unwrap().unwrap();
        }
    }
}

fn writers() -> WriterSchemas {
    let writers = WriterSchemas::new();
    for (id, contract) in (FIRST_ID..).zip(contract::all()) {
        writers.add_contract(id, contract).unwrap();
    }
    writers
}

/// The ids after the first are those of events, snapshots and replies.
fn codec() -> Codec {
    Codec::new(SchemaIds { event: FIRST_ID + 1, snapshot: FIRST_ID + 2, reply: FIRST_ID + 3 }, writers())
}

struct NoSchemas;

impl command_handler::schemas::Schemas for NoSchemas {
    fn learn(&self, id: u32) -> Result<bool, Unavailable> {
        panic!("schema {id} is known")
    }
}

impl Drop for Pipeline {
    /// Takes the topics away again. From a thread of its own, since this may be one of the runtime's.
    fn drop(&mut self) {
        let (kafka, specs) = (self.kafka.clone(), self.topics.specs());
        let cleaning = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let names: Vec<&str> = specs.iter().map(|spec| &*spec.name).collect();
            let deleted = Admin::new(&kafka, Duration::from_secs(10))
                .map(|admin| runtime.block_on(admin.delete(&names)));
            if !matches!(deleted, Ok(Ok(()))) {
                eprintln!("topics are left behind: {names:?}");
            }
            Ok::<_, std::io::Error>(())
        });
        let _ = cleaning.join();
    }
}
