//! Instances that don't answer.

use std::time::{Duration, Instant};

use auth::Service;
use axum::Router;
use bytes::Bytes;
use reqwest::{Body, Client};
use tokio::net::TcpListener;

use crate::world::{Breaking, Counting, PATIENCE, SHIPMENT, World, nowhere, serve};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_an_instance_the_answer_is_prompt() {
    let world = World::empty(&[]).await;
    let answer = world.get(SHIPMENT, "reader").await;
    answer.is_problem(503, "PT-0013");
    assert_eq!(answer.header("retry-after"), "1");
    world.upstreams.set(Service::QueryApi, vec![nowhere().await]);
    for _ in 0..3 {
        let answer = world.get(SHIPMENT, "reader").await;
        answer.is_problem(503, "PT-0013");
        assert_eq!(answer.header("retry-after"), "1");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_are_shared_out() {
    let world = World::empty(&[]).await;
    let (a, b) = (Counting::start("a").await, Counting::start("b").await);
    world.upstreams.set(Service::QueryApi, vec![a.address, b.address]);
    for _ in 0..60 {
        assert_eq!(world.get(SHIPMENT, "reader").await.status, 200);
    }
    assert!(a.count() > 10 && b.count() > 10, "{} {}", a.count(), b.count());
    world.upstreams.set(Service::QueryApi, vec![b.address]);
    let before = a.count();
    for _ in 0..10 {
        assert_eq!(world.get(SHIPMENT, "reader").await.text, "b");
    }
    assert_eq!(a.count(), before, "who left the registry gets nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_breaker_opens_after_failures_and_closes_when_the_instance_is_back() {
    let set =
        ["gateway.breaker_failures=3", "gateway.breaker_open_ms=1000", "gateway.retry_budget_percent=0"];
    let world = World::empty(&set).await;
    let bad = Breaking::start().await;
    world.upstreams.set(Service::CommandApi, vec![bad.address]);
    for _ in 0..3 {
        world.post("/api/v1/shipments", "producer", "{}").await.is_problem(502, "PT-0019");
    }
    for _ in 0..5 {
        world.post("/api/v1/shipments", "producer", "{}").await.is_problem(503, "PT-0013");
    }
    assert_eq!(bad.count(), 3, "nothing is sent while it is open");
    // One request tries.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    world.post("/api/v1/shipments", "producer", "{}").await.is_problem(502, "PT-0019");
    world.post("/api/v1/shipments", "producer", "{}").await.is_problem(503, "PT-0013");
    assert_eq!(bad.count(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_that_is_back_gets_requests_again() {
    let world = World::empty(&[]).await;
    let address = nowhere().await;
    world.upstreams.set(Service::QueryApi, vec![address]);
    world.get(SHIPMENT, "reader").await.is_problem(503, "PT-0013");
    let listener = TcpListener::bind(address).await.unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(|| async { "back" })).await });
    let begun = Instant::now();
    while world.get(SHIPMENT, "reader").await.status != 200 {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for _ in 0..10 {
        assert_eq!(world.get(SHIPMENT, "reader").await.text, "back");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_that_takes_too_long_is_told_as_such() {
    let world = World::empty(&["gateway.timeout_ms_read=300"]).await;
    let never = serve(Router::new().fallback(|| async { std::future::pending::<&str>().await })).await;
    world.upstreams.set(Service::QueryApi, vec![never]);
    let begun = Instant::now();
    world.get(SHIPMENT, "reader").await.is_problem(504, "PT-0020");
    assert!(begun.elapsed() < Duration::from_secs(2), "and is not asked again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sends_no_body_does_not_make_an_instance_look_dead() {
    let world = World::start(&["gateway.timeout_ms_read=300", "gateway.breaker_failures=3"]).await;
    let client = Client::builder().no_proxy().http2_prior_knowledge().build().unwrap();
    let stalled: Vec<_> = (0..10)
        .map(|_| {
            let never = futures::stream::pending::<Result<Bytes, std::io::Error>>();
            let request = client.post(world.url("/api/v1/tracking")).header("content-length", "100");
            tokio::spawn(request.body(Body::wrap_stream(never)).send())
        })
        .collect();
    for stalled in stalled {
        assert_eq!(stalled.await.unwrap().unwrap().status(), 408);
    }
    assert_eq!(world.get(SHIPMENT, "reader").await.status, 200);
}
