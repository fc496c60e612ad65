//! One trace from the gateway to the push of a live update: at a trace store, in the roles' memory, at a terminal.

use std::io::{BufRead, BufReader};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use reqwest::blocking::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::otlp_receiver::{Receiver, Seen};
use crate::system::{System, eventually};

/// From the first to the last: whose span, its name, and of whose it is a part.
const CHAIN: [(&str, &str); 8] = [
    ("gateway", "POST /api/v1/shipments/{id}/scans"),
    ("gateway", "POST /api/v1/shipments/{id}/scans"),
    ("command-api", "POST /api/v1/shipments/{id}/scans"),
    ("command-api", "send {prefix}.shipment.commands.v1"),
    ("command-handler", "process {prefix}.shipment.commands.v1"),
    ("command-handler", "send {prefix}.shipment.events.v1"),
    ("query-api", "process {prefix}.shipment.events.v1"),
    ("query-api", "push shipment"),
];

#[test]
fn one_trace_leads_from_the_gateway_to_the_live_update() {
    let receiver = Receiver::start();
    let mut system = System::prepare();
    system.set(&format!("tracing.otlp_endpoint={}", receiver.url));
    system.set("tracing.sample_ratio=0");
    system.run_all();
    for role in ["command-handler", "projector", "command-api", "query-api", "gateway"] {
        assert_eq!(system.ops(role, "/startupz")["started"], true, "{role}");
        assert_eq!(system.ops(role, "/livez")["live"], true, "{role}");
    }
    let shipment = Uuid::new_v4().to_string();
    eventually("the gateway knows its services", || register(&system, &shipment).is_ok());
    let live = format!("/api/v1/shipments/{shipment}/live");
    system.get_until(&format!("/api/v1/shipments/{shipment}"), |status, _| status == 200);
    let mut updates = BufReader::new(system.http.get(system.at_query_api(&live)).send().unwrap());
    await_version(&mut updates, 1);

    let (trace, caller) = (Uuid::new_v4().simple().to_string(), "00f067aa0ba902b7");
    let command = scan(&system, &shipment, "picked_up", &format!("00-{trace}-{caller}-01"));
    await_version(&mut updates, 2);

    // All of them, however late the last role sends its own.
    eventually("the row's write and the push are there", || {
        let seen = receiver.of_trace(&trace);
        ["BATCH shipment views", "push shipment"]
            .iter()
            .all(|name| seen.iter().any(|span| span.name == *name))
            && chain(&seen, &system.prefix, caller).len() == CHAIN.len()
    });
    let seen = receiver.of_trace(&trace);
    let chain = chain(&seen, &system.prefix, caller);
    assert!(chain.windows(2).all(|pair| pair[0].start <= pair[1].start), "{chain:#?}");
    let (handled, pushed) = (&chain[4], &chain[7]);
    assert_eq!(handled.attributes["messaging.message.id"], command);
    let written = seen.iter().find(|span| span.name == "BATCH shipment views").unwrap();
    assert!(chain[5].start <= written.start && written.start <= pushed.end, "{seen:#?}");
    let processed = seen.iter().find(|span| span.id == written.parent).unwrap();
    assert_eq!((processed.service.as_str(), &processed.parent), ("projector", &chain[5].id));
    assert!(seen.iter().all(|span| span.start <= span.end));
    assert!(!format!("{seen:?}").contains("Ada"), "no personal data in spans");

    let shown = system.json(&["trace", &command, "--json"]);
    assert_eq!((&shown["trace_id"], &shown["sampled"]), (&json!(trace), &json!(true)), "{shown}");
    let ids = |spans: &Value| -> Vec<String> {
        let of = spans.as_array().unwrap().iter();
        of.map(|span| span["span_id"].as_str().unwrap().to_owned()).collect()
    };
    assert!(seen.iter().all(|span| ids(&shown["spans"]).contains(&span.id)), "{shown:#}");
    let what: Vec<_> = shown["log"].as_array().unwrap().iter().map(|entry| &entry["what"]).collect();
    assert_eq!(what, ["command", "event", "reply"], "{shown:#}");
    assert_eq!((&shown["row_version"], &shown["outcome"]["version"]), (&json!(2), &json!(2)));
    let by_trace = system.json(&["trace", &trace, "--json"]);
    assert_eq!(ids(&by_trace["spans"]), ids(&shown["spans"]));
    assert_eq!(by_trace["command_id"], json!(command));
    let text = String::from_utf8(system.parceltrack(&["trace", &command]).stdout).unwrap();
    assert!(text.contains("outcome   accepted, version 2") && text.contains('━'), "{text}");

    unsampled_is_not_sent(&system, &receiver, &shipment);
    drop(receiver);
    a_dead_receiver_hurts_nobody(&system, &shipment);
}

fn unsampled_is_not_sent(system: &System, receiver: &Receiver, shipment: &str) {
    let trace = Uuid::new_v4().simple().to_string();
    let command = scan(system, shipment, "in_transit", &format!("00-{trace}-00f067aa0ba902b7-00"));
    // A later one that is sampled comes out: so did all that was to come before.
    let later = Uuid::new_v4().simple().to_string();
    scan(system, shipment, "customs", &format!("00-{later}-00f067aa0ba902b7-01"));
    eventually("a later one is sent", || {
        receiver.of_trace(&later).iter().any(|span| span.name == "BATCH shipment views")
    });
    assert_eq!(receiver.of_trace(&trace).len(), 0);
    let shown = system.json(&["trace", &command, "--json"]);
    assert_eq!((&shown["sampled"], &shown["trace_id"]), (&json!(false), &json!(trace)), "{shown:#}");
    assert_eq!((shown["log"].as_array().unwrap().len(), &shown["spans"]), (3, &json!([])), "{shown:#}");

    let unknown = system.parceltrack(&["trace", "0190a5b2-0000-7000-8000-0000000000ab"]);
    let said = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert!(!unknown.status.success() && said.contains("--since 7d"), "{said}");
}

fn a_dead_receiver_hurts_nobody(system: &System, shipment: &str) {
    let begun = Instant::now();
    for status in ["out_for_delivery", "delivered"] {
        scan(system, shipment, status, &format!("00-{}-00f067aa0ba902b7-01", Uuid::new_v4().simple()));
    }
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    let failed = r#"parceltrack_telemetry_spans_total{outcome="failed"}"#;
    eventually("what can't be sent is counted", || system.metric("command-handler", failed) > 0.0);
    assert!(system.is_ready("command-handler"));
}

/// Each link is part of the one before.
fn chain(seen: &[Seen], prefix: &str, caller: &str) -> Vec<Seen> {
    let mut chain: Vec<Seen> = Vec::new();
    for (service, name) in CHAIN {
        let (name, whole) = (name.replace("{prefix}", prefix), chain.last().map_or(caller, |span| &span.id));
        let next = seen.iter().find(|s| s.parent == whole && s.service == service && s.name == name);
        let Some(next) = next.cloned() else { break };
        chain.push(next);
    }
    chain
}

fn register(system: &System, shipment: &str) -> Result<(), String> {
    let body = json!({
        "shipment_id": shipment, "customer_id": "shop-7", "sender": { "name": "Lamp Shop" },
        "recipient": { "name": "Ada Example" }, "destination": { "city": "Ulm", "country": "DE" }, "weight_grams": 800,
    });
    let request = system.http.post(system.at_gateway("/api/v1/shipments"));
    let answer = request.header("idempotency-key", format!("of-{shipment}")).json(&body).send().unwrap();
    if answer.status().is_success() { Ok(()) } else { Err(answer.text().unwrap()) }
}

/// Its command's id.
fn scan(system: &System, shipment: &str, status: &str, traceparent: &str) -> String {
    static SECOND: AtomicU32 = AtomicU32::new(10);
    let second = SECOND.fetch_add(1, Ordering::Relaxed);
    let body = json!({
        "time": format!("2026-03-02T08:15:{second}+01:00"), "status": status, "carrier": "dhl", "tracking_number": "RR123456785DE",
        "place": { "city": "Hamburg", "country": "DE" },
    });
    let request = system.http.post(system.at_gateway(&format!("/api/v1/shipments/{shipment}/scans")));
    let answer = request.header("traceparent", traceparent).json(&body).send().unwrap();
    assert_eq!(answer.status(), 201);
    answer.json::<Value>().unwrap()["command_id"].as_str().unwrap().to_owned()
}

/// Reads live updates until one has this version.
fn await_version(updates: &mut BufReader<Response>, version: i64) {
    let wanted = format!("id: {version}");
    let mut line = String::new();
    while line.trim_end() != wanted {
        line.clear();
        assert!(updates.read_line(&mut line).unwrap() > 0, "the stream ended before version {version}");
    }
}
