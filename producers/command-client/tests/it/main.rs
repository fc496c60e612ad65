//! The client against real Kafka, with a handler that does what each test tells it to.
//!
//! Takes `PARCELTRACK_KAFKA` (default 127.0.0.1:9092), and makes topics of its own.

mod scripted;

use std::time::{Duration, Instant};

use command_client::Error;
use event_log::{TopicSettings, Topics};
use shipment_events::Outcome;

use scripted::{PATIENCE, Scene, cancel};

#[tokio::test(flavor = "multi_thread")]
async fn a_command_gets_its_reply() {
    let scene = Scene::new().await;
    let client = scene.client(100).await;
    assert!(client.is_ready());
    let handler = scene.handler(|_| true);
    let command = cancel(1, "why");
    let mut pending = client.send(&command, &scene.trace).unwrap();
    let reply = pending.reply(PATIENCE).await.unwrap();
    assert_eq!((reply.command_id, reply.shipment_id), (command.command_id, command.shipment_id));
    let position = pending.written().await.unwrap();
    assert_eq!(position.partition, event_log::partition_of(command.shipment_id, scene.topics.partitions()));
    drop(pending);
    assert_eq!(client.waiting(), 0);
    handler.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sends_of_one_command_id_get_each_their_own_answer() {
    let scene = Scene::new().await;
    let (client, handler) = (scene.client(100).await, scene.handler(|_| true));
    let (one, other) = (cancel(1, "first"), cancel(1, "second"));
    assert_eq!(one.command_id, other.command_id);
    let mut first = client.send(&one, &scene.trace).unwrap();
    let mut second = client.send(&other, &scene.trace).unwrap();
    // The scripted handler answers with the reason it was given.
    let said = |reply: shipment_events::CommandReply| match reply.outcome {
        Outcome::Rejected(rejected) => rejected.text,
        Outcome::Accepted(_) => "accepted".to_owned(),
    };
    assert_eq!(said(second.reply(PATIENCE).await.unwrap()), "second");
    assert_eq!(said(first.reply(PATIENCE).await.unwrap()), "first");
    handler.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_replies_to_another_client_are_let_pass() {
    let scene = Scene::new().await;
    let (one, other, handler) = (scene.client(10).await, scene.client(10).await, scene.handler(|_| true));
    let mut pending = one.send(&cancel(1, "x"), &scene.trace).unwrap();
    // Both count from 0: the other's first waiter must not get this reply.
    let mut waits = other.send(&cancel(2, "y"), &scene.trace).unwrap();
    assert_eq!(pending.reply(PATIENCE).await.unwrap().shipment_id, cancel(1, "").shipment_id);
    assert_eq!(waits.reply(PATIENCE).await.unwrap().shipment_id, cancel(2, "").shipment_id);
    handler.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_reply_the_deadline_ends_the_wait_and_a_late_reply_still_comes() {
    let scene = Scene::new().await;
    let client = scene.client(100).await;
    let mut pending = client.send(&cancel(1, "x"), &scene.trace).unwrap();
    let started = Instant::now();
    let error = pending.reply(Duration::from_millis(600)).await.unwrap_err();
    assert!(matches!(error, Error::NoReply { .. }), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(3));
    let handler = scene.handler(|_| true);
    pending.reply(PATIENCE).await.unwrap();
    handler.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_bounded_and_who_gives_up_makes_room() {
    let scene = Scene::new().await;
    let client = scene.client(2).await;
    let one = client.send(&cancel(1, "x"), &scene.trace).unwrap();
    let _two = client.send(&cancel(2, "x"), &scene.trace).unwrap();
    let error = client.send(&cancel(3, "x"), &scene.trace).unwrap_err();
    assert!(matches!(error, Error::Busy { waiting: 2 }) && error.is_unsent(), "{error:?}");
    drop(one);
    client.send(&cancel(3, "x"), &scene.trace).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_by_an_unknown_schema_is_read_once_the_schema_is_fetched() {
    let scene = Scene::new().await;
    let handler = scene.handler(|_| true);
    let client = scene.client_that_knows_no_reply_schema().await;
    let mut pending = client.send(&cancel(1, "x"), &scene.trace).unwrap();
    pending.reply(PATIENCE).await.unwrap();
    handler.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_lets_nothing_in_and_waits_for_what_is_still_to_come() {
    let scene = Scene::new().await;
    let (client, handler) = (scene.client(100).await, scene.handler(|n| n == 0));
    let mut answered = client.send(&cancel(1, "x"), &scene.trace).unwrap();
    let mut never = client.send(&cancel(2, "x"), &scene.trace).unwrap();
    let closing = tokio::spawn({
        let client = client.clone();
        async move { client.close(Duration::from_secs(5)).await }
    });
    answered.reply(PATIENCE).await.unwrap();
    assert_eq!(closing.await.unwrap(), 1, "one was given up");
    assert!(matches!(never.reply(PATIENCE).await, Err(Error::Closed)));
    assert!(matches!(client.send(&cancel(3, "x"), &scene.trace), Err(Error::Closed)));
    assert!(!client.is_ready());
    handler.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_topics_connecting_says_what_to_do() {
    let scene = Scene::without_topics();
    let error = scene.try_client(10).await.unwrap_err();
    let text = format!("{error}: {}", std::error::Error::source(&error).unwrap());
    assert!(text.contains("parceltrack topics apply"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_number_of_partitions_is_refused() {
    let mut scene = Scene::new().await;
    for wrong in [2, 4] {
        let settings = TopicSettings { partitions: wrong, ..scene.topics.settings().clone() };
        scene.topics = Topics::new(settings);
        let error = scene.try_client(10).await.err().unwrap();
        assert!(matches!(error, Error::PartitionCount { actual: 3, .. }), "{error:?}");
        assert!(error.to_string().contains("set kafka.partitions=3"), "{error}");
    }
}
