//! Records that are of no use, or not where they belong.

use std::sync::Arc;
use std::time::Duration;

use command_handler::watch::{Nobody, Step};
use event_codec::headers::{PT_ERROR_CODE, PT_ERROR_OFFSET, PT_REROUTED};
use event_log::{
    Admin, GroupOffsets, Headers, Isolation, Offsets, Outgoing, Producer, ProducerSettings, TopicPartition,
};

use crate::commands::{register, scan, shipment};
use crate::world::{PARTITIONS, Trace, World, wait_until};

#[tokio::test(flavor = "multi_thread")]
async fn commands_on_wrong_partitions_are_decided_once_on_the_right_ones() {
    let world = World::new().await;
    let commands: Vec<_> = (0..300).map(|n| register(shipment(n))).collect();
    // As a client with another hash would spread them.
    let records: Vec<_> = (0..)
        .zip(&commands)
        .map(|(n, c)| Outgoing { partition: n % PARTITIONS, ..world.record(c) })
        .collect();
    world.write(&records).await;
    let handler = world.start("a", 2, Arc::new(Nobody));
    world.wait_for_replies(&commands);
    handler.stop();
    let ledger = world.ledger();
    ledger.check(&commands);
    assert_eq!(ledger.dead_letters.len(), 0);
    let sent_on =
        world.read(&world.topics.commands).into_iter().filter(|r| r.headers.get(PT_REROUTED).is_some());
    let misplaced = records.iter().zip(&commands).filter(|(r, c)| r.partition != world.record(c).partition);
    assert_eq!(sent_on.count(), misplaced.count());
}

/// A re-routed command has the end of its transaction behind it, which is no command. Retention takes both, and the
/// handler must not think that it missed something.
#[tokio::test(flavor = "multi_thread")]
async fn retention_of_a_quiet_topic_is_no_loss() {
    let world = World::new().await;
    let commands: Vec<_> = (0..20).map(|n| register(shipment(n))).collect();
    let (first, second) = commands.split_at(10);
    let wrong = |c| {
        let record = world.record(c);
        Outgoing { partition: (record.partition + 1) % PARTITIONS, ..record }
    };
    world.write(&first.iter().map(wrong).collect::<Vec<_>>()).await;
    let (mut handler, readiness) = world.handler("a", 1, Arc::new(Nobody));
    handler.settings.quiet_ms = 300;
    let running = World::run(handler, readiness);
    world.wait_for_replies(first);

    let timeout = Duration::from_secs(10);
    let offsets = Offsets::new(&world.kafka, Isolation::Committed, timeout).unwrap();
    let ends = || offsets.watermarks(&world.topics.commands, 0..PARTITIONS).unwrap();
    let group = GroupOffsets::new(&world.kafka, &world.group(), timeout).unwrap();
    let behind = || group.lag(&world.topics.commands, Isolation::Committed).unwrap();
    let moved = wait_until(|| behind().iter().all(|(_, behind)| *behind == 0));
    assert!(moved, "still behind: {:?}\n{}", behind(), world.standing());
    running.stop();
    let all: Vec<_> = ends()
        .into_iter()
        .map(|(p, ends)| (TopicPartition::new(world.topics.commands.clone(), p), ends.high))
        .collect();
    Admin::new(&world.kafka, timeout).unwrap().delete_before(&all).await.unwrap();

    let handler = world.start("a", 1, Arc::new(Nobody));
    world.post(second).await;
    world.wait_for_replies(second);
    handler.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn poison_is_parked_in_the_transaction_of_its_neighbours() {
    let world = World::new().await;
    let commands: Vec<_> = (0..40).map(|n| register(shipment(n))).collect();
    let mut records = Vec::new();
    for command in &commands {
        let good = world.record(command);
        let garbage = Outgoing { value: Some("garbage".into()), ..good.clone() };
        let nothing = Outgoing { value: None, ..good.clone() };
        let other_key = Outgoing { key: Some("another".into()), ..good.clone() };
        records.extend([garbage, good, nothing, other_key]);
    }
    world.write(&records).await;
    let trace = Trace::default();
    let handler = world.start("a", 1, Arc::new(trace.clone()));
    world.wait_for_replies(&commands);
    handler.stop();
    let ledger = world.ledger();
    ledger.check(&commands);
    assert_eq!(ledger.dead_letters.len(), commands.len() * 3);
    let count =
        |code| ledger.dead_letters.iter().filter(|r| r.headers.get_str(PT_ERROR_CODE) == Some(code)).count();
    assert_eq!((count("not-framed"), count("no-value"), count("key-mismatch")), (40, 40, 40));
    assert!(ledger.dead_letters.iter().all(|r| r.headers.get(PT_ERROR_OFFSET).is_some()));
    // One transaction took what was polled together, the poison included.
    let polled: Vec<_> = trace
        .steps()
        .into_iter()
        .filter_map(|(_, s)| if let Step::Polled(n) = s { Some(n) } else { None })
        .collect();
    assert_eq!(polled.iter().sum::<usize>(), records.len());
    assert_eq!(trace.count(|step| *step == Step::Committed), polled.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_records_that_kafka_takes_are_parked() {
    let world = World::new().await;
    let raw = world.record(&register(shipment(1)));
    // Incompressible to the last byte that the topic takes, and ten times that, compressed well.
    let mut noise = 0x2545_f491_4f6c_dd1d_u64;
    let bytes: Vec<u8> = std::iter::repeat_with(|| {
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        noise as u8
    })
    .take(256 * 1024 - 300)
    .collect();
    let producer = Producer::new(
        &world.kafka,
        &ProducerSettings {
            max_record_bytes: 4_000_000,
            delivery_timeout: Duration::from_secs(30),
            ..ProducerSettings::default()
        },
    )
    .unwrap();
    for value in [bytes, vec![0; 3_000_000]] {
        let record = Outgoing { value: Some(value.into()), headers: Headers::new(), ..raw.clone() };
        producer.send(&record).unwrap().await.unwrap();
    }
    let after = register(shipment(1));
    world.post(std::slice::from_ref(&after)).await;
    let handler = world.start("a", 1, Arc::new(Nobody));
    world.wait_for_replies(std::slice::from_ref(&after));
    handler.stop();
    let ledger = world.ledger();
    ledger.check(&[after]);
    let codes: Vec<_> =
        ledger.dead_letters.iter().map(|r| r.headers.get_str(PT_ERROR_CODE).unwrap()).collect();
    assert_eq!(codes, ["too-large", "too-large"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_command_on_the_largest_shipment_is_committed() {
    let world = World::new().await;
    let one = shipment(1);
    let wide = |n: usize| Some("𝕏".repeat(n));
    let mut commands = vec![crate::commands::largest_registration(one)];
    commands.extend((0..1_000).map(|n| scan(one, n)));
    commands.extend((0..70).map(|n| crate::commands::largest_amendment(one, n)));
    let mut last = scan(one, 5);
    if let shipment_domain::CommandBody::RecordScan(body) = &mut last.body {
        body.scan.raw_text = wide(shipment_domain::limits::RAW_TEXT);
    }
    commands.push(last);
    world.post(&commands).await;
    let handler = world.start("a", 1, Arc::new(Nobody));
    world.wait_for_replies(&commands);
    handler.stop();
    let ledger = world.ledger();
    ledger.check(&commands);
    assert_eq!(ledger.dead_letters.len(), 0);
    let (_, snapshot) = ledger.snapshots.last().unwrap();
    assert_eq!((snapshot.state.scans.len(), snapshot.accepted.len()), (1_000, 64));
}
