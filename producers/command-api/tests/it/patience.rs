//! What is answered when the outcome takes its time.

use std::time::{Duration, Instant};

use crate::world::{World, counted, registration};

#[tokio::test]
async fn past_the_deadline_it_is_202_and_a_retry_gets_the_outcome() {
    let api = World::start(&["command_api.deadline_ms=400"]);
    api.control.silence(true);
    let headers = [("idempotency-key", "late-1")];
    let late = api.post("/api/v1/shipments", &headers, registration()).await;
    assert_eq!(late.status, 202, "{late:?}");
    let location = format!("http://query.example/api/v1/commands/{}", late.text("command_id"));
    assert_eq!(late.header("location"), location);
    assert_eq!(late.header("idempotency-key"), "late-1");
    assert!(!late.headers.contains_key("etag") && !late.headers.contains_key("preference-applied"));

    api.control.silence(false);
    let retried = api.post("/api/v1/shipments", &headers, registration()).await;
    assert_eq!((retried.status, retried.header("etag")), (201, "\"1\""), "{retried:?}");
    assert_eq!(retried.text("command_id"), late.text("command_id"));
    assert_eq!(retried.text("shipment_id"), late.text("shipment_id"));
}

#[tokio::test]
async fn who_prefers_not_to_wait_does_not() {
    let api = World::start(&["command_api.deadline_ms=10000"]);
    api.control.silence(true);
    for (preference, applied, at_least, at_most) in [
        ("respond-async", "respond-async", 0, 3),
        ("wait=1", "wait=1", 1, 4),
        ("respond-async, wait=1", "respond-async, wait=1", 1, 4),
        ("wait=0", "wait=0", 0, 3),
    ] {
        let begun = Instant::now();
        let answer = api.post("/api/v1/shipments", &[("prefer", preference)], registration()).await;
        let waited = begun.elapsed();
        assert_eq!((answer.status, answer.header("preference-applied")), (202, applied), "{answer:?}");
        assert!(
            waited >= Duration::from_secs(at_least) && waited < Duration::from_secs(at_most),
            "{waited:?}"
        );
    }
    // What was answered 202 is written and decided.
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(api.control.count(), 4);
    // Who asked not to wait can't have waited too long.
    let (_, metrics) = api.get("/metrics").await;
    assert!(counted(&metrics, "RegisterShipment", "not_awaited") > 0, "{metrics}");
    assert!(counted(&metrics, "RegisterShipment", "undecided") >= 2, "{metrics}");

    api.control.silence(false);
    let answer = api.post("/api/v1/shipments", &[("prefer", "wait=9")], registration()).await;
    assert_eq!((answer.status, answer.header("preference-applied")), (201, "wait=9"));
}

#[tokio::test]
async fn above_the_limit_it_is_503_at_once() {
    let api = World::start(&[
        "command_api.max_in_flight=2",
        "command_api.ndjson_in_flight=2",
        "command_api.deadline_ms=1500",
    ]);
    api.control.silence(true);
    let begun = Instant::now();
    let answers =
        futures::future::join_all((0..6).map(|_| api.post("/api/v1/shipments", &[], registration()))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 202, 503, 503, 503, 503]);
    let turned_away = answers.iter().find(|answer| answer.status == 503).unwrap();
    assert_eq!((turned_away.problem(), turned_away.header("retry-after")), ((503, "PT-0010"), "1"));
    assert!(begun.elapsed() < Duration::from_secs(5));
}
