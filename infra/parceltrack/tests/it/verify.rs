//! `parceltrack verify`, beside a system at work: what it prints, and its exit codes.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::system::System;

/// Exit code, findings and summary.
fn verified(system: &System, args: &[&str]) -> (i32, Vec<Value>, Value) {
    let output = system.parceltrack(&[&["verify", "--json"], args].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let summary = lines.pop().unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(summary["type"], "summary");
    assert!(lines.iter().all(|line| line["type"] == "finding"));
    (output.status.code().unwrap(), lines, summary)
}

#[test]
fn a_system_at_work_is_verified_and_what_is_amiss_is_named() {
    let mut system = System::start();
    let simulated =
        system.parceltrack(&["simulate", "--shipments", "200", "--rate", "0", "--seed", "5", "--json"]);
    assert!(simulated.status.success(), "{}", String::from_utf8_lossy(&simulated.stderr));
    // Beside a load, and whatever the projector has still before it.
    let mut load = system.command(&["simulate", "--shipments", "300", "--rate", "300", "--seed", "6"]);
    let mut load = load.stdout(std::process::Stdio::null()).spawn().unwrap();
    let (code, findings, summary) = verified(&system, &[]);
    assert_eq!((code, findings.len()), (0, 0), "{findings:#?} {summary:#}");
    assert!(summary["shipments"].as_u64().unwrap() >= 200, "{summary:#}");
    assert!(load.wait().unwrap().success());

    let deadline = Instant::now() + Duration::from_mins(1);
    let summary = loop {
        let (code, findings, summary) = verified(&system, &[]);
        assert_eq!((code, findings.len()), (0, 0), "{findings:#?} {summary:#}");
        if summary["lag"]["events"] == 0 {
            break summary;
        }
        assert!(Instant::now() < deadline, "{summary:#}");
    };
    assert_eq!(summary["shipments"], 500);
    for counted in ["snapshots", "rows"] {
        assert_eq!(summary[counted], summary["shipments"], "{counted} in {summary:#}");
    }
    assert_eq!(summary["event_rows"], summary["events"]);
    assert_eq!(summary["entries"]["status"], 500);
    assert_eq!(summary["dead_letters"], json!({ "waiting": 0, "by_reason": {} }));

    let id = system.events()[0]["event"]["shipment_id"].as_str().unwrap().to_owned();
    let (code, _, one) = verified(&system, &["--shipment", &id]);
    assert_eq!((code, &one["shipments"], &one["clean"]), (0, &json!(1), &json!(true)));

    // Other secrets than the projector's: the telephones' hashes are others, so rows and lists must seem wrong.
    let key = std::fs::read(system.phone_key_file()).unwrap();
    std::fs::write(system.phone_key_file(), "another key than the projector has").unwrap();
    let (code, findings, summary) = verified(&system, &[]);
    std::fs::write(system.phone_key_file(), key).unwrap();
    assert_eq!((code, summary["clean"].as_bool()), (1, Some(false)));
    assert!(findings.iter().any(|f| f["kind"] == "row-differs"), "{summary:#}");
    assert!(findings.iter().all(|f| f["shipment_id"].is_string() && f["repaired"] == false));
    let text = system.parceltrack(&["verify", "--limit", "2", "--shipment", &id]);
    assert!(String::from_utf8_lossy(&text.stdout).contains("verified … nothing amiss"), "{text:?}");

    let unknown = system.parceltrack(&["verify", "--shipment", "0190a5b2-0000-7000-8000-0000000000ab"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("there is nothing of shipment"), "{unknown:?}");
    let away = system.parceltrack(&["verify", "--json", "--set", "cql.nodes=127.0.0.1:1"]);
    assert_eq!((away.status.code(), away.stdout.len()), (Some(2), 0), "{away:?}");
    system.kill("projector");
}
