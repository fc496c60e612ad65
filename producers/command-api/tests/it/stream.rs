//! Many commands in one request.

use std::collections::HashMap;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::world::{registration, scan, shared};

fn ndjson(lines: &[Value]) -> String {
    let lines: Vec<_> = lines.iter().map(Value::to_string).collect();
    lines.join("\n")
}

#[tokio::test]
async fn ten_thousand_lines_each_have_their_outcome_and_shipments_their_order() {
    let api = shared();
    let mut lines = Vec::new();
    // Step by step for all shipments, so that those of one lie far apart and close together alike.
    let shipments: Vec<_> = (0..2000).map(|_| Uuid::new_v4().to_string()).collect();
    for chunk in shipments.chunks(70) {
        for step in 0..5 {
            for id in chunk {
                let mut register = registration();
                register["customer_id"] = json!("stream");
                lines.push(match step {
                    0 => json!({"type": "RegisterShipment", "shipment_id": id, "body": register}),
                    1 => json!({"type": "RecordScan", "shipment_id": id, "body": scan(1, "picked_up")}),
                    2 => json!({"type": "AmendShipment", "shipment_id": id, "expected_version": 2, "body": {"weight_grams": 5}}),
                    3 => json!({"type": "CancelShipment", "shipment_id": id, "expected_version": 3}),
                    _ => json!({"type": "ArchiveShipment", "shipment_id": id, "expected_version": 4}),
                });
            }
        }
    }
    assert_eq!(lines.len(), 10_000);
    let begun = std::time::Instant::now();
    let outcomes = api.stream(&[], ndjson(&lines)).await;
    println!("10,000 commands in {:?}", begun.elapsed());
    assert_eq!(outcomes.len(), 10_000);
    let mut versions: HashMap<String, i64> = HashMap::new();
    for (n, outcome) in outcomes.iter().enumerate() {
        assert_eq!(outcome["line"], n + 1);
        assert_eq!(outcome["shipment_id"], lines[n]["shipment_id"], "{outcome}");
        let created = matches!(lines[n]["type"].as_str(), Some("RegisterShipment" | "RecordScan"));
        assert_eq!(outcome["status"], if created { 201 } else { 200 }, "{outcome}");
        let version = versions.entry(outcome["shipment_id"].to_string()).or_default();
        *version += 1;
        assert_eq!(outcome["version"], *version, "{outcome}");
    }
}

#[tokio::test]
async fn bad_lines_are_told_and_the_stream_goes_on() {
    let api = shared();
    let id = Uuid::new_v4().to_string();
    let register = json!({"type": "RegisterShipment", "shipment_id": id, "idempotency_key": "line-1", "body": registration()});
    let mut weightless = registration();
    weightless["weight_grams"] = json!(0);
    let long = json!({"type": "CancelShipment", "shipment_id": id, "body": {"reason": "x".repeat(262_144)}});
    let large = json!({"type": "RecordScan", "shipment_id": id, "body": {
        "time": "2026-11-24T09:30:00Z", "status": "customs", "carrier": "dhl", "raw_text": "x".repeat(261_900)
    }});
    let body = format!(
        "{register}\r\n\n{{nonsense\n{long}\n{}\n{}\n   \n{}\n{large}\n{}",
        json!({"type": "CancelShipment", "shipment_id": id, "idempotency_key": "line-5", "expected_version": 9}),
        json!({"type": "RegisterShipment", "body": weightless}),
        json!({"type": "CancelShipment", "shipment_id": id, "body": {"raison": "r"}}),
        json!({"type": "CancelShipment", "shipment_id": id}),
    );
    let outcomes = api.stream(&[], body).await;
    let told: Vec<_> = outcomes
        .iter()
        .map(|o| (o["line"].as_u64().unwrap(), o["status"].as_u64().unwrap(), o["problem"]["code"].as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (1, 201, None),
            (3, 400, Some("PT-0001")),
            (4, 413, Some("PT-0006")),
            (5, 412, Some("PT-1003")),
            (6, 422, Some("PT-1004")),
            (8, 400, Some("PT-0002")),
            (9, 413, Some("PT-0006")),
            (10, 200, None),
        ],
        "{outcomes:#?}"
    );
    assert_eq!(outcomes[0]["idempotency_key"], "line-1");
    assert_eq!(outcomes[0]["location"], format!("http://query.example/api/v1/shipments/{id}"));
    assert_eq!(outcomes[2]["problem"]["max_line_bytes"], 262_144);
    assert_eq!(outcomes[3]["problem"]["version"], 1);
    assert_eq!(outcomes[4]["problem"]["errors"][0]["pointer"], "/body/weight_grams");
    assert_eq!(outcomes[5]["problem"]["errors"][0]["pointer"], "/body/raison");
    assert_eq!(outcomes[6]["problem"]["max_record_bytes"], 262_144);
}

#[tokio::test]
async fn the_same_upload_twice_is_done_once() {
    let api = shared();
    let lines: Vec<_> =
        (0..50).map(|_| json!({"type": "RegisterShipment", "body": registration()})).collect();
    let key = Uuid::new_v4().to_string();
    let first = api.stream(&[("idempotency-key", &key)], ndjson(&lines)).await;
    let again = api.stream(&[("idempotency-key", &key)], ndjson(&lines)).await;
    assert_eq!(first, again);
    assert_eq!(first[6]["idempotency_key"], format!("{key}:7"));
    let other = api.stream(&[], ndjson(&lines)).await;
    assert_ne!(first[0]["shipment_id"], other[0]["shipment_id"]);
}

#[tokio::test]
async fn a_stream_is_told_what_it_must_be() {
    let api = shared();
    for (headers, expected) in [
        (&[("content-type", "application/json")][..], (415, "PT-0007")),
        (&[("content-type", "application/x-ndjson"), ("if-match", "\"1\"")], (400, "PT-0008")),
        (&[("content-type", "application/x-ndjson"), ("idempotency-key", "a b")], (400, "PT-0008")),
    ] {
        let request = api.request(reqwest::Method::POST, "/api/v1/commands").body("{}");
        assert_eq!(crate::world::send(request, headers).await.problem(), expected);
    }
    assert_eq!(api.stream(&[], "").await, Vec::<Value>::new());
    assert_eq!(api.stream(&[], "\n\n").await, Vec::<Value>::new());
}
