use std::time::Duration;

use event_log::{
    Error, GroupOffsets, Isolation, Kafka, Offsets, TopicPartition, TransactionSettings,
    TransactionalProducer,
};

use crate::cluster::{OwnTopics, PATIENCE, admin, kafka, record, runtime, unique, write};

fn offsets(isolation: Isolation) -> Offsets {
    Offsets::new(&kafka(), isolation, PATIENCE).unwrap()
}

#[test]
fn an_open_transaction_parts_the_two_ends() {
    let own = OwnTopics::create("ends", 2);
    let topic = &own.topics.events;
    write(&[record(topic, 0, "a")]);
    let settings = TransactionSettings {
        transactional_id: unique("ends"),
        transaction_timeout: Duration::from_secs(10),
        call_timeout: Duration::from_secs(8),
    };
    let mut producer = TransactionalProducer::init(&kafka(), settings).unwrap();
    producer.begin().unwrap();
    producer.send(&record(topic, 0, "b"), 0).unwrap();
    producer.drain().unwrap();

    let uncommitted = offsets(Isolation::Uncommitted).watermarks(topic, 0..2).unwrap();
    let committed = offsets(Isolation::Committed).watermarks(topic, 0..2).unwrap();
    assert_eq!((uncommitted[&0].low, uncommitted[&0].high), (0, 2));
    assert_eq!((committed[&0].low, committed[&0].high), (0, 1));
    assert!(uncommitted[&1].is_empty() && committed[&1].is_empty());

    producer.commit().unwrap();
    let after = (0..100).find_map(|_| {
        let ends = offsets(Isolation::Committed).watermarks(topic, [0]).unwrap();
        (ends[&0].high == 3).then_some(()).or_else(|| {
            std::thread::sleep(Duration::from_millis(20));
            None
        })
    });
    assert!(after.is_some(), "the commit marker is counted");
}

#[test]
fn a_time_has_an_offset() {
    let own = OwnTopics::create("times", 1);
    let topic = &own.topics.events;
    let at = |millis, value| {
        let mut record = record(topic, 0, value);
        record.timestamp = Some(millis);
        record
    };
    write(&[at(1_000, "a"), at(2_000, "b"), at(3_000, "c")]);
    let offsets = offsets(Isolation::Committed);
    assert_eq!(offsets.at_time(topic, [0], 1_500).unwrap()[&0], Some(1));
    assert_eq!(offsets.at_time(topic, [0], 9_000).unwrap()[&0], None);
}

#[test]
fn a_topic_made_anew_has_another_id() {
    let own = OwnTopics::create("ids", 1);
    let topic = &own.topics.events;
    let offsets = offsets(Isolation::Committed);
    let (cluster, first) = (offsets.cluster_id().unwrap(), offsets.topic_id(topic).unwrap());
    assert_eq!((offsets.cluster_id().unwrap(), offsets.topic_id(topic).unwrap()), (cluster, first));

    runtime().block_on(async {
        admin().delete(&[topic]).await.unwrap();
        for _ in 0..100 {
            if admin().apply(&own.topics.specs(), false).await.is_ok()
                && offsets.topic_id(topic).is_ok_and(|id| id != first)
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the id is still the same");
    });
}

#[test]
fn a_missing_topic_is_no_topic() {
    let topic = unique("missing");
    let offsets = offsets(Isolation::Committed);
    assert_eq!(offsets.partition_count(&topic).unwrap(), None);
    assert!(matches!(offsets.topic_id(&topic), Err(Error::UnknownTopic { .. })));
    assert!(matches!(offsets.watermarks(&topic, [0]), Err(Error::UnknownTopic { .. })));
}

#[test]
fn a_cluster_that_is_away_is_named() {
    let offsets =
        Offsets::new(&Kafka::at("127.0.0.1:1"), Isolation::Committed, Duration::from_millis(500)).unwrap();
    let away = offsets.partition_count("any").unwrap_err();
    assert!(matches!(&away, Error::Unreachable { .. }) && away.to_string().contains("127.0.0.1:1"), "{away}");
    assert!(matches!(offsets.cluster_id(), Err(Error::Unreachable { .. })));
}

#[test]
fn a_groups_offsets_are_set_and_its_lag_is_counted() {
    let own = OwnTopics::create("lag", 2);
    let topic = &own.topics.events;
    write(&[record(topic, 0, "a"), record(topic, 0, "b"), record(topic, 1, "c")]);
    let group = GroupOffsets::new(&kafka(), &unique("lag"), PATIENCE).unwrap();
    let partitions = [TopicPartition::new(topic.clone(), 0), TopicPartition::new(topic.clone(), 1)];
    assert!(group.committed(&partitions).unwrap().iter().all(|(_, offset)| offset.is_none()));
    assert_eq!(group.lag(topic, Isolation::Committed).unwrap().iter().map(|(_, lag)| lag).sum::<i64>(), 3);

    group.set(&[(partitions[0].clone(), 1)]).unwrap();
    assert_eq!(group.committed(&partitions).unwrap()[0].1, Some(1));
    assert_eq!(group.lag(topic, Isolation::Committed).unwrap().iter().map(|(_, lag)| lag).sum::<i64>(), 2);
}
