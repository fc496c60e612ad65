//! What the roles export, as whoever scrapes them meets it: all of it stands on the page, and all of the page is exported.

mod groups;
mod labels;
mod page;
mod scraped;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use telemetry::metrics::Kind;

use self::groups::{Group, ROLES, groups};
use self::scraped::Scraped;
use crate::system::{System, eventually};

/// Words that are in no label: ids, paths, names from outside.
const FROM_OUTSIDE: [&str; 4] = ["outlandish", "4711", "acme", "3SABCD"];

#[test]
fn every_name_follows_the_convention() {
    let labels: BTreeSet<&str> = labels::LABELS.iter().map(|label| label.name).collect();
    for Group { name: group, metrics, .. } in groups() {
        for metric in metrics {
            let name = metric.name.as_str();
            if !name.starts_with("process_") && name != telemetry::metrics::BUILD_INFO {
                assert!(name.starts_with(&groups::prefix(group)), "{name} is of {group}");
            }
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{name}");
            assert_eq!(name.ends_with("_total"), metric.kind == Kind::Counter, "{name}");
            if metric.kind == Kind::Histogram {
                assert!(name.ends_with("_seconds") || name.ends_with("_records"), "{name} names its unit");
            }
            for bad in ["_ms", "_millis", "_count", "_sum", "_bucket", "_kb", "_minutes"] {
                assert!(!name.ends_with(bad), "{name}");
            }
            assert!(metric.help.ends_with('.') && !metric.help.contains("  "), "{name}: {}", metric.help);
            for label in &metric.labels {
                assert!(labels.contains(label.as_str()), "{name}: {label} is not among the known labels");
            }
        }
    }
}

#[test]
fn every_label_is_used() {
    let used: BTreeSet<String> =
        groups().into_iter().flat_map(|group| group.metrics).flat_map(|metric| metric.labels).collect();
    for label in labels::LABELS {
        assert!(used.contains(label.name), "{}", label.name);
    }
}

#[test]
fn a_system_under_load_exports_what_the_page_says_and_its_labels_hold_nothing_from_outside() {
    let system = System::start();
    use_it(&system);
    let groups = groups();
    let mut seen = BTreeSet::new();
    for (role, parts) in &*ROLES {
        let scraped = Scraped::of(&system, role);
        for (name, kind) in &scraped.kinds {
            let group = groups.iter().find(|group| group.metrics.iter().any(|metric| metric.name == *name));
            let group = group.unwrap_or_else(|| panic!("{role} exports {name}, which is nowhere described"));
            assert!(parts.contains(&group.name), "{role} exports {name} of {}", group.name);
            let described = group.metrics.iter().find(|metric| metric.name == *name).unwrap();
            assert_eq!(described.kind.name(), kind, "{role}: {name}");
        }
        for group in groups.iter().filter(|group| parts.contains(&group.name)) {
            for metric in &group.metrics {
                let is_shown = scraped.kinds.contains_key(&metric.name);
                assert!(is_shown || metric.appears_later(), "{role} doesn't export {}", metric.name);
            }
        }
        for sample in &scraped.samples {
            let mut described = groups.iter().flat_map(|group| &group.metrics);
            let described = described.find(|metric| metric.name == sample.family).unwrap();
            let names: BTreeSet<&str> = sample.labels.keys().map(String::as_str).collect();
            assert_eq!(names, described.labels.iter().map(String::as_str).collect(), "{role}: {sample:?}");
            for (label, value) in &sample.labels {
                labels::check(label, value).unwrap_or_else(|why| panic!("{role}: {sample:?}: {why}"));
                assert!(!FROM_OUTSIDE.iter().any(|word| value.contains(word)), "{role}: {sample:?}");
            }
        }
        assert!(scraped.samples.len() < 1_500, "{role} exports {} samples", scraped.samples.len());
        well_formed(&system.scrape(role, "text/plain").1);
        seen.extend(scraped.kinds.into_keys());
    }
    for happened in HAPPENED {
        assert!(seen.contains(*happened), "{happened} is not exported, though it happened");
    }
    traces_lead_from_buckets(&system);
}

/// What has labels appears when something happens; all of this did.
const HAPPENED: &[&str] = &[
    "parceltrack_build_info",
    "parceltrack_telemetry_condition_ready",
    "parceltrack_gateway_requests_total",
    "parceltrack_gateway_request_seconds",
    "parceltrack_gateway_breakers",
    "parceltrack_http_api_requests_total",
    "parceltrack_http_api_request_seconds",
    "parceltrack_command_api_commands_total",
    "parceltrack_command_api_outcome_seconds",
    "parceltrack_command_api_stream_lines_total",
    "parceltrack_command_handler_commands_total",
    "parceltrack_command_handler_phase_seconds",
    "parceltrack_command_handler_aborts_total",
    "parceltrack_command_handler_lag_records",
    "parceltrack_command_handler_lag_seconds",
    "parceltrack_command_handler_next_offset",
    "parceltrack_command_handler_parked_records_total",
    "parceltrack_command_handler_partitions_running",
    "parceltrack_projector_events_total",
    "parceltrack_projector_visible_seconds",
    "parceltrack_projector_lag_records",
    "parceltrack_projector_lag_seconds",
    "parceltrack_projector_next_offset",
    "parceltrack_projector_dead_letters",
    "parceltrack_view_store_failures_total",
    "parceltrack_view_store_request_seconds",
    "parceltrack_query_api_read_seconds",
    "parceltrack_event_log_broker_rtt_seconds",
    "parceltrack_event_log_queue_messages",
    "parceltrack_service_registry_last_heartbeat_timestamp_seconds",
    "parceltrack_service_registry_lease_age_seconds",
    "parceltrack_service_registry_silent_seconds",
];

fn registration() -> Value {
    json!({
        "customer_id": "acme",
        "sender": { "name": "Outlandish Lamps" },
        "recipient": { "name": "Ada Outlandish", "phone": "+31612345678" },
        "destination": { "city": "Ulm", "country": "DE" },
        "weight_grams": 4711,
        "tracking_number": "3SABCD4711",
    })
}

/// A little of everything, with names and numbers from outside wherever there is room for them.
fn use_it(system: &System) {
    // Just after the start partitions may still move.
    let (status, registered) =
        system.post_until_answered("/api/v1/shipments", "outlandish-4711", &registration());
    assert_eq!(status, 201, "{registered}");
    let id = registered["shipment_id"].as_str().unwrap().to_owned();
    let scan = json!({
        "time": "2026-11-01T10:00:00+01:00", "status": "in_transit", "carrier": "outlandish", "raw_code": "C4711"
    });
    let scans = format!("/api/v1/shipments/{id}/scans");
    let (status, recorded) = system.post_until_answered(&scans, "scan-4711", &scan);
    assert_eq!(status, 201, "{recorded}");
    let url = system.at_gateway("/api/v1/commands");
    let line = "{\"type\":\"outlandish-4711\"}\n";
    let sent = system.http.post(url).header("content-type", "application/x-ndjson").body(line).send();
    assert!(sent.unwrap().text().unwrap().contains("\"line\":1"));
    system.get_until(&format!("/api/v1/shipments/{id}"), |status, _| status == 200);
    for path in [
        format!("/api/v1/shipments/{id}"),
        format!("/api/v1/shipments/{id}/history"),
        "/api/v1/shipments?customer_id=acme&limit=5".to_owned(),
        "/api/v1/tracking/3SABCD4711".to_owned(),
        "/api/v1/outlandish/4711".to_owned(),
        "/outlandish?phone=%2B31612345678".to_owned(),
    ] {
        system.http.get(system.at_gateway(&path)).send().unwrap();
        system.get(&path);
    }
    let odd = reqwest::Method::from_bytes(b"OUTLANDISH").unwrap();
    system.http.request(odd.clone(), system.at_gateway("/api/v1/shipments")).send().unwrap();
    system.http.request(odd, system.at_query_api("/api/v1/shipments")).send().unwrap();
    system.park_something("outlandish-4711");
    eventually("the dead letter is counted", || {
        system.metric("projector", "parceltrack_projector_dead_letters") >= 1.0
    });
    eventually("its client's figures came", || {
        ROLES.iter().all(|(role, _)| {
            system.scrape(role, "").1.contains("parceltrack_event_log_broker_rtt_seconds_count")
        })
    });
    eventually("the handlers' lag was measured", || {
        system.scrape("command-handler", "").1.contains("parceltrack_command_handler_lag_records{")
    });
}

/// Prometheus's own tool finds nothing to say, but on names whose custom is another.
fn well_formed(text: &str) {
    let mut tool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool; infra/scripts/prerequisites.sh test");
    tool.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let said = tool.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&said.stderr).into_owned() + &String::from_utf8_lossy(&said.stdout);
    assert_eq!(said.trim(), "", "promtool check metrics");
}

fn traces_lead_from_buckets(system: &System) {
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let posted = system
        .http
        .post(system.at_gateway("/api/v1/shipments"))
        .header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"))
        .header("idempotency-key", "traced")
        .json(&registration())
        .send();
    assert_eq!(posted.unwrap().status(), 201);
    for (role, name) in [
        ("gateway", "parceltrack_gateway_request_seconds_bucket"),
        ("command-api", "parceltrack_http_api_request_seconds_bucket"),
        ("command-api", "parceltrack_command_api_outcome_seconds_bucket"),
        ("projector", "parceltrack_projector_visible_seconds_bucket"),
    ] {
        eventually(name, || {
            let (kind, text) = system.scrape(role, "application/openmetrics-text; version=1.0.0");
            assert_eq!(kind, "application/openmetrics-text; version=1.0.0; charset=utf-8");
            assert!(text.ends_with("\n# EOF\n"));
            let marked = format!("# {{trace_id=\"{trace}\"}}");
            text.lines().any(|line| line.starts_with(name) && line.contains(&marked))
        });
    }
}
