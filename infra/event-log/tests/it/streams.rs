use std::time::Duration;

use event_log::{GroupOffsets, GroupSettings, GroupStream, Isolation, Reset, StreamEvent, TopicPartition};

use crate::cluster::{OwnTopics, PATIENCE, kafka, record, runtime, text, unique, write};

fn join(group: &str, topics: &[&str], batch: usize) -> GroupStream {
    let settings = GroupSettings { reset: Reset::Earliest, ..GroupSettings::new(group, topics) };
    GroupStream::join(&kafka(), settings, batch).unwrap()
}

async fn next(stream: &mut GroupStream) -> StreamEvent {
    tokio::time::timeout(PATIENCE * 2, stream.next()).await.expect("in time").unwrap()
}

#[test]
fn batches_come_in_order_and_are_committed() {
    let own = OwnTopics::create("batches", 1);
    let topic = own.topics.events.clone();
    let all: Vec<_> = (0..2_500).map(|n| record(&topic, 0, &format!("{n:05}"))).collect();
    write(&all);
    let group = unique("batches");
    runtime().block_on(async {
        let mut stream = join(&group, &[&topic], 400);
        assert!(
            matches!(next(&mut stream).await, StreamEvent::Assigned(partitions) if partitions.len() == 1)
        );
        let mut n = 0;
        while n < 2_500 {
            let StreamEvent::Batch(records) = next(&mut stream).await else { panic!("a rebalance") };
            assert!(records.len() <= 400);
            for record in &records {
                assert_eq!(text(record), format!("{n:05}"));
                n += 1;
            }
            // Slower than the thread reads: it has to pause, and nothing is skipped or repeated.
            tokio::time::sleep(Duration::from_millis(30)).await;
            let last = records.last().unwrap();
            stream.commit(vec![(last.topic_partition(), last.offset + 1)]).await.unwrap();
        }
        stream.close().await;
    });
    let from_outside = GroupOffsets::new(&kafka(), &group, PATIENCE).unwrap();
    assert_eq!(from_outside.committed(&[TopicPartition::new(topic.clone(), 0)]).unwrap()[0].1, Some(2_500));
    assert!(from_outside.lag(&topic, Isolation::Committed).unwrap().iter().all(|(_, lag)| *lag == 0));
}

#[test]
fn a_revocation_waits_until_the_owner_has_committed() {
    let own = OwnTopics::create("handover", 2);
    let topic = own.topics.events.clone();
    write(&[record(&topic, 0, "a"), record(&topic, 1, "b")]);
    let group = unique("handover");
    runtime().block_on(async {
        let mut first = join(&group, &[&topic], 10);
        let mut seen = Vec::new();
        while seen.len() < 2 {
            if let StreamEvent::Batch(records) = next(&mut first).await {
                seen.extend(records.iter().map(|record| (record.topic_partition(), record.offset + 1)));
            }
        }
        let mut second = join(&group, &[&topic], 10);
        let revoked = loop {
            match next(&mut first).await {
                StreamEvent::Revoked(partitions) => break partitions,
                StreamEvent::Assigned(partitions) if partitions.is_empty() => {}
                other => panic!("{other:?}"),
            }
        };
        tokio::time::sleep(Duration::from_secs(1)).await;
        first.commit(seen).await.unwrap();
        let going_on = tokio::spawn(async move {
            // Its next call lets go.
            let _event = first.next().await;
            first
        });
        let gained = loop {
            match next(&mut second).await {
                StreamEvent::Assigned(partitions) if partitions.is_empty() => {}
                StreamEvent::Assigned(partitions) => break partitions,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(gained, revoked);
        let quiet = tokio::time::timeout(Duration::from_secs(1), second.next()).await;
        assert!(quiet.is_err(), "nothing is read twice: {quiet:?}");
        going_on.abort();
        second.close().await;
    });
}

#[test]
fn two_topics_are_read_in_one_group() {
    let own = OwnTopics::create("two", 1);
    let (events, replies) = (own.topics.events.clone(), own.topics.replies.clone());
    write(&[record(&events, 0, "event"), record(&replies, 0, "reply")]);
    runtime().block_on(async {
        let mut stream = join(&unique("two"), &[&events, &replies], 10);
        let mut read = Vec::new();
        while read.len() < 2 {
            if let StreamEvent::Batch(records) = next(&mut stream).await {
                read.extend(records.iter().map(|record| (record.topic.clone(), text(record))));
            }
        }
        read.sort();
        assert_eq!(read, [(events.clone(), "event".to_owned()), (replies.clone(), "reply".to_owned())]);
        stream.close().await;
    });
}

#[test]
fn an_owner_that_is_busy_for_long_stays_a_member() {
    let own = OwnTopics::create("busy", 1);
    let topic = own.topics.events.clone();
    let all: Vec<_> = (0..30).map(|n| record(&topic, 0, &format!("{n:05}"))).collect();
    write(&all);
    runtime().block_on(async {
        let settings = GroupSettings {
            reset: Reset::Earliest,
            session_timeout: Duration::from_secs(6),
            max_poll_interval: Duration::from_secs(6),
            ..GroupSettings::new(unique("busy"), &[&topic])
        };
        let mut stream = GroupStream::join(&kafka(), settings, 10).unwrap();
        let mut n = 0;
        while n < 30 {
            let StreamEvent::Batch(records) = next(&mut stream).await else { continue };
            for record in &records {
                assert_eq!(text(record), format!("{n:05}"), "nothing is skipped or repeated");
                n += 1;
            }
            if n == 10 {
                tokio::time::sleep(Duration::from_secs(9)).await;
            }
            let last = records.last().unwrap();
            stream.commit(vec![(last.topic_partition(), last.offset + 1)]).await.unwrap();
        }
        stream.close().await;
    });
}
