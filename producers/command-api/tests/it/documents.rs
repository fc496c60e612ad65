//! What the API says of itself.

use serde_json::Value;

use crate::world::{counted, registration, shared};

#[tokio::test]
async fn the_document_and_the_pages_are_served() {
    let api = shared();
    let (status, document) = api.get("/openapi.json").await;
    assert_eq!(status, 200);
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["info"]["title"], "ParcelTrack Command API");
    assert_eq!(document["components"]["schemas"]["Party"]["properties"]["name"]["maxLength"], 200);
    for (path, says) in [
        ("/docs", "ParcelTrack Command API"),
        ("/docs/errors", "PT-1015"),
        ("/docs/errors/PT-1004", "The weight must be above zero"),
        ("/docs/errors/PT-0013", "Idempotency-Key"),
        ("/livez", "live"),
        ("/readyz", "\"ready\":true"),
    ] {
        let (status, text) = api.get(path).await;
        assert!(status == 200 && text.contains(says), "{path} {status} {text}");
    }
}

#[tokio::test]
async fn commands_are_counted_by_what_became_of_them() {
    let api = shared();
    api.post("/api/v1/shipments", &[("idempotency-key", "counted")], registration()).await;
    api.post("/api/v1/shipments", &[("idempotency-key", "counted")], registration()).await;
    let mut refused = registration();
    refused["weight_grams"] = 0.into();
    api.post("/api/v1/shipments", &[], refused).await;
    let (_, text) = api.get("/metrics").await;
    for outcome in ["accepted", "repeated", "rejected"] {
        assert!(counted(&text, "RegisterShipment", outcome) > 0, "{outcome}\n{text}");
    }
    // What never happened stands there, too: from nothing to the first there is no rate.
    assert_eq!(counted(&text, "RetractScan", "failed"), 0);
    assert!(text.contains("parceltrack_command_api_outcome_seconds_count{type=\"RetractScan\"}"), "{text}");
    assert!(text.contains("parceltrack_command_api_outcome_seconds_bucket"));
    assert!(text.contains("parceltrack_command_api_commands_waiting"));
}

#[test]
fn the_limits_in_the_documentation_are_the_defaults() {
    let api = settings::Settings::default().command_api;
    let documentation = include_str!("../../../../docs/http-api.md");
    for (setting, limit) in [
        ("max_body_bytes", api.max_body_bytes as u64),
        ("ndjson_max_line_bytes", api.ndjson_max_line_bytes as u64),
        ("max_in_flight", api.max_in_flight as u64),
        ("ndjson_streams", api.ndjson_streams as u64),
        ("ndjson_in_flight", api.ndjson_in_flight as u64),
        ("ndjson_idle_ms", api.ndjson_idle_ms),
        ("deadline_ms", api.deadline_ms.now()),
        ("drain_ms", api.drain_ms),
    ] {
        let rows = documentation.lines().filter(|line| line.ends_with(&format!("`command_api.{setting}` |")));
        let rows: Vec<_> = rows.collect();
        assert!(!rows.is_empty(), "{setting} is not documented");
        for row in rows {
            let said = row.split('|').nth(2).unwrap().trim_start().replace(',', "");
            let digits: String = said.chars().take_while(char::is_ascii_digit).collect();
            assert_eq!(digits, limit.to_string(), "{row}");
        }
    }
}
