//! Good requests to every endpoint.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use crate::world::{registration, scan, send, shared};

#[tokio::test]
async fn a_shipment_goes_through_its_life() {
    let api = shared();
    let registered = api.post("/api/v1/shipments", &[("idempotency-key", "life-1")], registration()).await;
    assert_eq!(registered.status, 201, "{registered:?}");
    let id = registered.text("shipment_id").to_owned();
    assert_eq!(registered.header("location"), format!("http://query.example/api/v1/shipments/{id}"));
    assert_eq!((registered.header("etag"), &registered.body["version"]), ("\"1\"", &json!(1)));
    assert_eq!((&registered.body["events"], registered.header("idempotency-key")), (&json!(1), "life-1"));
    assert_eq!(
        registered.text("status_url"),
        format!("http://query.example/api/v1/shipments/{id}?min_version=1")
    );
    assert!(registered.body["partition"].as_i64().is_some_and(|partition| (0..6).contains(&partition)));
    assert!(registered.text("command_id").parse::<Uuid>().is_ok());
    assert!(!registered.headers.contains_key("idempotency-replayed"));

    let amended = api.patch(&format!("/api/v1/shipments/{id}"), &[], json!({"weight_grams": 900})).await;
    assert_eq!((amended.status, amended.header("etag")), (200, "\"2\""), "{amended:?}");

    let scans = format!("/api/v1/shipments/{id}/scans");
    let scanned = api.post(&scans, &[], scan(1, "in_transit")).await;
    assert_eq!((scanned.status, scanned.header("etag")), (201, "\"3\""), "{scanned:?}");
    assert_eq!(scanned.header("location"), format!("http://query.example/api/v1/shipments/{id}/history"));
    let event_id = scanned.text("event_id").to_owned();

    let retraction = api.request(Method::POST, &format!("{scans}/{event_id}/retraction"));
    let retracted = send(retraction, &[]).await;
    assert_eq!((retracted.status, retracted.header("etag")), (200, "\"4\""), "{retracted:?}");

    let cancelled = api
        .post(&format!("/api/v1/shipments/{id}/cancellation"), &[], json!({"reason": "ordered twice"}))
        .await;
    assert_eq!((cancelled.status, cancelled.header("etag")), (200, "\"5\""), "{cancelled:?}");

    let archived = send(api.request(Method::POST, &format!("/api/v1/shipments/{id}/archive")), &[]).await;
    assert_eq!((archived.status, archived.header("etag")), (200, "\"6\""), "{archived:?}");

    let types: Vec<_> = api.control.of(&id).iter().map(|seen| seen.command.body.type_name()).collect();
    assert_eq!(
        types,
        [
            "RegisterShipment",
            "AmendShipment",
            "RecordScan",
            "RetractScan",
            "CancelShipment",
            "ArchiveShipment"
        ]
    );
}

#[tokio::test]
async fn the_senders_own_id_time_actor_and_trace_go_along() {
    let api = shared();
    let id = Uuid::new_v4().to_string();
    let mut body = registration();
    body["shipment_id"] = json!(id);
    body["issued_at"] = json!("2026-11-24T09:30:00+01:00");
    body["actor"] = json!("clerk-3");
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let answer = api.post("/api/v1/shipments", &[("traceparent", trace)], body).await;
    assert_eq!((answer.status, answer.text("shipment_id")), (201, id.as_str()), "{answer:?}");
    assert!(answer.header("traceparent").starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"));

    let seen = api.control.of(&id).remove(0);
    assert_eq!(seen.key, id);
    assert_eq!(seen.command.issued_at.to_string(), "2026-11-24T08:30:00.000Z");
    assert_eq!(seen.command.actor.as_deref(), Some("clerk-3"));
    let sent = seen.headers.get_str("traceparent").unwrap();
    assert!(sent.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && sent.ends_with("-01"), "{sent}");
    assert_ne!(sent, answer.header("traceparent"), "sending is a span of its own");
    assert_eq!(seen.headers.get_str("ce_type"), Some("org.parceltrack.shipment.RegisterShipment.v1"));
    assert_eq!(seen.headers.get_str("ce_source"), Some("/parceltrack/command-api"));
    assert_eq!(seen.headers.get_str("ce_subject"), Some(id.as_str()));
}

#[tokio::test]
async fn a_scan_is_kept_before_its_shipment_is_registered() {
    let api = shared();
    let id = Uuid::new_v4();
    let scanned = api.post(&format!("/api/v1/shipments/{id}/scans"), &[], scan(1, "picked_up")).await;
    assert_eq!((scanned.status, scanned.header("etag")), (201, "\"1\""), "{scanned:?}");
    let mut body = registration();
    body["shipment_id"] = json!(id);
    let registered = api.post("/api/v1/shipments", &[], body).await;
    assert_eq!((registered.status, registered.header("etag")), (201, "\"2\""), "{registered:?}");
}

#[tokio::test]
async fn answers_come_fast() {
    let api = shared();
    api.registered().await;
    let begun = std::time::Instant::now();
    for _ in 0..10 {
        api.registered().await;
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "ten took {:?}", begun.elapsed());
}
