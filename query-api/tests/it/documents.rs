//! The document says what the answers are.

use serde_json::Value;
use shipment_events::Status;

use crate::histories::Step;
use crate::parcels::{REGISTER, Shop, path_of, scan};
use crate::world::in_world;

/// Members of an answer that its schema doesn't describe, at any depth.
fn undescribed(document: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let target = schema["$ref"].as_str().and_then(|to| document.pointer(to.trim_start_matches('#')));
    let schema = target.unwrap_or(schema);
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match schema["properties"].get(name) {
                    Some(described) => {
                        undescribed(document, described, member, &format!("{at}/{name}"), found);
                    }
                    // A body is one of several things, and not described member by member.
                    None if schema["properties"].is_null() => {}
                    None => found.push(format!("{at}/{name}")),
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                undescribed(document, &schema["items"], item, at, found);
            }
        }
        _ => {}
    }
}

#[test]
fn every_member_of_an_answer_is_described() {
    in_world(async |world| {
        let (api, shop) = (world.api().await, Shop::new());
        let events = shop.parcel(&[REGISTER, scan(Status::InTransit), Step::Cancel { reason: true }]);
        world.plant(&events).await;
        let document = api.client.get("/openapi.json").await.ok();
        let path = path_of(&events);
        let id = "/api/v1/shipments/{id}".to_owned();
        let at = events[2].recorded_at;
        for (template, path) in [
            (id.clone(), path.clone()),
            (id.clone(), format!("{path}?as_of={at}&known_at={at}")),
            (format!("{id}/history"), format!("{path}/history?limit=2")),
            (
                "/api/v1/shipments".to_owned(),
                "/api/v1/shipments?from=2026-03-01&to=2026-04-20&limit=1".to_owned(),
            ),
            ("/api/v1/tracking/{number}".to_owned(), path.replace("shipments", "tracking")),
        ] {
            let schema = &document["paths"][&template]["get"]["responses"]["200"]["content"]["application/json"]
                ["schema"];
            assert!(schema.is_object(), "{template}");
            let mut found = Vec::new();
            undescribed(&document, schema, &api.client.get(&path).await.ok(), "", &mut found);
            assert_eq!(found, Vec::<String>::new(), "{path}");
        }
        for page in ["/docs", "/docs/errors/PT-0014", "/livez", "/metrics"] {
            assert_eq!(api.client.get(page).await.status, 200, "{page}");
        }
        let metrics = api.client.get("/metrics").await.text;
        assert!(metrics.contains("parceltrack_query_api_read_seconds_count{kind=\"shipment\"}"), "{metrics}");
        api.stop().await;
    });
}

#[test]
fn the_limits_in_the_documentation_are_the_defaults() {
    let api = settings::Settings::default().query_api;
    let documentation = include_str!("../../../docs/http-api.md");
    for (setting, limit) in [
        ("min_version_wait_ms", api.min_version_wait_ms.now()),
        ("max_in_flight", api.max_in_flight as u64),
        ("sse_max_clients", api.sse_max_clients as u64),
        ("sse_heartbeat_ms", api.sse_heartbeat_ms.now()),
        ("max_body_bytes", api.max_body_bytes as u64),
        ("drain_ms", api.drain_ms),
    ] {
        let row = documentation.lines().find(|line| line.ends_with(&format!("`query_api.{setting}` |")));
        let said = row.unwrap_or_else(|| panic!("{setting} is not documented")).split('|').nth(2).unwrap();
        let digits: String = said.chars().filter(char::is_ascii_digit).collect();
        assert_eq!(digits, limit.to_string(), "{setting}");
    }
}
