use std::time::Duration;

use event_log::{
    Error, Headers, Isolation, Kafka, Producer, ProducerSettings, Reader, ReaderEvent, Start, Timestamp,
};

use crate::cluster::{OwnTopics, PATIENCE, kafka, record, runtime};

#[test]
fn a_record_comes_back_as_it_was_sent() {
    let own = OwnTopics::create("producer", 2);
    let producer = Producer::new(&kafka(), &ProducerSettings::default()).unwrap();
    let mut sent = record(&own.topics.events, 1, "hello");
    sent.headers = Headers::new().with("ce_type", "a").with("ce_type", "b").with("empty", "");
    sent.timestamp = Some(1_700_000_000_000);
    let position = runtime().block_on(async { producer.send(&sent).unwrap().await }).unwrap();
    assert_eq!(position.partition, 1);

    let mut reader =
        Reader::open(&kafka(), &own.topics.events, &[(1, Start::At(position.offset))], Isolation::Committed)
            .unwrap();
    let Some(ReaderEvent::Record(read)) = reader.next(PATIENCE).unwrap() else { panic!("no record") };
    assert_eq!((read.key, read.value, read.headers), (sent.key, sent.value, sent.headers));
    assert_eq!((read.partition, read.offset), (1, position.offset));
    assert_eq!(read.timestamp, Timestamp::Created(1_700_000_000_000));
}

#[test]
fn the_commands_topic_has_the_brokers_time() {
    let own = OwnTopics::create("append-time", 1);
    let producer = Producer::new(&kafka(), &ProducerSettings::for_commands()).unwrap();
    let mut sent = record(&own.topics.commands, 0, "x");
    sent.timestamp = Some(1);
    runtime().block_on(async { producer.send(&sent).unwrap().await }).unwrap();
    let mut reader =
        Reader::open(&kafka(), &own.topics.commands, &[(0, Start::Beginning)], Isolation::Committed).unwrap();
    let Some(ReaderEvent::Record(read)) = reader.next(PATIENCE).unwrap() else { panic!("no record") };
    assert!(
        matches!(read.timestamp, Timestamp::Appended(t) if t > 1_700_000_000_000),
        "{:?}",
        read.timestamp
    );
}

#[test]
fn what_a_topic_does_not_take_is_said_to_be_too_large() {
    let own = OwnTopics::create("too-large", 1);
    let producer = Producer::new(&kafka(), &ProducerSettings::for_commands()).unwrap();
    let too_large = record(&own.topics.commands, 0, &"x".repeat(300_000));
    assert!(matches!(producer.send(&too_large).err(), Some(Error::TooLarge { bytes: 600_000, .. })));

    // Within the client's limit, but not the topic's once framed and with a batch around it; too random to compress.
    let producer = Producer::new(&kafka(), &ProducerSettings::default()).unwrap();
    let noise: String = (0..20_000).map(|_| uuid::Uuid::new_v4().simple().to_string()).collect();
    let refused =
        runtime().block_on(async { producer.send(&record(&own.topics.commands, 0, &noise)).unwrap().await });
    assert!(matches!(refused, Err(Error::TooLarge { .. })), "{refused:?}");
}

#[test]
fn many_small_commands_at_once_fit_the_topic() {
    let own = OwnTopics::create("many", 1);
    let producer = Producer::new(&kafka(), &ProducerSettings::for_commands()).unwrap();
    runtime().block_on(async {
        let sent: Vec<_> = (0..4_000)
            .map(|_| {
                let noise: String = (0..6).map(|_| uuid::Uuid::new_v4().simple().to_string()).collect();
                producer.send(&record(&own.topics.commands, 0, &noise)).unwrap()
            })
            .collect();
        for delivery in sent {
            delivery.await.unwrap();
        }
    });
}

#[test]
fn a_full_queue_is_an_error_at_once() {
    let nowhere = Kafka::at("127.0.0.1:1");
    let settings = ProducerSettings { max_in_queue: 10, ..ProducerSettings::default() };
    let producer = Producer::new(&nowhere, &settings).unwrap();
    let outgoing = record(&"topic".into(), 0, "x");
    let _pending: Vec<_> = (0..10).map(|_| producer.send(&outgoing).unwrap()).collect();
    assert!(matches!(producer.send(&outgoing).err(), Some(Error::QueueFull)));
    assert!(producer.in_flight() >= 10);
}

#[test]
fn an_unacknowledged_record_is_a_transient_error() {
    let nowhere = Kafka::at("127.0.0.1:1");
    let settings =
        ProducerSettings { delivery_timeout: Duration::from_millis(300), ..ProducerSettings::default() };
    let producer = Producer::new(&nowhere, &settings).unwrap();
    let lost = runtime().block_on(async { producer.send(&record(&"topic".into(), 0, "x")).unwrap().await });
    assert!(lost.as_ref().is_err_and(Error::is_transient), "{lost:?}");
}

#[test]
fn a_missing_topic_is_named() {
    let producer = Producer::new(
        &kafka(),
        &ProducerSettings { delivery_timeout: Duration::from_secs(5), ..ProducerSettings::default() },
    )
    .unwrap();
    let topic = crate::cluster::unique("missing").into();
    let lost = runtime().block_on(async { producer.send(&record(&topic, 0, "x")).unwrap().await });
    assert!(lost.is_err(), "{lost:?}");
}
