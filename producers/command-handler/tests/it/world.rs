//! Topics, a group and folders of a test's own on real Kafka, and handlers to run there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use command_handler::schemas::{Schemas, Unavailable};
use command_handler::watch::{Step, Watch};
use command_handler::{Error, Handler};
use event_codec::{Decoder, contract, headers};
use event_log::{
    Admin, Fault, GroupOffsets, Headers, Isolation, Kafka, Offsets, Outgoing, Producer, ProducerSettings,
    Reader, Received, Start, TopicPartition, TopicSettings, Topics, partition_of,
};
use serde::de::DeserializeOwned;
use shipment_domain::ShipmentCommand;
use shipment_events::{CommandId, CommandReply, Outcome, ShipmentEvent, ShipmentId, ShipmentSnapshot, fold};
use telemetry::Readiness;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::driver::{codec, encoded, writers};

pub(crate) const PARTITIONS: i32 = 4;

/// How long anything may take before a test gives up on it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

pub(crate) struct World {
    pub(crate) kafka: Kafka,
    pub(crate) topics: Topics,
    pub(crate) dir: PathBuf,
    _folder: Option<tempfile::TempDir>,
    producer: Producer,
}

pub(crate) fn bootstrap() -> String {
    std::env::var("PARCELTRACK_KAFKA").unwrap_or_else(|_| "127.0.0.1:9092".to_owned())
}

fn topics(prefix: &str) -> Topics {
    Topics::new(TopicSettings {
        prefix: prefix.to_owned(),
        partitions: PARTITIONS,
        replication: 1,
        journal: String::new(),
    })
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::at(&bootstrap()).await
    }

    /// On a cluster of one's own.
    pub(crate) async fn at(bootstrap: &str) -> Self {
        let prefix = format!("handler-{}", &Uuid::new_v4().simple().to_string()[..12]);
        let folder = tempfile::tempdir().unwrap();
        let world = Self::existing(bootstrap, &prefix, folder.path());
        Admin::new(&world.kafka, Duration::from_secs(30))
            .unwrap()
            .apply(&world.topics.specs(), false)
            .await
            .unwrap();
        Self { _folder: Some(folder), ..world }
    }

    /// The world of another process.
    pub(crate) fn existing(bootstrap: &str, prefix: &str, dir: &Path) -> Self {
        // To see what went on: RUST_LOG=debug cargo test … -- --nocapture.
        let _ = tracing_subscriber::fmt()
            .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
            .with_writer(std::io::stderr)
            .try_init();
        let kafka = Kafka::at(bootstrap);
        let producer = Producer::new(
            &kafka,
            &ProducerSettings {
                max_in_queue: 500_000,
                max_record_bytes: 240_000,
                ..ProducerSettings::default()
            },
        )
        .unwrap();
        Self { kafka, topics: topics(prefix), dir: dir.to_owned(), _folder: None, producer }
    }

    pub(crate) fn prefix(&self) -> &str {
        &self.topics.settings().prefix
    }

    pub(crate) fn group(&self) -> String {
        format!("{}.command-handler", self.prefix())
    }

    pub(crate) fn handler(
        &self,
        instance: &str,
        workers: usize,
        watch: Arc<dyn Watch>,
    ) -> (Handler, Readiness) {
        let sources = settings::Sources::none()
            .set(format!("command_handler.instance={instance}"))
            .set(format!("command_handler.workers={workers}"))
            .set(format!("command_handler.state_dir={}", self.dir.display()))
            .set("command_handler.session_timeout_ms=6000")
            .set("command_handler.transaction_timeout_ms=5000");
        let readiness = Readiness::new();
        let handler = Handler {
            kafka: self.kafka.clone(),
            topics: self.topics.clone(),
            settings: settings::Settings::load(&sources).unwrap().command_handler,
            codec: codec(),
            schemas: Arc::new(NoSchemas),
            condition: readiness.condition("partitions"),
            watch,
        };
        (handler, readiness)
    }

    /// A handler in this process.
    pub(crate) fn start(&self, instance: &str, workers: usize, watch: Arc<dyn Watch>) -> Running {
        let (handler, readiness) = self.handler(instance, workers, watch);
        Self::run(handler, readiness)
    }

    pub(crate) fn run(handler: Handler, readiness: Readiness) -> Running {
        let stop = CancellationToken::new();
        let token = stop.clone();
        let thread = std::thread::spawn(move || handler.work(&token));
        Running { stop, thread: Some(thread), readiness }
    }

    pub(crate) fn record(&self, command: &ShipmentCommand) -> Outgoing {
        Outgoing {
            topic: self.topics.commands.clone(),
            partition: partition_of(command.shipment_id, PARTITIONS),
            key: Some(command.key().into()),
            value: Some(encoded(command).into()),
            headers: Headers::new().with(headers::PT_SCHEMA, contract::command().stamp()),
            timestamp: None,
        }
    }

    pub(crate) async fn post(&self, commands: &[ShipmentCommand]) {
        let records: Vec<_> = commands.iter().map(|command| self.record(command)).collect();
        self.write(&records).await;
    }

    pub(crate) async fn write(&self, records: &[Outgoing]) {
        let sent: Vec<_> = records.iter().map(|record| self.producer.send(record).unwrap()).collect();
        for delivery in sent {
            delivery.await.unwrap();
        }
    }

    /// All that is committed in a topic now.
    pub(crate) fn read(&self, topic: &str) -> Vec<Received> {
        let mut records = Vec::new();
        self.reader(topic)
            .read_to_end(PATIENCE, |record| {
                records.push(record);
                Ok::<_, event_log::Error>(())
            })
            .unwrap();
        records
    }

    fn reader(&self, topic: &str) -> Reader {
        let starts: Vec<_> = (0..PARTITIONS).map(|p| (p, Start::Beginning)).collect();
        let mut reader = None;
        // A broker that has just made a topic doesn't know at once who leads it.
        wait_for("the topic's leaders", || {
            match Reader::open(&self.kafka, topic, &starts, Isolation::Committed) {
                Ok(opened) => reader = Some(opened),
                Err(error) => assert!(error.is_transient(), "{error}"),
            }
            reader.is_some()
        });
        reader.unwrap()
    }

    /// Waits until each of these commands has its reply.
    pub(crate) fn wait_for_replies(&self, commands: &[ShipmentCommand]) {
        let mut missing: BTreeSet<String> = commands.iter().map(|c| c.command_id.to_string()).collect();
        let mut reader = self.reader(&self.topics.replies);
        let deadline = Instant::now() + PATIENCE;
        while !missing.is_empty() {
            let (missing_now, all) = (missing.len(), commands.len());
            let late = Instant::now() > deadline;
            assert!(!late, "{missing_now} of {all} commands have no reply\n{}", self.standing());
            if let Some(event_log::ReaderEvent::Record(record)) =
                reader.next(Duration::from_millis(50)).unwrap()
            {
                missing.remove(record.key_str().unwrap());
            }
        }
    }

    /// Where everything stands, to look at when a test has failed.
    pub(crate) fn standing(&self) -> String {
        let mut text = String::new();
        let group = GroupOffsets::new(&self.kafka, &self.group(), Duration::from_secs(5)).unwrap();
        let commands: Vec<_> =
            (0..PARTITIONS).map(|p| TopicPartition::new(self.topics.commands.clone(), p)).collect();
        let _ = writeln!(text, "committed: {:?}", group.committed(&commands));
        for isolation in [Isolation::Committed, Isolation::Uncommitted] {
            let offsets = Offsets::new(&self.kafka, isolation, Duration::from_secs(5)).unwrap();
            for topic in [&self.topics.commands, &self.topics.snapshots, &self.topics.replies] {
                let _ =
                    writeln!(text, "{topic} {isolation:?}: {:?}", offsets.watermarks(topic, 0..PARTITIONS));
            }
        }
        text
    }

    pub(crate) fn ledger(&self) -> Ledger {
        let snapshots = self.read(&self.topics.snapshots);
        Ledger {
            events: decoded(&Decoder::new(contract::event(), writers()), self.read(&self.topics.events)),
            replies: decoded(&Decoder::new(contract::reply(), writers()), self.read(&self.topics.replies)),
            snapshots: decoded(&Decoder::new(contract::snapshot(), writers()), snapshots),
            dead_letters: self.read(&self.topics.dead_letters),
        }
    }
}

fn decoded<T: DeserializeOwned>(decoder: &Decoder<T>, records: Vec<Received>) -> Vec<(Received, T)> {
    let decode = |record: Received| {
        let stamp = record.headers.get(headers::PT_SCHEMA).map(<[u8]>::to_vec);
        let value = decoder.decode(record.value.as_ref().unwrap(), stamp.as_deref()).unwrap();
        (record, value)
    };
    records.into_iter().map(decode).collect()
}

/// All that handlers have written.
pub(crate) struct Ledger {
    pub(crate) events: Vec<(Received, ShipmentEvent)>,
    pub(crate) replies: Vec<(Received, CommandReply)>,
    pub(crate) snapshots: Vec<(Received, ShipmentSnapshot)>,
    pub(crate) dead_letters: Vec<Received>,
}

impl Ledger {
    /// That each of these commands, posted once, was decided once: one reply each, one event for each accepted one,
    /// no gap and no repeat in any shipment's sequence, and state equal to the fold of the events.
    pub(crate) fn check(&self, commands: &[ShipmentCommand]) {
        let mut histories: BTreeMap<ShipmentId, Vec<&ShipmentEvent>> = BTreeMap::new();
        let mut events_of: BTreeMap<CommandId, i32> = BTreeMap::new();
        for (record, event) in &self.events {
            assert_eq!(record.partition, partition_of(event.shipment_id, PARTITIONS), "{record:?}");
            histories.entry(event.shipment_id).or_default().push(event);
            *events_of.entry(event.command_id).or_default() += 1;
        }
        for (id, history) in &histories {
            let sequences: Vec<i64> = history.iter().map(|event| event.sequence.get()).collect();
            let expected: Vec<i64> = (1..=history.len() as i64).collect();
            assert_eq!(sequences, expected, "sequences of {id}");
        }
        let mut replies: BTreeMap<CommandId, Vec<&CommandReply>> = BTreeMap::new();
        for (_, reply) in &self.replies {
            replies.entry(reply.command_id).or_default().push(reply);
        }
        for command in commands {
            let id = command.command_id;
            let [reply] = &replies.remove(&id).unwrap_or_default()[..] else { panic!("replies to {id}") };
            let events = match &reply.outcome {
                Outcome::Accepted(accepted) => accepted.events,
                Outcome::Rejected(_) => 0,
            };
            assert_eq!(events_of.remove(&id).unwrap_or_default(), events, "events of {id}");
        }
        assert_eq!((replies.len(), events_of.len()), (0, 0), "answers to what nobody asked");
        let latest: BTreeMap<_, _> = self.snapshots.iter().map(|(_, s)| (s.shipment_id, s)).collect();
        assert_eq!(latest.len(), histories.len(), "a snapshot of each shipment");
        for (id, history) in histories {
            assert_eq!(latest[&id].state, fold(history), "snapshot of {id}");
        }
    }
}

/// A handler on a thread of this process.
pub(crate) struct Running {
    stop: CancellationToken,
    thread: Option<JoinHandle<Result<(), Error>>>,
    readiness: Readiness,
}

impl Running {
    pub(crate) fn wait_until_ready(&self) {
        wait_for("the handler to be ready", || {
            assert!(!self.has_ended(), "the handler has ended");
            self.readiness.is_ready()
        });
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Why it is not ready.
    pub(crate) fn reason(&self) -> String {
        self.readiness.conditions()["partitions"].reason.clone()
    }

    /// Waits for it to end by itself.
    pub(crate) fn ended(mut self) -> Result<(), Error> {
        wait_for("the handler to end", || self.has_ended());
        self.thread.take().unwrap().join().unwrap()
    }

    pub(crate) fn stop(mut self) {
        self.stop.cancel();
        self.thread.take().unwrap().join().unwrap().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

pub(crate) fn wait_for(what: &str, so: impl FnMut() -> bool) {
    assert!(wait_until(so), "waited in vain for {what}");
}

/// Whether it came to be so in time.
pub(crate) fn wait_until(mut so: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if so() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

/// No registry: what isn't known doesn't exist.
pub(crate) struct NoSchemas;

impl Schemas for NoSchemas {
    fn learn(&self, _id: u32) -> Result<bool, Unavailable> {
        Ok(false)
    }
}

/// Writes down every step.
#[derive(Clone, Default)]
pub(crate) struct Trace(Arc<Mutex<Vec<(usize, Step)>>>);

impl Trace {
    pub(crate) fn steps(&self) -> Vec<(usize, Step)> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn has(&self, so: impl Fn(&Step) -> bool) -> bool {
        self.0.lock().unwrap().iter().any(|(_, step)| so(step))
    }

    pub(crate) fn count(&self, so: impl Fn(&Step) -> bool) -> usize {
        self.0.lock().unwrap().iter().filter(|(_, step)| so(step)).count()
    }
}

impl Watch for Trace {
    fn after(&self, worker: usize, step: &Step) -> Result<(), Fault> {
        self.0.lock().unwrap().push((worker, step.clone()));
        Ok(())
    }
}

/// Writes down every step, and then does something.
pub(crate) struct Interfering<F> {
    pub(crate) trace: Trace,
    pub(crate) act: F,
}

impl<F: Fn(usize, &Step) -> Result<(), Fault> + Send + Sync> Watch for Interfering<F> {
    fn after(&self, worker: usize, step: &Step) -> Result<(), Fault> {
        self.trace.after(worker, step)?;
        (self.act)(worker, step)
    }
}

pub(crate) fn interfering(
    trace: &Trace,
    act: impl Fn(usize, &Step) -> Result<(), Fault> + Send + Sync + 'static,
) -> Arc<dyn Watch> {
    Arc::new(Interfering { trace: trace.clone(), act })
}
