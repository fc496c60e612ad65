use std::time::{Duration, Instant};

use event_log::{
    Error, Event, GroupConsumer, GroupOffsets, GroupSettings, Reset, StartPolicy, TopicPartition,
};

use crate::cluster::{OwnTopics, PATIENCE, admin, kafka, record, runtime, text, unique, write};

const STEP: Duration = Duration::from_millis(50);

fn join(settings: GroupSettings) -> GroupConsumer {
    GroupConsumer::join(&kafka(), settings).unwrap()
}

fn earliest(group: &str, topic: &str) -> GroupSettings {
    GroupSettings { reset: Reset::Earliest, ..GroupSettings::new(group, &[topic]) }
}

/// Polls until `wanted` gives something.
fn until<T>(consumer: &mut GroupConsumer, mut wanted: impl FnMut(Event) -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE * 2;
    while Instant::now() < deadline {
        if let Some(found) = consumer.poll(STEP).unwrap().and_then(&mut wanted) {
            return found;
        }
    }
    panic!("it did not come");
}

fn assigned(event: Event) -> Option<Vec<TopicPartition>> {
    match event {
        Event::Assigned(partitions) if !partitions.is_empty() => Some(partitions),
        _ => None,
    }
}

#[test]
fn a_partition_is_the_owners_until_the_poll_after_its_revocation() {
    let own = OwnTopics::create("rebalance", 2);
    let topic = &own.topics.commands;
    let group = unique("rebalance");
    let mut first = join(earliest(&group, topic));
    assert_eq!(until(&mut first, assigned).len(), 2);

    let mut second = join(earliest(&group, topic));
    let revoked = {
        let deadline = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < deadline, "nothing was revoked");
            let event = first.poll(STEP).unwrap();
            assert!(
                second.poll(Duration::ZERO).unwrap().is_none_or(|e| assigned(e).is_none()),
                "not yet its own"
            );
            if let Some(Event::Revoked(partitions)) = event {
                break partitions;
            }
        }
    };
    assert_eq!(revoked.len(), 1, "cooperative: only what moves");
    assert_eq!(first.assigned().len(), 2, "still the owner");

    // The owner takes its time: heartbeats go on, and nobody else gets the partition.
    let busy_until = Instant::now() + Duration::from_secs(3);
    while Instant::now() < busy_until {
        assert!(
            second.poll(STEP).unwrap().is_none_or(|event| assigned(event).is_none()),
            "taken away too early"
        );
    }

    let deadline = Instant::now() + PATIENCE;
    let gained = loop {
        assert!(Instant::now() < deadline, "never handed over");
        first.poll(STEP).unwrap();
        if let Some(partitions) = second.poll(STEP).unwrap().and_then(assigned) {
            break partitions;
        }
    };
    assert_eq!(gained, revoked);
    assert_eq!(first.assigned().len(), 1);
}

#[test]
fn a_held_partition_brings_nothing_until_it_is_started() {
    let own = OwnTopics::create("held", 1);
    let topic = &own.topics.commands;
    write(&[record(topic, 0, "a"), record(topic, 0, "b"), record(topic, 0, "c")]);
    let settings = GroupSettings { start: StartPolicy::Held, ..GroupSettings::new(unique("held"), &[topic]) };
    let mut consumer = join(settings);
    let at = until(&mut consumer, assigned).remove(0);
    assert_eq!(consumer.committed(std::slice::from_ref(&at), PATIENCE).unwrap()[0].1, None);

    consumer.resume(std::slice::from_ref(&at)).unwrap();
    // Without a committed offset and with `auto.offset.reset=error`: neither records nor a complaint.
    let restoring = Instant::now() + Duration::from_secs(2);
    while Instant::now() < restoring {
        assert!(consumer.poll(STEP).unwrap().is_none());
    }
    consumer.start(&at, 1).unwrap();
    let read = until(&mut consumer, |event| match event {
        Event::Record(record) => Some(text(&record)),
        _ => None,
    });
    assert_eq!(read, "b");
}

#[test]
fn a_held_partition_whose_beginning_is_deleted_does_not_complain() {
    let own = OwnTopics::create("held-late", 1);
    let topic = &own.topics.commands;
    write(&[record(topic, 0, "a"), record(topic, 0, "b"), record(topic, 0, "c")]);
    let at = TopicPartition::new(topic.clone(), 0);
    runtime().block_on(admin().delete_before(&[(at.clone(), 2)])).unwrap();
    for _ in 0..10 {
        let settings =
            GroupSettings { start: StartPolicy::Held, ..GroupSettings::new(unique("held"), &[topic]) };
        let mut consumer = join(settings);
        assert_eq!(until(&mut consumer, assigned), std::slice::from_ref(&at));
        let restoring = Instant::now() + Duration::from_millis(300);
        while Instant::now() < restoring {
            assert!(consumer.poll(STEP).unwrap().is_none());
        }
        consumer.start(&at, 2).unwrap();
        let read = until(&mut consumer, |event| match event {
            Event::Record(record) => Some(text(&record)),
            _ => None,
        });
        assert_eq!(read, "c");
    }
}

#[test]
fn without_a_committed_offset_reading_fails_rather_than_guesses() {
    let own = OwnTopics::create("no-offset", 1);
    let mut consumer = join(GroupSettings::new(unique("no-offset"), &[&own.topics.commands]));
    let deadline = Instant::now() + PATIENCE;
    let error = loop {
        assert!(Instant::now() < deadline);
        if let Err(error) = consumer.poll(STEP) {
            break error;
        }
    };
    assert!(matches!(error, Error::NoOffset { .. }), "{error:?}");
}

#[test]
fn seek_goes_back_and_pause_keeps_still() {
    let own = OwnTopics::create("seek", 1);
    let topic = &own.topics.commands;
    write(&[record(topic, 0, "a"), record(topic, 0, "b"), record(topic, 0, "c")]);
    let mut consumer = join(earliest(&unique("seek"), topic));
    let next = |consumer: &mut GroupConsumer| {
        until(consumer, |event| match event {
            Event::Record(record) => Some(text(&record)),
            _ => None,
        })
    };
    assert_eq!((next(&mut consumer), next(&mut consumer)), ("a".to_owned(), "b".to_owned()));
    let at = TopicPartition::new(topic.clone(), 0);
    assert_eq!(consumer.positions().unwrap(), [(at.clone(), Some(2))]);
    consumer.seek(&at, 0).unwrap();
    assert_eq!(next(&mut consumer), "a");

    consumer.pause(std::slice::from_ref(&at)).unwrap();
    let still = Instant::now() + Duration::from_secs(1);
    while Instant::now() < still {
        assert!(consumer.poll(STEP).unwrap().is_none());
    }
    consumer.resume(std::slice::from_ref(&at)).unwrap();
    assert_eq!((next(&mut consumer), next(&mut consumer)), ("b".to_owned(), "c".to_owned()));
}

#[test]
fn a_member_commits_and_a_stranger_does_not() {
    let own = OwnTopics::create("commit", 1);
    let topic = &own.topics.commands;
    write(&[record(topic, 0, "a"), record(topic, 0, "b")]);
    let group = unique("commit");
    let mut consumer = join(earliest(&group, topic));
    assert!(consumer.group_metadata().is_none(), "not a member yet");
    let at = TopicPartition::new(topic.clone(), 0);
    assert!(matches!(consumer.commit(&[(at.clone(), 1)]), Err(Error::NotAMember { .. })));

    until(&mut consumer, assigned);
    consumer.commit(&[(at.clone(), 1)]).unwrap();
    let from_outside = GroupOffsets::new(&kafka(), &group, PATIENCE).unwrap();
    assert_eq!(from_outside.committed(std::slice::from_ref(&at)).unwrap()[0].1, Some(1));
    assert_eq!(from_outside.members().unwrap(), 1);
    assert!(matches!(from_outside.set(&[(at.clone(), 0)]), Err(Error::GroupInUse { members: 1, .. })));

    drop(consumer);
    from_outside.set(&[(at.clone(), 0)]).unwrap();
    assert_eq!(from_outside.committed(&[at]).unwrap()[0].1, Some(0));
}

#[test]
fn a_static_member_gets_its_partitions_back_without_a_rebalance() {
    let own = OwnTopics::create("static", 2);
    let topic = &own.topics.commands;
    let group = unique("static");
    let named = |name: &str| GroupSettings { instance: Some(name.to_owned()), ..earliest(&group, topic) };
    let mut stays = join(named("stays"));
    until(&mut stays, assigned);
    let mut leaves = join(named("leaves"));
    let deadline = Instant::now() + PATIENCE * 2;
    while leaves.assigned().len() != 1 || stays.assigned().len() != 1 {
        assert!(Instant::now() < deadline);
        stays.poll(STEP).unwrap();
        leaves.poll(STEP).unwrap();
    }
    // The hand-over takes two rounds; the second has nothing to say but that it is over.
    let settled = Instant::now() + Duration::from_secs(2);
    while Instant::now() < settled {
        stays.poll(STEP).unwrap();
        leaves.poll(STEP).unwrap();
    }
    let mine = leaves.assigned().clone();
    let generation = stays.group_metadata().unwrap().generation();
    drop(leaves);

    let mut returns = join(named("leaves"));
    let deadline = Instant::now() + PATIENCE;
    while returns.assigned().is_empty() {
        assert!(Instant::now() < deadline);
        let disturbed = stays.poll(STEP).unwrap();
        assert!(disturbed.is_none(), "{disturbed:?}");
        returns.poll(STEP).unwrap();
    }
    assert_eq!(*returns.assigned(), mine);
    assert_eq!(stays.group_metadata().unwrap().generation(), generation);
}

#[test]
fn a_second_process_under_the_same_instance_fences_the_first() {
    let own = OwnTopics::create("fenced", 1);
    let topic = &own.topics.commands;
    let group = unique("fenced");
    let named = || GroupSettings { instance: Some("same".to_owned()), ..earliest(&group, topic) };
    let mut first = join(named());
    until(&mut first, assigned);
    let mut second = join(named());
    let deadline = Instant::now() + PATIENCE * 2;
    let error = loop {
        assert!(Instant::now() < deadline, "never fenced");
        second.poll(STEP).unwrap();
        if let Err(error) = first.poll(STEP) {
            break error;
        }
    };
    assert!(matches!(&error, Error::Fenced { instance, .. } if instance == "same"), "{error:?}");
    assert!(
        first.group_metadata().is_none()
            || first.commit(&[(TopicPartition::new(topic.clone(), 0), 1)]).is_err()
    );
}

#[test]
fn a_member_that_stops_polling_loses_its_partitions() {
    let own = OwnTopics::create("lost", 1);
    let topic = &own.topics.commands;
    let settings = GroupSettings {
        session_timeout: Duration::from_secs(6),
        max_poll_interval: Duration::from_secs(6),
        ..earliest(&unique("lost"), topic)
    };
    let mut consumer = join(settings);
    let mine = until(&mut consumer, assigned);
    std::thread::sleep(Duration::from_secs(9));
    let lost = until(&mut consumer, |event| match event {
        Event::Lost(partitions) => Some(partitions),
        Event::Revoked(partitions) => panic!("{partitions:?} is gone already"),
        _ => None,
    });
    assert_eq!(lost, mine);
    assert!(matches!(consumer.commit(&[(mine[0].clone(), 1)]), Err(Error::NotAMember { .. })));
    assert_eq!(until(&mut consumer, assigned), mine, "and joins anew");
}
