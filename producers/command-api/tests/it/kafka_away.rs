//! Kafka not there yet, and Kafka gone.

use std::time::{Duration, Instant};

use local_stack::{Name, Stack, StackSettings, ports, silent};
use reqwest::Method;
use serde_json::json;

use crate::world::{World, counted, registration, send};

#[tokio::test(flavor = "multi_thread")]
async fn commands_are_refused_until_kafka_is_there_and_told_when_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    let port = ports::free_port().unwrap();
    let api = World::start_at(&format!("127.0.0.1:{port}"), &["command_api.deadline_ms=2000"]);

    let early = api.post("/api/v1/shipments", &[("idempotency-key", "early")], registration()).await;
    assert_eq!((early.problem(), early.header("retry-after")), ((503, "PT-0013"), "2"));
    assert!(early.text("detail").contains("was not sent"), "{early:?}");
    let (_, metrics) = api.get("/metrics").await;
    assert!(counted(&metrics, "RegisterShipment", "failed") > 0, "{metrics}");
    let stream = api.request(Method::POST, "/api/v1/commands").header("content-type", "application/x-ndjson");
    assert_eq!(send(stream.body("{}\n"), &[]).await.problem(), (503, "PT-0013"));
    let (status, readiness) = api.get("/readyz").await;
    assert!(status == 503 && readiness.contains("replies"), "{readiness}");
    assert_eq!(api.get("/livez").await.0, 200);

    let settings =
        StackSettings { kafka_port: port, ..StackSettings::on_free_ports(folder.path()).only_kafka() };
    let mut stack = Stack::start(settings, silent()).await.unwrap();
    api.wait_until_ready();
    let begun = Instant::now();
    let answer = loop {
        let answer = api.post("/api/v1/shipments", &[("idempotency-key", "early")], registration()).await;
        if answer.status == 201 || begun.elapsed() > Duration::from_secs(20) {
            break answer;
        }
    };
    assert_eq!(answer.status, 201, "{answer:?}");

    stack.pause(Name::Kafka(1)).unwrap();
    let begun = Instant::now();
    let lost = api.post("/api/v1/shipments", &[("idempotency-key", "lost")], registration()).await;
    assert_eq!(lost.problem(), (503, "PT-0013"), "{lost:?}");
    assert!(lost.text("detail").contains("not known whether"), "{lost:?}");
    assert_eq!((lost.header("retry-after"), lost.header("idempotency-key")), ("5", "lost"));
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());

    // A stream doesn't go on into the void, and tells where to begin again.
    let line = json!({"type": "RegisterShipment", "body": registration()}).to_string();
    let upload = vec![line; 600].join("\n");
    let cut_short = api.stream(&[("idempotency-key", "upload")], upload.clone()).await;
    assert_eq!(cut_short.len(), 257);
    assert!(cut_short.iter().all(|outcome| outcome["status"] == 503), "{:?}", cut_short[0]);
    let told = cut_short[256]["problem"]["detail"].as_str().unwrap();
    assert!(told.contains("nothing was read from line 257 on"), "{told}");

    stack.resume(Name::Kafka(1)).unwrap();
    let begun = Instant::now();
    let retried = loop {
        let answer = api.post("/api/v1/shipments", &[("idempotency-key", "lost")], registration()).await;
        if answer.status == 201 || begun.elapsed() > Duration::from_secs(20) {
            break answer;
        }
    };
    assert_eq!((retried.status, retried.header("etag")), (201, "\"1\""), "{retried:?}");
    let whole = api.stream(&[("idempotency-key", "upload")], upload).await;
    assert_eq!(whole.iter().filter(|outcome| outcome["status"] == 201).count(), 600, "{:?}", whole[0]);
    drop(api);
    stack.stop().await;
}
