//! A system of a test's own: topics, schemas, tables, and a way to write events as the command handler would.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use event_codec::{Encoder, contract, headers::PT_SCHEMA};
use event_log::{
    Admin, Headers, Isolation, Kafka, Outgoing, Position, Producer, ProducerSettings, Reader as TopicReader,
    Received, Start, Topics, partition_of,
};
use projector::Projector;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use schema_registry::{Codecs, Contracts, Registry};
use settings::{Settings, Sources};
use shipment_events::{CommandReply, Date, ShipmentEvent, ShipmentId};
use telemetry::Readiness;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracking_view::{ListEntry, PhoneKey, ShipmentRow, expected_row};
use uuid::Uuid;
use view_store::{CqlOptions, DayRange, Detail, ListQuery, Reader, ViewStore};

use crate::histories::{history, steps};

pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
const KEY: &str = "the key of the projector's tests";

pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) kafka: Kafka,
    pub(crate) topics: Topics,
    pub(crate) store: ViewStore,
    pub(crate) encoder: Encoder<ShipmentEvent>,
    pub(crate) replies: Encoder<CommandReply>,
    pub(crate) producer: Producer,
}

fn endpoint(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set; `make test` starts the services and sets it"))
}

impl World {
    /// Topics of so many partitions, schemas registered, tables made.
    pub(crate) async fn make(partitions: i32) -> Self {
        let name = Uuid::new_v4().simple().to_string()[..12].to_owned();
        let sources = Sources::none()
            .env("PARCELTRACK_KAFKA", endpoint("PARCELTRACK_KAFKA"))
            .env("PARCELTRACK_CQL", endpoint("PARCELTRACK_CQL"))
            .env("PARCELTRACK_REGISTRY", endpoint("PARCELTRACK_REGISTRY"))
            .set(format!("kafka.topic_prefix=it-projector-{name}"))
            .set(format!("kafka.partitions={partitions}"))
            .set(format!("cql.keyspace=it_projector_{name}"))
            .set(format!("query_api.phone_hash_key={KEY}"))
            .set("projector.session_timeout_ms=6000")
            .set("projector.lag_interval_ms=200");
        let settings = Settings::load(&sources).unwrap();
        let kafka = Kafka::of_settings(&settings.kafka, "projector-tests").unwrap();
        let topics = Topics::of_settings(&settings.kafka);
        let specs: Vec<_> = topics.specs().into_iter().filter(|spec| !spec.foreign).collect();
        Admin::new(&kafka, PATIENCE).unwrap().apply(&specs, false).await.unwrap();
        let registry = Registry::of_settings(&settings.registry).unwrap();
        let codecs = Codecs::open(registry, Contracts::ours(&settings.kafka.topic_prefix)).await.unwrap();
        let store = ViewStore::connect(&CqlOptions::of_settings(&settings.cql)).await.unwrap();
        store.apply_tables().await.unwrap();
        Self {
            encoder: codecs.encoder(&contract::event()).unwrap(),
            replies: codecs.encoder(&contract::reply()).unwrap(),
            producer: Producer::new(&kafka, &ProducerSettings::default()).unwrap(),
            settings,
            kafka,
            topics,
            store,
        }
    }

    pub(crate) async fn drop(self) {
        self.store.drop_everything().await.unwrap();
        let specs = self.topics.specs();
        let names: Vec<&str> = specs.iter().filter(|spec| !spec.foreign).map(|spec| &*spec.name).collect();
        Admin::new(&self.kafka, PATIENCE).unwrap().delete(&names).await.unwrap();
    }

    /// The settings with more set.
    pub(crate) fn settings_with(&self, set: impl Fn(&mut Settings)) -> Settings {
        let mut settings = self.settings.clone();
        set(&mut settings);
        settings
    }

    pub(crate) fn record(&self, event: &ShipmentEvent) -> Outgoing {
        Outgoing {
            topic: self.topics.events.clone(),
            partition: partition_of(event.shipment_id, self.topics.partitions()),
            key: Some(event.key().into()),
            value: Some(self.encoder.to_vec(event).unwrap().into()),
            headers: Headers::new().with(PT_SCHEMA, self.encoder.stamp()),
            timestamp: None,
        }
    }

    pub(crate) fn reply(&self, reply: &CommandReply) -> Outgoing {
        Outgoing {
            topic: self.topics.replies.clone(),
            partition: partition_of(reply.shipment_id, self.topics.partitions()),
            key: Some(reply.command_id.to_string().into()),
            value: Some(self.replies.to_vec(reply).unwrap().into()),
            headers: Headers::new().with(PT_SCHEMA, self.replies.stamp()),
            timestamp: None,
        }
    }

    pub(crate) async fn write(&self, events: &[ShipmentEvent]) {
        let records: Vec<_> = events.iter().map(|event| self.record(event)).collect();
        self.write_records(&records).await;
    }

    pub(crate) async fn write_records(&self, records: &[Outgoing]) -> Vec<Position> {
        let mut positions = Vec::new();
        for chunk in records.chunks(5_000) {
            let sent: Vec<_> = chunk.iter().map(|record| self.producer.send(record).unwrap()).collect();
            for delivery in sent {
                positions.push(delivery.await.unwrap());
            }
        }
        positions
    }

    /// Every record of a topic.
    pub(crate) async fn all_of(&self, topic: &str) -> Vec<Received> {
        let starts: Vec<_> = (0..self.topics.partitions()).map(|p| (p, Start::Beginning)).collect();
        let (kafka, topic) = (self.kafka.clone(), topic.to_owned());
        let read = tokio::task::spawn_blocking(move || {
            let mut records = Vec::new();
            let mut reader = TopicReader::open(&kafka, &topic, &starts, Isolation::Committed).unwrap();
            let take = |record| {
                records.push(record);
                Ok::<_, event_log::Error>(())
            };
            reader.read_to_end(PATIENCE, take).unwrap();
            records
        });
        read.await.unwrap()
    }

    pub(crate) async fn projector(&self) -> Projector {
        Projector::connect(&self.settings).await.unwrap()
    }

    /// A projector at work.
    pub(crate) async fn start(&self) -> Running {
        Running::start(self.projector().await)
    }

    /// Waits until the live rows of these shipments are what their histories fold to, then compares all else that readers
    /// see with what the events say.
    pub(crate) async fn agrees_with(&self, histories: &[Vec<ShipmentEvent>]) {
        let reader = self.store.reader().await.unwrap();
        let expected: Vec<ShipmentRow> = histories.iter().filter_map(|h| expected(h)).collect();
        let ids: Vec<ShipmentId> = expected.iter().map(|row| row.shipment_id).collect();
        let begun = Instant::now();
        loop {
            let rows = reader.shipments(&ids, Detail::Full).await.unwrap();
            let different = rows.iter().zip(&expected).find(|(row, expected)| row.as_ref() != Some(expected));
            let Some((row, expected)) = different else { break };
            if begun.elapsed() > PATIENCE {
                assert_eq!(row.as_ref(), Some(expected));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        // A few whole histories; the rows above are of all.
        for history in histories.iter().filter(|h| !h.is_empty()).step_by(histories.len().div_ceil(25)) {
            let stored = reader.whole_history(history[0].shipment_id).await.unwrap();
            let stored: Vec<_> = stored.into_iter().map(|row| (row.sequence, row.payload)).collect();
            let written: BTreeMap<_, _> =
                history.iter().map(|event| (event.sequence, self.encoder.to_vec(event).unwrap())).collect();
            assert_eq!(stored, written.into_iter().collect::<Vec<_>>());
        }
        let listed: BTreeSet<ShipmentId> =
            self.listed(&reader).await.into_iter().map(|entry| entry.shipment_id).collect();
        let registered = expected.iter().filter(|row| row.registered_at.is_some());
        for row in registered {
            assert!(listed.contains(&row.shipment_id), "{} is missing from its day", row.shipment_id);
        }
    }

    /// Everything in the list of registrations.
    pub(crate) async fn listed(&self, reader: &Reader) -> Vec<ListEntry> {
        let day = |text| Date::parse(text).unwrap();
        let days = DayRange { from: day("2026-03-01"), to: day("2026-04-20") };
        reader.entries(&ListQuery::Day(days), 1_000_000, None).await.unwrap().entries
    }

    pub(crate) async fn row(&self, id: ShipmentId) -> Option<ShipmentRow> {
        self.store.reader().await.unwrap().shipment(id, Detail::Full).await.unwrap()
    }

    /// Waits until a row is as it should be.
    pub(crate) async fn row_that(
        &self,
        id: ShipmentId,
        is_right: impl Fn(&ShipmentRow) -> bool,
    ) -> ShipmentRow {
        let begun = Instant::now();
        loop {
            let row = self.row(id).await;
            match row {
                Some(row) if is_right(&row) => return row,
                row => assert!(begun.elapsed() < PATIENCE, "{row:?}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// A projector at work in this process.
pub(crate) struct Running {
    pub(crate) readiness: Readiness,
    shutdown: CancellationToken,
    task: JoinHandle<Result<(), projector::Error>>,
}

impl Running {
    pub(crate) fn start(projector: Projector) -> Self {
        let (readiness, shutdown) = (Readiness::new(), CancellationToken::new());
        let (told, stop) = (readiness.clone(), shutdown.clone());
        let task = tokio::spawn(async move { projector.run(&told, stop).await });
        Self { readiness, shutdown, task }
    }

    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        tokio::time::timeout(PATIENCE, self.task).await.expect("in time").unwrap().unwrap();
    }

    /// As near to `kill -9` as it gets within a process: no word more to anyone, wherever it is.
    pub(crate) async fn abort(self) {
        self.task.abort();
        let _aborted = self.task.await;
    }

    pub(crate) async fn until_ready(&self) {
        let begun = Instant::now();
        while self.readiness.conditions().is_empty() || !self.readiness.is_ready() {
            assert!(begun.elapsed() < PATIENCE, "{:?}", self.readiness.conditions());
            assert!(!self.task.is_finished(), "it ended");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) async fn until_unready(&self, condition: &str) -> String {
        let begun = Instant::now();
        loop {
            let state = self.readiness.conditions().remove(condition);
            if let Some(state) = state.filter(|state| !state.ready) {
                return state.reason;
            }
            assert!(begun.elapsed() < PATIENCE, "{condition} still holds");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

pub(crate) fn phones() -> PhoneKey {
    PhoneKey::new(KEY.as_bytes())
}

pub(crate) fn expected(history: &[ShipmentEvent]) -> Option<ShipmentRow> {
    expected_row(history, &phones())
}

pub(crate) fn new_id() -> ShipmentId {
    ShipmentId::new(Uuid::new_v4())
}

/// Histories of as many shipments.
pub(crate) fn histories(shipments: usize) -> Vec<Vec<ShipmentEvent>> {
    let mut runner = TestRunner::default();
    (0..shipments).map(|_| history(new_id(), &steps().new_tree(&mut runner).unwrap().current())).collect()
}

/// As they would lie in the topic: of all shipments one after the other, each in its order.
pub(crate) fn interleaved(histories: &[Vec<ShipmentEvent>]) -> Vec<ShipmentEvent> {
    let longest = histories.iter().map(Vec::len).max().unwrap_or(0);
    (0..longest).flat_map(|n| histories.iter().filter_map(move |h| h.get(n).cloned())).collect()
}
