//! The end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use auth::Service;
use axum::Router;
use reqwest::{Client, Method};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::streams::live;
use crate::world::{PATIENCE, SHIPMENT, World, rest, serve};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_under_way_are_given_and_nobody_new_is_taken() {
    let world = World::empty(&[]).await;
    let (asked, answer) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (has_come, may_answer) = (asked.clone(), answer.clone());
    let slow = move || async move {
        has_come.notify_one();
        may_answer.notified().await;
        "at last"
    };
    world.upstreams.set(Service::QueryApi, vec![serve(Router::new().fallback(slow)).await]);
    let mut idle = TcpStream::connect(world.address).await.unwrap();
    let under_way = tokio::spawn(world.request(Method::GET, SHIPMENT, "reader").send());
    asked.notified().await;
    world.tell_to_stop();
    assert_eq!(rest(&mut idle).await, "", "an idle connection is ended");
    let begun = Instant::now();
    while TcpStream::connect(world.address).await.is_ok() {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(!under_way.is_finished());
    answer.notify_one();
    let answer = under_way.await.unwrap().unwrap();
    assert_eq!(answer.headers()["connection"], "close");
    assert_eq!(answer.text().await.unwrap(), "at last");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_end_with_the_gateway() {
    for http2 in [false, true] {
        let mut world = World::empty(&["gateway.drain_ms=15000"]).await;
        let (address, _events) = live().await;
        world.upstreams.set(Service::QueryApi, vec![address]);
        let client = Client::builder().no_proxy();
        let client = if http2 { client.http2_prior_knowledge() } else { client }.build().unwrap();
        let events =
            client.get(world.url("/api/v1/shipments/7/live")).bearer_auth("reader").send().await.unwrap();
        assert_eq!(events.status(), 200);
        world.tell_to_stop();
        let ended = timeout(Duration::from_secs(5), events.bytes()).await;
        assert!(ended.is_ok(), "http2: {http2}");
        let over = timeout(Duration::from_secs(5), &mut world.serving).await;
        assert!(over.expect("well before the drain time is over").unwrap().is_ok());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_end_in_time_is_cut_off() {
    let mut world = World::empty(&["gateway.drain_ms=500"]).await;
    let asked = Arc::new(Notify::new());
    let has_come = asked.clone();
    let never = move || async move {
        has_come.notify_one();
        std::future::pending::<&str>().await
    };
    world.upstreams.set(Service::QueryApi, vec![serve(Router::new().fallback(never)).await]);
    let under_way = tokio::spawn(world.request(Method::GET, SHIPMENT, "reader").send());
    asked.notified().await;
    world.tell_to_stop();
    let over = timeout(Duration::from_secs(5), &mut world.serving).await;
    assert!(over.unwrap().unwrap().is_ok());
    assert!(under_way.await.unwrap().is_err());
}
