//! The same command again.

use std::collections::HashSet;

use futures::future::join_all;
use serde_json::json;
use uuid::Uuid;

use crate::world::{registration, scan, shared};

fn key() -> String {
    Uuid::new_v4().to_string()
}

#[tokio::test]
async fn a_retry_gets_the_same_answer_and_makes_nothing() {
    let (api, key) = (shared(), key());
    let first = api.post("/api/v1/shipments", &[("idempotency-key", &key)], registration()).await;
    let again = api.post("/api/v1/shipments", &[("idempotency-key", &key)], registration()).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.body, again.body);
    for header in ["etag", "location", "idempotency-key"] {
        assert_eq!(first.header(header), again.header(header));
    }
    assert_eq!(again.header("idempotency-replayed"), "true");
    let seen = api.control.of(first.text("shipment_id"));
    assert_eq!(seen.iter().map(|seen| seen.events).collect::<Vec<_>>(), [1, 0]);
}

#[tokio::test]
async fn a_retry_long_after_still_gets_its_own_version() {
    let (api, key) = (shared(), key());
    let id = api.registered().await;
    let shipment = format!("/api/v1/shipments/{id}");
    let amendment = || json!({"weight_grams": 900});
    let first = api.patch(&shipment, &[("idempotency-key", &key), ("if-match", "\"1\"")], amendment()).await;
    assert_eq!((first.status, first.header("etag")), (200, "\"2\""));
    api.patch(&shipment, &[], json!({"weight_grams": 950})).await;
    let again = api.patch(&shipment, &[("idempotency-key", &key), ("if-match", "\"1\"")], amendment()).await;
    assert_eq!((again.status, again.body), (200, first.body));
}

#[tokio::test]
async fn another_payload_under_the_same_key_is_refused() {
    let (api, key) = (shared(), key());
    let first = api.post("/api/v1/shipments", &[("idempotency-key", &key)], registration()).await;
    let mut other = registration();
    other["weight_grams"] = json!(1300);
    let refused = api.post("/api/v1/shipments", &[("idempotency-key", &key)], other).await;
    assert_eq!(refused.problem(), (422, "PT-1015"));
    assert_eq!(refused.text("shipment_id"), first.text("shipment_id"));
    let elsewhere = format!("/api/v1/shipments/{}/archive", first.text("shipment_id"));
    let refused = api.post(&elsewhere, &[("idempotency-key", &key)], json!({})).await;
    assert_eq!(refused.problem(), (422, "PT-1015"));
}

#[tokio::test]
async fn the_same_key_for_another_shipment_is_another_command_with_events_of_its_own() {
    let (one, other) = (key(), key());
    let (api, key) = (shared(), key());
    let named = |id: &str| {
        let mut body = registration();
        body["shipment_id"] = json!(id);
        body
    };
    let first = api.post("/api/v1/shipments", &[("idempotency-key", &key)], named(&one)).await;
    let second = api.post("/api/v1/shipments", &[("idempotency-key", &key)], named(&other)).await;
    assert_eq!((first.status, second.status), (201, 201), "{first:?} {second:?}");
    for id in ["shipment_id", "command_id", "event_id"] {
        assert_ne!(first.text(id), second.text(id), "{id}");
    }
}

#[tokio::test]
async fn a_key_that_was_made_can_be_used_to_retry() {
    let api = shared();
    let first = api.post("/api/v1/shipments", &[], registration()).await;
    let key = first.header("idempotency-key");
    let again = api.post("/api/v1/shipments", &[("idempotency-key", key)], registration()).await;
    assert_eq!(first.body, again.body);
    let other = api.post("/api/v1/shipments", &[], registration()).await;
    assert_ne!(first.text("shipment_id"), other.text("shipment_id"));
}

#[tokio::test]
async fn a_scan_is_known_again_under_any_key() {
    let api = shared();
    let id = api.registered().await;
    let scans = format!("/api/v1/shipments/{id}/scans");
    let first = api.post(&scans, &[("idempotency-key", "scan-1")], scan(1, "in_transit")).await;
    assert_eq!((first.status, &first.body["events"]), (201, &json!(1)));
    api.post(&scans, &[], scan(2, "customs")).await;
    for key in ["scan-1", "scan-2"] {
        let again = api.post(&scans, &[("idempotency-key", key)], scan(1, "in_transit")).await;
        assert_eq!((again.status, again.header("etag")), (200, "\"2\""), "{again:?}");
        assert_eq!((&again.body["events"], again.header("idempotency-replayed")), (&json!(0), "true"));
        assert!(again.body["event_id"].is_null() && !again.headers.contains_key("location"));
    }
}

#[tokio::test]
async fn ten_at_once_under_one_key_are_one() {
    let (api, key) = (shared(), key());
    let headers = [("idempotency-key", key.as_str())];
    let answers = join_all((0..10).map(|_| api.post("/api/v1/shipments", &headers, registration()))).await;
    let bodies: HashSet<String> = answers.iter().map(|answer| answer.body.to_string()).collect();
    assert!(answers.iter().all(|answer| answer.status == 201));
    assert_eq!(bodies.len(), 1);
    let events: usize = api.control.of(answers[0].text("shipment_id")).iter().map(|seen| seen.events).sum();
    assert_eq!(events, 1);
}
