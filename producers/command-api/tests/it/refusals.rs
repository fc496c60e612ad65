//! Bad requests to every endpoint: what is refused here, and what the rules refuse.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::world::{Answer, registration, scan, send, shared};

async fn register(change: impl FnOnce(&mut Value)) -> Answer {
    let mut body = registration();
    change(&mut body);
    shared().post("/api/v1/shipments", &[], body).await
}

#[tokio::test]
async fn fields_are_refused_by_their_rule_and_pointed_at() {
    for (pointer, value, code) in [
        ("/weight_grams", json!(0), "PT-1004"),
        ("/weight_grams", json!(-5), "PT-1004"),
        ("/recipient/phone", json!("0151 12345678"), "PT-1005"),
        ("/customer_id", json!(""), "PT-1012"),
        ("/customer_id", json!("x".repeat(65)), "PT-1012"),
        ("/destination/country", json!("Germany"), "PT-1012"),
        ("/tracking_number", json!("RR123456789DE"), "PT-1013"),
    ] {
        let answer = register(|body| *body.pointer_mut(pointer).unwrap() = value).await;
        assert_eq!(answer.problem(), (422, code), "{pointer}");
        assert_eq!(answer.body["errors"][0]["pointer"], pointer, "{answer:?}");
        assert_eq!(answer.text("type"), format!("/docs/errors/{code}"));
        assert!(answer.text("command_id").parse::<Uuid>().is_ok());
        assert!(!answer.header("idempotency-key").is_empty() && !answer.header("traceparent").is_empty());
    }
    let two = register(|body| {
        body["weight_grams"] = json!(0);
        body["actor"] = json!("");
    });
    let pointers: Vec<_> =
        two.await.body["errors"].as_array().unwrap().iter().map(|error| error["pointer"].clone()).collect();
    assert_eq!(pointers, ["/weight_grams", "/actor"]);
}

#[tokio::test]
async fn what_has_not_the_form_is_refused_before_it_is_sent() {
    let api = shared();
    for (body, pointer) in [
        (json!({"wieght": 1}), "/wieght"),
        (json!({}), ""),
        (json!({"customer_id": 7}), "/customer_id"),
        (json!({"sender": {"name": "S", "fax": "1"}}), "/sender/fax"),
        (json!({"promised_delivery": "tomorrow"}), "/promised_delivery"),
        (json!({"issued_at": "2026-11-24"}), "/issued_at"),
        (json!({"shipment_id": "seven"}), "/shipment_id"),
    ] {
        let answer = api.post("/api/v1/shipments", &[], body.clone()).await;
        assert_eq!(answer.problem(), (400, "PT-0002"), "{body}");
        assert_eq!(answer.body["errors"][0]["pointer"], pointer, "{answer:?}");
    }
    let id = Uuid::new_v4();
    let shipment = format!("/api/v1/shipments/{id}");
    let patched = api.patch(&shipment, &[], json!({"carrier": null})).await;
    assert_eq!(patched.problem(), (400, "PT-0002"));
    let patched = api.patch(&shipment, &[], json!({"customer_id": "other"})).await;
    assert_eq!(patched.problem(), (400, "PT-0002"));
    let mut odd = scan(1, "in_transit");
    odd["status"] = json!("shipped");
    let scanned = api.post(&format!("{shipment}/scans"), &[], odd).await;
    assert_eq!(scanned.problem(), (400, "PT-0002"));
    assert!(scanned.text("detail").contains("out_for_delivery"), "{scanned:?}");
    let mut unzoned = scan(1, "in_transit");
    unzoned["time"] = json!("2026-11-24T09:30:00");
    assert_eq!(api.post(&format!("{shipment}/scans"), &[], unzoned).await.problem(), (400, "PT-0002"));
    let reason = api.post(&format!("{shipment}/archive"), &[], json!({"raison": "r"})).await;
    assert_eq!(reason.problem(), (400, "PT-0002"));
    assert_eq!(api.control.of(&id.to_string()).len(), 0);
}

#[tokio::test]
async fn addresses_methods_media_types_and_sizes_are_checked() {
    let api = shared();
    let post = |path: &str| api.request(Method::POST, path);
    for (path, body) in [
        ("/api/v1/shipments/seven/scans", scan(1, "in_transit")),
        ("/api/v1/shipments/seven/cancellation", json!({})),
        (&format!("/api/v1/shipments/{}/scans/seven/retraction", Uuid::new_v4()), json!({})),
    ] {
        assert_eq!(api.post(path, &[], body).await.problem(), (400, "PT-0003"), "{path}");
    }
    assert_eq!(send(post("/api/v1/parcels"), &[]).await.problem(), (404, "PT-0004"));
    let wrong = send(api.request(Method::DELETE, "/api/v1/shipments"), &[]).await;
    assert_eq!((wrong.problem(), wrong.header("allow")), ((405, "PT-0005"), "POST"));
    let text = post("/api/v1/shipments").header("content-type", "text/plain").body("{}");
    assert_eq!(send(text, &[]).await.problem(), (415, "PT-0007"));
    let malformed = post("/api/v1/shipments").header("content-type", "application/json").body("{");
    assert_eq!(send(malformed, &[]).await.problem(), (400, "PT-0001"));
    let large = register(|body| body["actor"] = json!("x".repeat(262_144))).await;
    assert_eq!(large.problem(), (413, "PT-0006"));
    assert!(large.text("detail").contains("262144"), "{large:?}");
}

#[tokio::test]
async fn a_command_too_large_for_a_record_is_told_the_number() {
    let mut body = scan(1, "in_transit");
    body["raw_text"] = json!("x".repeat(262_000));
    let answer = shared().post(&format!("/api/v1/shipments/{}/scans", Uuid::new_v4()), &[], body).await;
    assert_eq!(answer.problem(), (413, "PT-0006"), "{answer:?}");
    assert_eq!(answer.body["max_record_bytes"], 262_144);
    // Just below, it is the field's rule that refuses.
    let mut body = scan(1, "in_transit");
    body["raw_text"] = json!("x".repeat(200_000));
    let answer = shared().post(&format!("/api/v1/shipments/{}/scans", Uuid::new_v4()), &[], body).await;
    assert_eq!(answer.problem(), (422, "PT-1012"), "{:?}", answer.headers);
}

#[tokio::test]
async fn keys_and_preconditions_have_a_form() {
    let api = shared();
    for key in ["", "a b", &"x".repeat(256)] {
        let answer = api.post("/api/v1/shipments", &[("idempotency-key", key)], registration()).await;
        assert_eq!(answer.problem(), (400, "PT-0008"), "{key}");
    }
    let shipment = format!("/api/v1/shipments/{}", Uuid::new_v4());
    for tag in ["*", "7", "\"7\", \"8\"", "W/\"7\""] {
        let answer = api.patch(&shipment, &[("if-match", tag)], json!({"weight_grams": 1})).await;
        assert_eq!(answer.problem(), (400, "PT-0008"), "{tag}");
    }
}

#[tokio::test]
async fn rules_about_the_shipment_are_told() {
    let api = shared();
    let unknown = format!("/api/v1/shipments/{}", Uuid::new_v4());
    let post = async |path: String| send(api.request(Method::POST, &path), &[]).await;
    assert_eq!(api.patch(&unknown, &[], json!({"weight_grams": 1})).await.problem(), (404, "PT-1001"));
    assert_eq!(post(format!("{unknown}/cancellation")).await.problem(), (404, "PT-1001"));
    assert_eq!(post(format!("{unknown}/archive")).await.problem(), (404, "PT-1001"));
    let retraction = post(format!("{unknown}/scans/{}/retraction", Uuid::new_v4())).await;
    assert_eq!(retraction.problem(), (404, "PT-1010"));
    assert_eq!(api.patch(&unknown, &[], json!({})).await.problem(), (422, "PT-1014"));
    let registered = api.post(&format!("{unknown}/scans"), &[], scan(1, "registered")).await;
    assert_eq!(registered.problem(), (422, "PT-1016"));
    assert_eq!(registered.body["errors"][0]["pointer"], "/status");

    let id = api.registered().await;
    let shipment = format!("/api/v1/shipments/{id}");
    let again = register(|body| body["shipment_id"] = json!(id)).await;
    assert_eq!((again.problem(), &again.body["version"]), ((409, "PT-1002"), &json!(1)));
    let scanned = api.post(&format!("{shipment}/scans"), &[], scan(1, "delivered")).await;
    assert_eq!(post(format!("{shipment}/cancellation")).await.problem(), (409, "PT-1007"));
    let retraction = format!("{shipment}/scans/{}/retraction", scanned.text("event_id"));
    assert_eq!(post(retraction.clone()).await.status, 200);
    assert_eq!(post(retraction).await.problem(), (409, "PT-1011"));
    assert_eq!(post(format!("{shipment}/cancellation")).await.status, 200);
    assert_eq!(post(format!("{shipment}/cancellation")).await.problem(), (409, "PT-1006"));
    assert_eq!(post(format!("{shipment}/archive")).await.status, 200);
    assert_eq!(post(format!("{shipment}/archive")).await.problem(), (409, "PT-1008"));
}
