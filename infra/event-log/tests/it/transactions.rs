use std::time::Duration;

use event_log::{
    Event, Fault, GroupConsumer, GroupOffsets, GroupSettings, Isolation, Kafka, Position, Reader,
    ReaderEvent, Reset, Rotation, RotationSettings, Start, TopicPartition, TransactionSettings,
    TransactionalProducer,
};

use crate::cluster::{OwnTopics, PATIENCE, kafka, record, unique, values, write};

fn settings(id: &str) -> TransactionSettings {
    TransactionSettings {
        transactional_id: id.to_owned(),
        transaction_timeout: Duration::from_secs(10),
        call_timeout: Duration::from_secs(8),
    }
}

fn producer(id: &str) -> TransactionalProducer {
    TransactionalProducer::init(&kafka(), settings(id)).unwrap()
}

/// A member with its first partitions, which reads from the beginning where the group has not been.
fn member(group: &str, topic: &str) -> GroupConsumer {
    let settings = GroupSettings { reset: Reset::Earliest, ..GroupSettings::new(group, &[topic]) };
    let mut consumer = GroupConsumer::join(&kafka(), settings).unwrap();
    let assigned = (0..100).find_map(|_| match consumer.poll(Duration::from_millis(200)).unwrap() {
        Some(Event::Assigned(partitions)) => Some(partitions),
        _ => None,
    });
    assert!(assigned.is_some_and(|partitions| !partitions.is_empty()), "no partitions");
    consumer
}

#[test]
fn an_end_is_told_with_its_offset_control_records_included() {
    let own = OwnTopics::create("ends", 1);
    let events = &own.topics.events;
    let mut producer = producer(&unique("ends"));
    producer.begin().unwrap();
    producer.send(&record(events, 0, "event"), 0).unwrap();
    producer.drain().unwrap();
    let mut reader = Reader::open(&kafka(), events, &[(0, Start::Beginning)], Isolation::Committed).unwrap();
    let mut next = || reader.next(PATIENCE).unwrap().expect("something comes");
    let end = |offset| Position { partition: 0, offset };
    // The record is there and can't be seen: this is an end, and not the last one.
    assert!(matches!(next(), ReaderEvent::Eof(at) if at == end(0)));
    producer.commit().unwrap();
    assert!(matches!(next(), ReaderEvent::Record(record) if record.offset == 0));
    // Behind the record lies the marker of the commit.
    assert!(matches!(next(), ReaderEvent::Eof(at) if at == end(2)));
}

#[test]
fn records_and_offsets_are_committed_together() {
    let own = OwnTopics::create("round-trip", 1);
    let (commands, events) = (&own.topics.commands, &own.topics.events);
    write(&[record(commands, 0, "command")]);
    let group = unique("round-trip");
    let mut consumer = member(&group, commands);
    let metadata = consumer.group_metadata().expect("a member");
    assert!(metadata.generation() >= 0 && !metadata.member().is_empty());
    let read = (0..50).find_map(|_| match consumer.poll(Duration::from_millis(200)).unwrap() {
        Some(Event::Record(record)) => Some(record),
        _ => None,
    });
    let read = read.expect("the command");

    let mut producer = producer(&unique("round-trip"));
    producer.begin().unwrap();
    producer.send(&record(events, 0, "event 1"), 7).unwrap();
    producer.send(&record(events, 0, "event 2"), 8).unwrap();
    let mut written = producer.drain().unwrap();
    written.sort();
    assert_eq!(written.iter().map(|(tag, at)| (*tag, at.offset)).collect::<Vec<_>>(), [(7, 0), (8, 1)]);
    producer.send_offsets(&[(read.topic_partition(), read.offset + 1)], &metadata).unwrap();
    assert!(values(events, 0..1, Isolation::Committed).is_empty(), "not before the commit");
    producer.commit().unwrap();

    let at = TopicPartition::new(commands.clone(), 0);
    let committed = GroupOffsets::new(&kafka(), &group, PATIENCE).unwrap().committed(&[at]).unwrap();
    assert_eq!(committed[0].1, Some(1));
    // The offsets above were read stable: the markers are written, on every partition of the transaction or soon after.
    let seen = (0..50).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        values(events, 0..1, Isolation::Committed) == ["event 1", "event 2"]
    });
    assert!(seen);
}

#[test]
fn an_aborted_transaction_is_never_seen_and_the_producer_goes_on() {
    let own = OwnTopics::create("abort", 1);
    let events = &own.topics.events;
    let mut producer = producer(&unique("abort"));
    producer.begin().unwrap();
    for n in 0..500 {
        // Not drained: some are under way, some are not even sent.
        producer.send(&record(events, 0, &format!("aborted {n}")), n).unwrap();
    }
    let before = std::time::Instant::now();
    producer.abort().unwrap();
    assert!(before.elapsed() < Duration::from_secs(5), "an abort took {:?}", before.elapsed());

    producer.begin().unwrap();
    producer.send(&record(events, 0, "kept"), 0).unwrap();
    assert_eq!(producer.drain().unwrap().len(), 1, "nothing of the aborted one is reported");
    producer.commit().unwrap();
    assert_eq!(values(events, 0..1, Isolation::Committed), ["kept"]);
    assert_eq!(values(events, 0..1, Isolation::Uncommitted).len(), 501);
}

#[test]
fn a_successor_fences_its_predecessor() {
    let own = OwnTopics::create("fence", 1);
    let events = &own.topics.events;
    let id = unique("fence");
    let mut old = producer(&id);
    old.begin().unwrap();
    old.send(&record(events, 0, "zombie"), 0).unwrap();
    old.drain().unwrap();

    let mut new = producer(&id);
    let fenced = old.commit().unwrap_err();
    assert!(matches!(fenced, Fault::Fenced { .. }), "{fenced:?}");
    assert!(matches!(old.begin(), Err(Fault::Poisoned { .. })), "and stays out");

    new.begin().unwrap();
    new.send(&record(events, 0, "successor"), 0).unwrap();
    new.drain().unwrap();
    new.commit().unwrap();
    assert_eq!(values(events, 0..1, Isolation::Committed), ["successor"]);
}

#[test]
fn a_predecessors_open_transaction_is_aborted_at_once() {
    let own = OwnTopics::create("takeover", 1);
    let events = &own.topics.events;
    let id = unique("takeover");
    let mut old = producer(&id);
    old.begin().unwrap();
    old.send(&record(events, 0, "left open"), 0).unwrap();
    old.drain().unwrap();

    let began = std::time::Instant::now();
    let _new = producer(&id);
    assert!(values(events, 0..1, Isolation::Committed).is_empty());
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "not by the transaction's timeout: {:?}",
        began.elapsed()
    );
}

#[test]
fn a_producer_without_an_answer_is_never_used_again() {
    let own = OwnTopics::create("poison", 1);
    let events = &own.topics.events;
    let id = unique("poison");
    let impatient = TransactionSettings { call_timeout: Duration::from_millis(1), ..settings(&id) };
    // Patient until it is set up; then so impatient that no call gets its answer in time.
    let mut producer = (0..20)
        .find_map(|_| TransactionalProducer::init_with(&kafka(), settings(&id), impatient.call_timeout).ok())
        .unwrap();
    producer.begin().unwrap();
    producer.send(&record(events, 0, "unknown"), 0).unwrap();
    let fault = producer.drain().and_then(|_| producer.commit()).unwrap_err();
    assert!(matches!(fault, Fault::Indefinite { .. }), "{fault:?}");
    assert!(producer.is_poisoned() && !fault.is_abortable());
    for refused in
        [producer.begin(), producer.commit(), producer.abort(), producer.send(&record(events, 0, "x"), 1)]
    {
        assert!(matches!(refused, Err(Fault::Poisoned { .. })), "{refused:?}");
    }
    drop(producer);
    let _successor = TransactionalProducer::init(&kafka(), settings(&id)).unwrap();
    let first = values(events, 0..1, Isolation::Committed);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(values(events, 0..1, Isolation::Committed), first, "whatever it was is decided for good");
}

#[test]
fn a_cluster_that_is_away_makes_init_indefinite() {
    let impatient = TransactionSettings { call_timeout: Duration::from_millis(300), ..settings("nowhere") };
    let fault = TransactionalProducer::init(&Kafka::at("127.0.0.1:1"), impatient).err().unwrap();
    assert!(matches!(fault, Fault::Indefinite { call: "init", .. }), "{fault:?}");
}

#[test]
fn a_record_too_large_leaves_the_transaction_as_it_is() {
    let own = OwnTopics::create("large", 1);
    let events = &own.topics.events;
    let mut producer = producer(&unique("large"));
    producer.begin().unwrap();
    let refused = producer.send(&record(events, 0, &"x".repeat(2_000_000)), 0).unwrap_err();
    assert!(matches!(refused, Fault::TooLarge { bytes: 4_000_000, .. }), "{refused:?}");
    producer.send(&record(events, 0, "fits"), 1).unwrap();
    assert_eq!(producer.drain().unwrap().len(), 1);
    producer.commit().unwrap();
    assert_eq!(values(events, 0..1, Isolation::Committed), ["fits"]);
}

#[test]
fn a_record_that_a_broker_refuses_is_abortable_and_named() {
    let own = OwnTopics::create("refused", 1);
    let (commands, events) = (&own.topics.commands, &own.topics.events);
    let noise: String = (0..10_000).map(|_| unique("")).collect();
    let mut producer = producer(&unique("refused"));
    producer.begin().unwrap();
    producer.send(&record(events, 0, "fits"), 4).unwrap();
    producer.send(&record(commands, 0, &noise), 5).unwrap();
    match producer.drain().unwrap_err() {
        Fault::Abortable { failed, .. } => assert_eq!(failed, [5]),
        other => panic!("{other:?}"),
    }
    producer.abort().unwrap();
    producer.begin().unwrap();
    producer.send(&record(events, 0, "after"), 0).unwrap();
    producer.drain().unwrap();
    producer.commit().unwrap();
    assert_eq!(values(events, 0..1, Isolation::Committed), ["after"]);
}

#[test]
fn many_rerouted_commands_fit_the_commands_topic() {
    let own = OwnTopics::create("rerouted", 1);
    let commands = &own.topics.commands;
    let mut producer = producer(&unique("rerouted"));
    producer.begin().unwrap();
    for n in 0..5_000 {
        producer.send(&record(commands, 0, &unique(&unique(""))), n).unwrap();
    }
    assert_eq!(producer.drain().unwrap().len(), 5_000);
    producer.commit().unwrap();
}

#[test]
fn offsets_of_a_generation_that_is_over_are_refused() {
    let own = OwnTopics::create("generation", 2);
    let (commands, events) = (&own.topics.commands, &own.topics.events);
    let group = unique("generation");
    let mut first = member(&group, commands);
    let stale = first.group_metadata().unwrap();

    // A second member joins: the group moves on.
    let settings = GroupSettings { reset: Reset::Earliest, ..GroupSettings::new(&group, &[commands]) };
    let mut second = GroupConsumer::join(&kafka(), settings).unwrap();
    let moved_on = (0..200).any(|_| {
        first.poll(Duration::from_millis(50)).unwrap();
        second.poll(Duration::from_millis(50)).unwrap();
        !second.assigned().is_empty() && second.group_metadata().is_some()
    });
    assert!(moved_on);

    let mut producer = producer(&unique("generation"));
    producer.begin().unwrap();
    producer.send(&record(events, 0, "late"), 0).unwrap();
    producer.drain().unwrap();
    let refused =
        producer.send_offsets(&[(TopicPartition::new(commands.clone(), 0), 1)], &stale).unwrap_err();
    assert!(refused.is_abortable(), "{refused:?}");
    producer.abort().unwrap();
    assert!(values(events, 0..1, Isolation::Committed).is_empty());
}

#[test]
fn a_rotation_takes_turns_and_renews_all_at_once() {
    let own = OwnTopics::create("rotation", 1);
    let events = &own.topics.events;
    let mut rotation = Rotation::new(&kafka(), RotationSettings::new(unique("rotation"), "i", 0));
    rotation.renew().unwrap();
    let mut ids = Vec::new();
    for turn in 0..6 {
        let producer = rotation.take_turn().unwrap();
        ids.push(producer.transactional_id().to_owned());
        producer.begin().unwrap();
        producer.send(&record(events, 0, &format!("{turn}")), 0).unwrap();
        producer.drain().unwrap();
        producer.commit().unwrap();
    }
    assert_eq!(ids[..3], ids[3..]);
    assert_eq!(std::collections::BTreeSet::from_iter(&ids).len(), 3);

    rotation.take_turn().unwrap().begin().unwrap();
    rotation.current().unwrap().send(&record(events, 0, "open"), 0).unwrap();
    rotation.current().unwrap().drain().unwrap();
    rotation.discard_all();
    assert!(rotation.current().is_none());
    rotation.renew().unwrap();
    assert_eq!(values(events, 0..1, Isolation::Committed), ["0", "1", "2", "3", "4", "5"]);
}

#[test]
fn committed_offsets_wait_for_an_undecided_transaction() {
    let own = OwnTopics::create("undecided", 1);
    let commands = &own.topics.commands;
    let group = unique("undecided");
    let consumer = member(&group, commands);
    let at = TopicPartition::new(commands.clone(), 0);
    let mut producer = producer(&unique("undecided"));
    producer.begin().unwrap();
    producer.send_offsets(&[(at.clone(), 5)], &consumer.group_metadata().unwrap()).unwrap();

    let impatient = GroupOffsets::new(&kafka(), &group, Duration::from_millis(500)).unwrap();
    assert!(impatient.committed(std::slice::from_ref(&at)).is_err_and(|error| error.is_transient()));

    let asking = std::thread::spawn({
        let (group, at) = (group.clone(), at.clone());
        move || GroupOffsets::new(&kafka(), &group, PATIENCE).unwrap().committed(&[at]).unwrap()
    });
    std::thread::sleep(Duration::from_secs(1));
    assert!(!asking.is_finished(), "an answer while nobody can know it");
    producer.commit().unwrap();
    assert_eq!(asking.join().unwrap()[0].1, Some(5));
}

#[test]
fn a_transaction_that_takes_too_long_is_aborted_by_the_broker_and_its_producer_fenced() {
    let own = OwnTopics::create("too-long", 1);
    let events = &own.topics.events;
    let id = unique("too-long");
    let short = TransactionSettings {
        transaction_timeout: Duration::from_secs(2),
        call_timeout: Duration::from_millis(1_500),
        ..settings(&id)
    };
    let mut producer = TransactionalProducer::init(&kafka(), short).unwrap();
    producer.begin().unwrap();
    producer.send(&record(events, 0, "stalled"), 0).unwrap();
    producer.drain().unwrap();
    // The coordinator looks every 10 s for transactions that are over their time.
    std::thread::sleep(Duration::from_secs(14));
    let fault = producer.commit().unwrap_err();
    assert!(matches!(fault, Fault::Fenced { .. }), "{fault:?}");
    assert!(values(events, 0..1, Isolation::Committed).is_empty());
    let mut successor = self::producer(&id);
    successor.begin().unwrap();
    successor.send(&record(events, 0, "decided again"), 0).unwrap();
    successor.drain().unwrap();
    successor.commit().unwrap();
    assert_eq!(values(events, 0..1, Isolation::Committed), ["decided again"]);
}
