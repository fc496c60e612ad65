//! A shipment's records are found without reading all of its partition, and without a client for each: needs a Kafka, whose address
//! `PARCELTRACK_KAFKA` says.

use std::time::Duration;

use event_log::{
    Admin, Browser, Headers, Kafka, Outgoing, Producer, ProducerSettings, TopicSettings, Topics,
};
use record_view::{History, Known};
use shipment_events::{Sequence, ShipmentId, Timestamp};
use uuid::Uuid;

use crate::given::shipment;

const PATIENCE: Duration = Duration::from_secs(15);
const HOUR: i64 = 3_600_000;
const BEGIN: i64 = 1_700_000_000_000;
/// Records of others between two events of the shipment where there are many.
const MANY: i64 = 9_000;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_near_is_read_and_what_is_far_is_jumped_to() {
    let bootstrap =
        std::env::var("PARCELTRACK_KAFKA").expect("PARCELTRACK_KAFKA is not set; `make test` sets it");
    let kafka = Kafka::at(bootstrap);
    let prefix = format!("it-history-{}", Uuid::new_v4().simple());
    let topics = Topics::new(TopicSettings { prefix, partitions: 1, replication: 1, journal: String::new() });
    let admin = Admin::new(&kafka, PATIENCE).unwrap();
    let mut specs = topics.specs();
    specs.retain(|spec| spec.name == topics.events);
    admin.apply(&specs, false).await.unwrap();

    let other = ShipmentId::new(Uuid::from_u128(1));
    let record = |of: ShipmentId, sequence: i64, at: i64| Outgoing {
        topic: topics.events.clone(),
        partition: 0,
        key: Some(format!("{of}#{sequence}").into()),
        value: None,
        headers: Headers::new(),
        timestamp: Some(at),
    };
    // Five events, hours apart, with one of another shipment between each; then, after many of others, a sixth.
    let hour = |n: i64| BEGIN + n * HOUR;
    let mut records: Vec<_> =
        (1..=5).flat_map(|n| [record(shipment(), n, hour(n)), record(other, n, hour(n))]).collect();
    records.extend((0..MANY).map(|n| record(other, 5 + n, hour(5) + 1)));
    records.push(record(shipment(), 6, hour(20)));
    let producer = Producer::new(&kafka, &ProducerSettings::default()).unwrap();
    let mut sent = Vec::new();
    for record in &records {
        sent.push(producer.send(record).unwrap());
    }
    for sent in sent {
        sent.await.unwrap();
    }

    let history = History::of(Browser::new(&kafka, PATIENCE).unwrap(), topics.events.clone());
    let known: Vec<_> = (1..=6)
        .map(|n| Known {
            sequence: Sequence::new(n),
            recorded_at: Timestamp::from_millis(hour(if n == 6 { 20 } else { n })),
        })
        .collect();
    let found = history.find(shipment(), &known, 20_000).await.unwrap();
    assert_eq!(found.records.keys().map(|n| n.get()).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    assert!(!found.gave_up);
    assert!(found.looked_at >= 9, "those of others between them are read: {}", found.looked_at);
    assert!(found.looked_at < MANY as u64, "so many are jumped over: {}", found.looked_at);

    let found = history.find(shipment(), &known, 3).await.unwrap();
    assert!(found.gave_up && found.records.len() == 2, "{found:?}");
    admin.delete(&[&*topics.events]).await.unwrap();
}
