//! What is sent again, and what is not.

use auth::Service;
use reqwest::Method;

use crate::world::{Answer, Breaking, Counting, SHIPMENT, World, nowhere};

const SHIPMENTS: &str = "/api/v1/shipments";

async fn post(world: &World, key: Option<&str>, body: String) -> Answer {
    let mut request = world.request(Method::POST, SHIPMENTS, "producer").body(body);
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    Answer::of(request).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_connection_goes_to_another_instance_whatever_was_asked() {
    let world = World::empty(&[]).await;
    let good = Counting::start("good").await;
    world.upstreams.set(Service::CommandApi, vec![nowhere().await, nowhere().await, good.address]);
    for n in 1..=20 {
        let answer = post(&world, None, "{}".to_owned()).await;
        assert_eq!((answer.status, answer.text.as_str(), good.count()), (200, "good", n));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_with_a_key_is_sent_again_with_its_whole_body_and_one_without_is_not() {
    let world = World::empty(&["gateway.breaker_failures=1000", "gateway.retry_budget_percent=100"]).await;
    let (good, bad) = (Counting::start("good").await, Breaking::start().await);
    world.upstreams.set(Service::CommandApi, vec![bad.address, good.address]);
    let body = format!("{{\"x\":\"{}\"}}", "y".repeat(20_000));
    while bad.count() < 3 {
        let answer = post(&world, Some("k-1"), body.clone()).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, "good"));
    }
    assert!(good.bodies.lock().unwrap().iter().all(|got| *got == body.as_bytes()));

    let (before, mut broken) = (bad.count() + good.count(), 0);
    for _ in 0..20 {
        let answer = post(&world, None, "{}".to_owned()).await;
        if answer.status != 200 {
            answer.is_problem(502, "PT-0019");
            broken += 1;
        }
    }
    assert_eq!(bad.count() + good.count() - before, 20, "each was sent once");
    assert!(broken > 0);
    assert!(world.metric("parceltrack_gateway_retries_total", &["command-api", "broken_off"]).await >= 3.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_too_large_to_be_kept_is_not_sent_again() {
    let world = World::empty(&["gateway.breaker_failures=1000"]).await;
    let bad = Breaking::start().await;
    world.upstreams.set(Service::CommandApi, vec![bad.address]);
    let answer = post(&world, Some("k-1"), "x".repeat(200_000)).await;
    answer.is_problem(502, "PT-0019");
    assert_eq!(bad.count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_is_sent_three_times_at_most_and_within_the_budget() {
    let world = World::empty(&["gateway.breaker_failures=1000", "gateway.retry_budget_percent=0"]).await;
    let bad = Breaking::start().await;
    world.upstreams.set(Service::QueryApi, vec![bad.address]);
    world.get(SHIPMENT, "reader").await.is_problem(502, "PT-0019");
    assert_eq!(bad.count(), 3);
    for _ in 0..10 {
        world.get(SHIPMENT, "reader").await.is_problem(502, "PT-0019");
    }
    // Ten retries are there from the beginning.
    assert_eq!(bad.count(), 11 + 10);
}
