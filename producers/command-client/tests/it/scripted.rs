//! Topics of a test's own, clients, and a handler that answers what it is told to.

use std::sync::Arc;
use std::time::Duration;

use command_client::{CommandClient, Error, Schemas, Settings};
use event_codec::headers::{PT_REPLY_TO, PT_SCHEMA};
use event_codec::{Decoder, Encoder, WriterSchemas, contract};
use event_log::{
    Admin, Headers, Isolation, Kafka, Outgoing, Producer, ProducerSettings, ReaderEvent, ReaderStream, Start,
    TopicSettings, Topics,
};
use futures::FutureExt;
use shipment_domain::{CancelShipment, CommandBody, ShipmentCommand};
use shipment_events::{CommandId, CommandReply, Outcome, Rejected, Sequence, ShipmentId, Timestamp};
use telemetry::TraceContext;
use tokio::task::JoinHandle;
use uuid::Uuid;

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

const COMMAND_ID: u32 = 11;
const REPLY_ID: u32 = 12;

pub(crate) struct Scene {
    pub(crate) kafka: Kafka,
    pub(crate) topics: Topics,
    pub(crate) trace: TraceContext,
}

/// A command that gives the scripted handler something to say.
pub(crate) fn cancel(shipment: u128, reason: &str) -> ShipmentCommand {
    ShipmentCommand {
        command_id: CommandId::new(Uuid::from_u128(1000 + shipment)),
        shipment_id: ShipmentId::new(Uuid::from_u128(shipment)),
        expected_version: None,
        issued_at: Timestamp::from_millis(1_790_000_000_000),
        actor: None,
        customers: None,
        body: CommandBody::CancelShipment(CancelShipment { reason: Some(reason.to_owned()) }),
    }
}

impl Scene {
    pub(crate) async fn new() -> Self {
        let scene = Self::without_topics();
        let admin = Admin::new(&scene.kafka, Duration::from_secs(30)).unwrap();
        admin.apply(&scene.topics.specs(), false).await.unwrap();
        scene
    }

    pub(crate) fn without_topics() -> Self {
        let bootstrap = std::env::var("PARCELTRACK_KAFKA").unwrap_or_else(|_| "127.0.0.1:9092".to_owned());
        let prefix = format!("client-{}", &Uuid::new_v4().simple().to_string()[..12]);
        let topics =
            Topics::new(TopicSettings { prefix, partitions: 3, replication: 1, journal: String::new() });
        Self { kafka: Kafka::at(bootstrap), topics, trace: TraceContext::start() }
    }

    pub(crate) async fn client(&self, max_waiting: usize) -> CommandClient {
        self.try_client(max_waiting).await.unwrap()
    }

    pub(crate) async fn try_client(&self, max_waiting: usize) -> Result<CommandClient, Error> {
        let writers = WriterSchemas::new();
        writers.add_contract(REPLY_ID, &contract::reply()).unwrap();
        self.connect(max_waiting, writers).await
    }

    pub(crate) async fn client_that_knows_no_reply_schema(&self) -> CommandClient {
        self.connect(10, WriterSchemas::new()).await.unwrap()
    }

    async fn connect(&self, max_waiting: usize, writers: WriterSchemas) -> Result<CommandClient, Error> {
        let schemas = Schemas {
            encoder: Encoder::new(contract::command(), COMMAND_ID),
            decoder: Decoder::new(contract::reply(), writers),
            fetch: Arc::new(|id| {
                async move {
                    assert_eq!(id, REPLY_ID);
                    Ok(contract::reply().schema_json().to_owned())
                }
                .boxed()
            }),
        };
        let settings = Settings { max_waiting, ..Settings::new("/parceltrack/test") };
        CommandClient::connect(&self.kafka, &self.topics, schemas, settings).await
    }

    /// Reads commands from the beginning, and answers the nth (from 0) if `answers` says so: rejected, in the words of
    /// the command's own reason.
    pub(crate) fn handler(&self, answers: impl Fn(usize) -> bool + Send + 'static) -> JoinHandle<()> {
        let (kafka, topics) = (self.kafka.clone(), self.topics.clone());
        tokio::spawn(async move {
            let writers = WriterSchemas::new();
            writers.add_contract(COMMAND_ID, &contract::command()).unwrap();
            let decoder: Decoder<ShipmentCommand> = Decoder::new(contract::command(), writers);
            let encoder: Encoder<CommandReply> = Encoder::new(contract::reply(), REPLY_ID);
            let producer = Producer::new(&kafka, &ProducerSettings::default()).unwrap();
            let mut commands = commands_of(&kafka, &topics).await;
            let mut count = 0;
            while let Ok(event) = commands.next().await {
                let ReaderEvent::Record(record) = event else { continue };
                let stamp = record.headers.get(PT_SCHEMA);
                let command = decoder.decode(record.value.as_deref().unwrap(), stamp).unwrap();
                // By shipment, since partitions are read in any order.
                let nth = command.shipment_id.as_uuid().as_u128() as usize - 1;
                count += 1;
                if !answers(nth) {
                    continue;
                }
                let headers = Headers::new()
                    .with(PT_SCHEMA, encoder.stamp())
                    .with(PT_REPLY_TO, record.headers.get(PT_REPLY_TO).unwrap());
                let reply = Outgoing {
                    topic: topics.replies.clone(),
                    partition: record.partition,
                    key: Some(command.command_id.to_string().into()),
                    value: Some(encoder.to_vec(&reply(&command, count)).unwrap().into()),
                    headers,
                    timestamp: None,
                };
                producer.send(&reply).unwrap().await.unwrap();
            }
        })
    }
}

/// Right after a topic was made, some of its partitions may still be without a leader.
async fn commands_of(kafka: &Kafka, topics: &Topics) -> ReaderStream {
    loop {
        let starts = (0..topics.partitions()).map(|p| (p, Start::Beginning)).collect();
        match ReaderStream::open(kafka, &topics.commands, starts, Isolation::Committed).await {
            Err(error) if error.is_transient() => tokio::time::sleep(Duration::from_millis(100)).await,
            opened => return opened.unwrap(),
        }
    }
}

fn reply(command: &ShipmentCommand, count: i64) -> CommandReply {
    let CommandBody::CancelShipment(CancelShipment { reason: Some(text) }) = &command.body else {
        panic!("a cancellation with a reason")
    };
    CommandReply {
        command_id: command.command_id,
        shipment_id: command.shipment_id,
        decided_at: Timestamp::from_millis(count),
        outcome: Outcome::Rejected(Rejected {
            code: "PT-1001".to_owned(),
            text: text.clone(),
            version: Sequence::NONE,
        }),
    }
}

impl Drop for Scene {
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
