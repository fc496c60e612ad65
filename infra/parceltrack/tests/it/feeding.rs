//! Real scan histories through the whole pipeline.

use serde_json::Value;

use crate::system::System;

const SAMPLE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../producers/carrier-feed/samples/carrier-scans.jsonl");

#[test]
fn feeding_twice_equals_feeding_once() {
    let system = System::start();
    let once = system.json(&["feed", "--json", SAMPLE]);
    assert_eq!(once["histories"], 246);
    assert_eq!(once["unread_scans"], 0);
    let accepted = once["registrations"]["accepted"].as_u64().unwrap()
        + once["scan_commands"]["accepted"].as_u64().unwrap();
    let events = system.events();
    assert_eq!(events.len() as u64, accepted, "each accepted command has exactly one event");

    let twice = system.json(&["feed", "--json", SAMPLE]);
    assert_eq!(twice["registrations"]["accepted"], 0);
    assert_eq!(twice["scan_commands"]["accepted"], 0);
    assert_eq!(system.events(), events);

    // The parcel that the feed shows off is delivered, and everybody may know; who signed for it nobody.
    let number = once["example"]["tracking_number"].as_str().unwrap();
    let parcel = system.get_until(&format!("/api/v1/tracking/{number}"), |status, body| {
        status == 200 && body["status"] == "delivered"
    });
    assert!(parcel["events"].as_array().unwrap().len() > 5);
    for personal in ["sender", "recipient", "signed_by", "phone", "customer_id", "raw_text"] {
        assert!(!parcel.to_string().contains(personal), "{personal} in {parcel}");
    }
}

#[test]
fn a_bad_line_is_told_kept_and_does_not_stop_the_rest() {
    let system = System::start();
    let dir = tempfile::tempdir().unwrap();
    let (file, rejects) = (dir.path().join("scans.jsonl"), dir.path().join("rejects.txt"));
    let good = std::fs::read_to_string(SAMPLE).unwrap().lines().next().unwrap().to_owned();
    std::fs::write(&file, format!("not json\n{good}\n{{\"carrier\":5}}\n")).unwrap();
    let args = ["feed", "--json", "--rejects", rejects.to_str().unwrap(), file.to_str().unwrap()];
    let output = system.parceltrack(&args);
    assert!(!output.status.success(), "not everything was taken, and a script must see it");
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&summary["histories"], &summary["bad_lines"]), (&Value::from(1), &Value::from(2)));
    assert!(std::fs::read_to_string(&rejects).unwrap().contains("not json"));
}
