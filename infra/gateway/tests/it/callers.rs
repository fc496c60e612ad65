//! Who may pass, and how often.

use std::time::{Duration, Instant};

use auth::Service;
use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use reqwest::{Method, Response};

use crate::world::{Answer, PATIENCE, SHIPMENT, World, serve};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_without_the_role_are_turned_away() {
    let world = World::start(&[]).await;
    let nobody = world.get(SHIPMENT, "").await;
    nobody.is_problem(401, "PT-0016");
    assert_eq!(nobody.header("www-authenticate"), "Bearer");
    let wrong = world.get(SHIPMENT, "guessed").await;
    wrong.is_problem(401, "PT-0016");
    assert!(wrong.header("www-authenticate").contains("invalid_token"));
    world.post("/api/v1/shipments", "reader", "{}").await.is_problem(403, "PT-0017");
    world.get("/api/v1/config", "producer").await.is_problem(403, "PT-0017");
    let unknowable = world.get(SHIPMENT, "unknowable").await;
    unknowable.is_problem(503, "PT-0013");
    assert_eq!(unknowable.header("retry-after"), "2");
    for (path, who) in [
        (SHIPMENT, "reader"),
        ("/api/v1/config", "operator"),
        ("/api/v1/tracking/AB12", ""),
        ("/api/v1/tracking/AB12", "reader"),
    ] {
        assert_eq!(world.get(path, who).await.status, 200, "{path} {who}");
    }
    // Credentials that are not good are not taken for none.
    world.get("/api/v1/tracking/AB12", "guessed").await.is_problem(401, "PT-0016");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_used_up_its_quota_is_told_when_to_come_back() {
    let world = World::start(&["gateway.rate_read=3", "gateway.rate_track=2"]).await;
    for left in ["2", "1", "0"] {
        let answer = world.get(SHIPMENT, "reader").await;
        assert_eq!(answer.status, 200);
        assert!(answer.header("ratelimit").starts_with(&format!("\"read\";r={left};")), "{answer:?}");
    }
    let limited = world.get(SHIPMENT, "reader").await;
    limited.is_problem(429, "PT-0018");
    let wait: u64 = limited.header("retry-after").parse().unwrap();
    assert!((15..=20).contains(&wait), "{wait}");
    assert_eq!(limited.header("ratelimit-policy"), "\"read\";q=3;w=60");
    assert_eq!(world.get(SHIPMENT, "producer").await.status, 200, "another caller");
    assert_eq!(world.get("/api/v1/shipments", "reader").await.status, 200, "another kind of call");
    let tracks = [200, 200, 429];
    for status in tracks {
        assert_eq!(world.get("/api/v1/tracking/AB12", "").await.status, status);
    }
    assert!(world.metric("parceltrack_gateway_limited_total", &["class=\"read\""]).await >= 1.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_guesses_keys_is_not_listened_to() {
    let world = World::start(&["gateway.rate_denied=3"]).await;
    for _ in 0..3 {
        world.get(SHIPMENT, "guessed").await.is_problem(401, "PT-0016");
    }
    let limited = world.get(SHIPMENT, "guessed").await;
    limited.is_problem(429, "PT-0018");
    assert!(!limited.header("retry-after").is_empty());
    world.get(SHIPMENT, "reader").await.is_problem(429, "PT-0018");
    assert_eq!(world.get("/api/v1/tracking/AB12", "").await.status, 200, "who shows nothing guesses nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_leaves_the_connection_in_order() {
    let world = World::start(&[]).await;
    for _ in 0..5 {
        let request = world.request(Method::POST, "/api/v1/shipments", "").body("x".repeat(100_000));
        Answer::of(request).await.is_problem(401, "PT-0016");
        assert_eq!(world.get(SHIPMENT, "reader").await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_still_sends_a_body_reads_why_it_is_refused() {
    let world = World::start(&[]).await;
    let length = 20_000_000;
    for (who, status) in [("guessed", 401), ("producer", 413)] {
        let head = format!(
            "POST /api/v1/shipments HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {who}\r\nContent-Length: {length}\r\n\r\n"
        );
        let answer = world.raw(&(head + &"x".repeat(length))).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_leaves_room_for_the_streams_of_others() {
    let world = World::empty(&["gateway.live_open=2"]).await;
    let silent = async || Body::from_stream(futures::stream::pending::<Result<Bytes, std::io::Error>>());
    world.upstreams.set(Service::QueryApi, vec![serve(Router::new().fallback(silent)).await]);
    let open = async |path: &str, who: &str| -> Response {
        let answer = world.request(Method::GET, path, who).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path} {who}");
        answer
    };
    let page = "/track/live?number=AB12";
    let held = [open(page, "").await, open(page, "").await];
    let refused = world.get(page, "").await;
    refused.is_problem(429, "PT-0018");
    assert!(!refused.header("retry-after").is_empty());
    let _other = open("/api/v1/shipments/7/live", "reader").await;
    drop(held);
    let begun = Instant::now();
    while world.request(Method::GET, page, "").send().await.unwrap().status() != 200 {
        assert!(begun.elapsed() < PATIENCE, "whose streams have ended may open others");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(world.metric("parceltrack_gateway_limited_total", &["class=\"live_open\""]).await >= 1.0);
}
