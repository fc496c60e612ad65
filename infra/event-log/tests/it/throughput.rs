//! The transactional loop of a handler without its domain:
//! `cargo test --release -p event-log --test it -- --ignored --nocapture throughput`.

use std::time::{Duration, Instant};

use event_log::{
    Event, GroupConsumer, GroupSettings, Isolation, Outgoing, Producer, ProducerSettings, Reset, Rotation,
    RotationSettings, TopicPartition,
};

use crate::cluster::{OwnTopics, kafka, record, runtime, unique, values};

const COMMANDS: usize = 60_000;

#[test]
#[ignore = "a measurement, not a test"]
fn the_transactional_loop() {
    for batch in [1_000, 5_000] {
        let own = OwnTopics::create("pace", 6);
        fill(&own);
        let rate = consume(&own, batch);
        eprintln!("transactional loop, {batch} a batch: {rate:.0} commands/s");
        assert_eq!(values(&own.topics.events, 0..6, Isolation::Committed).len(), COMMANDS);
    }
}

fn fill(own: &OwnTopics) {
    let settings = ProducerSettings { max_in_queue: 100_000, ..ProducerSettings::for_commands() };
    let producer = Producer::new(&kafka(), &settings).unwrap();
    let began = Instant::now();
    runtime().block_on(async {
        let sent: Vec<_> = (0..COMMANDS)
            .map(|n| {
                let command = record(&own.topics.commands, (n % 6) as i32, &format!("{n:0>80}"));
                producer.send(&command).unwrap()
            })
            .collect();
        for delivery in sent {
            delivery.await.unwrap();
        }
    });
    eprintln!("idempotent producer: {:.0} records/s", COMMANDS as f64 / began.elapsed().as_secs_f64());
}

fn consume(own: &OwnTopics, batch: usize) -> f64 {
    let group = unique("pace");
    let settings =
        GroupSettings { reset: Reset::Earliest, ..GroupSettings::new(&group, &[&own.topics.commands]) };
    let mut consumer = GroupConsumer::join(&kafka(), settings).unwrap();
    let mut rotation = Rotation::new(&kafka(), RotationSettings::new(&group, "i", 0));
    rotation.renew().unwrap();
    let mut done = 0;
    let mut began = None;
    let mut slowest = Duration::ZERO;
    while done < COMMANDS {
        let metadata = consumer.group_metadata();
        let mut records = Vec::new();
        let mut wait = Duration::from_millis(100);
        while records.len() < batch {
            match consumer.poll(wait).unwrap() {
                Some(Event::Record(record)) => records.push(record),
                Some(_) | None => break,
            }
            wait = Duration::from_millis(1);
        }
        if records.is_empty() {
            continue;
        }
        let start = Instant::now();
        began.get_or_insert(start);
        let producer = rotation.take_turn().unwrap();
        producer.begin().unwrap();
        let mut offsets = std::collections::BTreeMap::<TopicPartition, i64>::new();
        for (n, read) in records.iter().enumerate() {
            for topic in [&own.topics.events, &own.topics.snapshots] {
                let out = Outgoing {
                    topic: topic.clone(),
                    partition: read.partition,
                    key: read.key.clone(),
                    value: read.value.clone(),
                    headers: read.headers.clone(),
                    timestamp: None,
                };
                producer.send(&out, n).unwrap();
            }
            offsets.insert(read.topic_partition(), read.offset + 1);
        }
        assert_eq!(producer.drain().unwrap().len(), records.len() * 2);
        let offsets: Vec<_> = offsets.into_iter().collect();
        producer.send_offsets(&offsets, metadata.as_ref().expect("a member")).unwrap();
        producer.commit().unwrap();
        slowest = slowest.max(start.elapsed());
        done += records.len();
    }
    eprintln!("slowest transaction: {slowest:?}");
    done as f64 / began.unwrap().elapsed().as_secs_f64()
}
