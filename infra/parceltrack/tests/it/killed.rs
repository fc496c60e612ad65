//! kill -9 in the middle of a load, held against a ledger of every request and answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::system::System;

/// Writers, each with shipments of its own.
const WRITERS: usize = 8;
/// Shipments of each writer, one after the other.
const SHIPMENTS: usize = 12;
/// Scans of each shipment.
const SCANS: usize = 4;

/// What was asked and what was answered.
#[derive(Default)]
struct Ledger {
    /// Shipment, and the commands that were accepted for it.
    accepted: BTreeMap<String, BTreeSet<String>>,
}

#[test]
fn killing_handler_and_projector_loses_nothing_and_doubles_nothing() {
    let mut system = System::start();
    let done = AtomicBool::new(false);
    let client = system.client();
    let api = &client;
    let ledger = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS).map(|w| scope.spawn(move || write(api, w))).collect();
        let finished = scope.spawn(|| {
            let ledgers: Vec<_> = writers.into_iter().map(|w| w.join().unwrap()).collect();
            done.store(true, Ordering::Release);
            ledgers
        });
        let mut kills = 0;
        while !done.load(Ordering::Acquire) {
            std::thread::sleep(Duration::from_millis(1500));
            for role in ["command-handler", "projector"] {
                system.kill(role);
                system.spawn_role(role);
            }
            kills += 1;
            // The handler's group session (10 s) has to pass before its partitions are given away anew.
            std::thread::sleep(Duration::from_secs(4));
        }
        assert!(kills > 0);
        let mut all = Ledger::default();
        for ledger in finished.join().unwrap() {
            all.accepted.extend(ledger.accepted);
        }
        all
    });
    check(&system, &ledger);
}

/// One client that retries under the same key until it is answered, and sometimes does so although it was.
fn write(system: &crate::system::Client, writer: usize) -> Ledger {
    let mut ledger = Ledger::default();
    for n in 0..SHIPMENTS {
        let key = |what: &str| format!("w{writer}-s{n}-{what}");
        let (status, answer) =
            system.post_until_answered("/api/v1/shipments", &key("register"), &registration(writer));
        assert_eq!(status, 201, "{answer}");
        let id = answer["shipment_id"].as_str().unwrap().to_owned();
        let commands = ledger.accepted.entry(id.clone()).or_default();
        commands.insert(answer["command_id"].as_str().unwrap().to_owned());
        for scan in 0..SCANS {
            let path = format!("/api/v1/shipments/{id}/scans");
            let (key, body) = (key(&format!("scan-{scan}")), a_scan(scan));
            let (status, first) = system.post_until_answered(&path, &key, &body);
            assert!(status == 200 || status == 201, "{status} {first}");
            commands.insert(first["command_id"].as_str().unwrap().to_owned());
            if scan % 2 == 0 {
                let (_, again) = system.post_until_answered(&path, &key, &body);
                assert_eq!(again["version"], first["version"], "the same key, the same answer");
            }
        }
    }
    ledger
}

fn check(system: &System, ledger: &Ledger) {
    let mut histories: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in system.events() {
        let event = line["event"].clone();
        histories.entry(event["shipment_id"].as_str().unwrap().to_owned()).or_default().push(event);
    }
    assert_eq!(histories.len(), WRITERS * SHIPMENTS);
    assert_eq!(histories.keys().collect::<Vec<_>>(), ledger.accepted.keys().collect::<Vec<_>>());
    for (id, accepted) in &ledger.accepted {
        let history = &histories[id];
        let sequences: Vec<_> = history.iter().map(|e| e["sequence"].as_i64().unwrap()).collect();
        let expected: Vec<_> = (1..=(SCANS as i64 + 1)).collect();
        assert_eq!(sequences, expected, "no gap and no repeat in {id}");
        let commands: BTreeSet<_> =
            history.iter().map(|e| e["command_id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(&commands, accepted, "each accepted command has exactly one event in {id}");

        let last = history.last().unwrap();
        let row = system.get_until(&format!("/api/v1/shipments/{id}"), |status, row| {
            status == 200 && row["version"] == last["sequence"]
        });
        assert_eq!((&row["status"], &row["status_since"]), (&last["status_after"], &last["status_since"]));
    }
}

fn registration(writer: usize) -> Value {
    json!({
        "customer_id": format!("customer-{writer}"),
        "sender": { "name": "A Shop", "phone": "+4930123456789" },
        "recipient": { "name": "A Person", "phone": "+4930987654321" },
        "destination": { "city": "Berlin", "country": "DE" },
        "weight_grams": 1200,
    })
}

fn a_scan(n: usize) -> Value {
    let status = ["picked_up", "in_transit", "out_for_delivery", "delivered"][n % 4];
    json!({ "time": format!("2026-11-0{}T10:00:00+01:00", n + 1), "status": status, "carrier": "test", "raw_code": format!("C{n}") })
}
