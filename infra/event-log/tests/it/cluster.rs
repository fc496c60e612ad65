//! What each test needs of the cluster: its address, and topics and names of its own.

use std::sync::Arc;
use std::time::Duration;

use event_log::{Admin, Headers, Isolation, Kafka, Outgoing, Reader, Received, Start, TopicSettings, Topics};

pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

pub(crate) fn kafka() -> Kafka {
    let bootstrap = std::env::var("PARCELTRACK_KAFKA")
        .expect("set PARCELTRACK_KAFKA to a running Kafka; `parceltrack up` starts one");
    Kafka::at(bootstrap)
}

pub(crate) fn unique(name: &str) -> String {
    format!("it-{name}-{}", uuid::Uuid::new_v4().simple())
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

pub(crate) fn admin() -> Admin {
    Admin::new(&kafka(), PATIENCE).unwrap()
}

/// Topics of the test's own, without the journal, that are deleted at its end.
pub(crate) struct OwnTopics {
    pub(crate) topics: Topics,
}

impl OwnTopics {
    pub(crate) fn create(name: &str, partitions: i32) -> Self {
        let replication =
            std::env::var("PARCELTRACK_KAFKA_REPLICATION").map_or(1, |text| text.parse().unwrap());
        let settings =
            TopicSettings { prefix: unique(name), partitions, replication, journal: String::new() };
        let topics = Topics::new(settings);
        runtime().block_on(admin().apply(&topics.specs(), false)).unwrap();
        Self { topics }
    }
}

impl Drop for OwnTopics {
    fn drop(&mut self) {
        let specs = self.topics.specs();
        let names: Vec<&str> = specs.iter().map(|spec| &*spec.name).collect();
        if let Err(error) = runtime().block_on(admin().delete(&names)) {
            eprintln!("topics of {} are left behind: {error}", self.topics.settings().prefix);
        }
    }
}

pub(crate) fn record(topic: &Arc<str>, partition: i32, value: &str) -> Outgoing {
    Outgoing {
        topic: topic.clone(),
        partition,
        key: Some(value.to_owned().into()),
        value: Some(value.to_owned().into()),
        headers: Headers::new(),
        timestamp: None,
    }
}

pub(crate) fn text(record: &Received) -> String {
    String::from_utf8(record.value.as_ref().unwrap().to_vec()).unwrap()
}

/// All values of some partitions, as a reader of that isolation sees them.
pub(crate) fn values(topic: &str, partitions: std::ops::Range<i32>, isolation: Isolation) -> Vec<String> {
    let starts: Vec<_> = partitions.map(|p| (p, Start::Beginning)).collect();
    let mut reader = Reader::open(&kafka(), topic, &starts, isolation).unwrap();
    let mut values = Vec::new();
    reader
        .read_to_end(PATIENCE, |record| {
            values.push(text(&record));
            Ok::<_, event_log::Error>(())
        })
        .unwrap();
    values.sort();
    values
}

/// Writes records outside any transaction.
pub(crate) fn write(records: &[Outgoing]) {
    let producer = event_log::Producer::new(&kafka(), &event_log::ProducerSettings::default()).unwrap();
    runtime().block_on(async {
        for record in records {
            producer.send(record).unwrap().await.unwrap();
        }
    });
}
