//! Streams pass as they come, in both directions, and in both versions of HTTP.

use std::time::Duration;

use auth::Service;
use axum::Router;
use axum::body::Body;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use bytes::Bytes;
use futures::StreamExt;
use reqwest::{Client, Method, Response, Version};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;

use crate::world::{PATIENCE, SHIPMENT, World, serve};

async fn chunk(answer: &mut Response) -> String {
    let chunk = timeout(PATIENCE, answer.chunk()).await.expect("a chunk in time").unwrap();
    String::from_utf8(chunk.expect("the stream goes on").to_vec()).unwrap()
}

type Events = mpsc::Sender<Result<Bytes, std::io::Error>>;

/// A service that streams what a test sends.
pub(crate) async fn live() -> (std::net::SocketAddr, Events) {
    let (sender, receiver) = mpsc::channel(16);
    let receiver = std::sync::Arc::new(std::sync::Mutex::new(Some(receiver)));
    let stream = move || async move {
        let receiver = receiver.lock().unwrap().take().expect("one stream");
        ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(ReceiverStream::new(receiver)))
            .into_response()
    };
    let router =
        Router::new().route("/api/v1/shipments/{id}/live", get(stream)).fallback(|| async { "short" });
    (serve(router).await, sender)
}

async fn event_by_event(world: &World, request: reqwest::RequestBuilder) {
    let (address, events) = live().await;
    world.upstreams.set(Service::QueryApi, vec![address]);
    let mut answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    for n in 0..3 {
        let event = format!("id: {n}\ndata: x\n\n");
        events.send(Ok(event.clone().into())).await.unwrap();
        // Nothing else is sent until this one was read.
        assert_eq!(chunk(&mut answer).await, event);
    }
    drop(events);
    assert_eq!(timeout(PATIENCE, answer.text()).await.unwrap().unwrap(), "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_come_one_by_one() {
    let world = World::empty(&[]).await;
    event_by_event(&world, world.request(Method::GET, "/api/v1/shipments/7/live", "reader")).await;
    let http2 = Client::builder().no_proxy().http2_prior_knowledge().build().unwrap();
    let request = http2.get(world.url("/api/v1/shipments/7/live")).bearer_auth("reader");
    event_by_event(&world, request).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_and_outcomes_pass_line_by_line_both_ways() {
    let world = World::empty(&["gateway.timeout_ms_command=300"]).await;
    let echo = |body: Body| async move { Body::from_stream(body.into_data_stream()) };
    let address = serve(Router::new().route("/api/v1/commands", post(echo))).await;
    world.upstreams.set(Service::CommandApi, vec![address]);
    let (lines, receiver) = mpsc::channel::<Result<String, std::io::Error>>(4);
    let body = reqwest::Body::wrap_stream(ReceiverStream::new(receiver));
    let request = world.request(Method::POST, "/api/v1/commands", "producer").body(body);
    lines.send(Ok("{\"n\":0}\n".to_owned())).await.unwrap();
    let mut answer = request.send().await.unwrap();
    assert_eq!(chunk(&mut answer).await, "{\"n\":0}\n");
    for n in 1..4 {
        // A stream has no time to be over by, only to be silent for.
        tokio::time::sleep(Duration::from_millis(200)).await;
        lines.send(Ok(format!("{{\"n\":{n}}}\n"))).await.unwrap();
        assert_eq!(chunk(&mut answer).await, format!("{{\"n\":{n}}}\n"));
    }
    // More than a command may have.
    for _ in 0..20 {
        lines.send(Ok("x".repeat(100_000))).await.unwrap();
        let mut got = 0;
        while got < 100_000 {
            got += chunk(&mut answer).await.len();
        }
    }
    drop(lines);
    assert!(answer.chunk().await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_2_is_spoken_without_tls_too() {
    let world = World::start(&[]).await;
    let client = Client::builder().no_proxy().http2_prior_knowledge().build().unwrap();
    let asked = (0..200).map(|n| {
        let request = client.post(world.url("/api/v1/shipments")).bearer_auth("producer").body("x".repeat(n));
        async move {
            let answer = request.send().await.unwrap();
            assert_eq!((answer.status().as_u16(), answer.version()), (200, Version::HTTP_2));
            let told: serde_json::Value = answer.json().await.unwrap();
            assert_eq!(told["bytes"], n);
        }
    });
    futures::stream::iter(asked).buffer_unordered(50).collect::<Vec<()>>().await;
    let refused = client.get(world.url(SHIPMENT)).send().await.unwrap();
    assert_eq!(refused.status().as_u16(), 401);
    let refused = client.get(world.url("/api/v1/shipments/%2f")).bearer_auth("admin").send().await.unwrap();
    assert_eq!(refused.status().as_u16(), 400);
    let large = client.post(world.url("/api/v1/shipments")).bearer_auth("producer").body("x".repeat(300_000));
    assert_eq!(large.send().await.unwrap().status().as_u16(), 413);
}
