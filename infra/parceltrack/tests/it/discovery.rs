//! Who runs where, as whoever runs a system meets it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::system::{System, eventually};

const ROLES: [&str; 8] = [
    "command-api",
    "command-handler",
    "config-service",
    "console",
    "discovery-service",
    "gateway",
    "projector",
    "query-api",
];

/// As the page on discovery promises it.
const OUT_WITHIN: Duration = Duration::from_secs(10);

#[test]
fn every_role_is_found_and_one_that_is_killed_is_out_in_time() {
    let mut system = System::start();
    eventually("all are up", || {
        statuses(&system).values().filter(|status| *status == "UP").count() == ROLES.len()
    });
    assert_eq!(statuses(&system).keys().map(String::as_str).collect::<Vec<_>>(), ROLES);
    let projector = instance(&system, "projector");
    let owned = || instance(&system, "projector")["metadata"]["partitions"].clone();
    eventually("it says which partitions it owns", || owned() == "0,1,2,3,4,5");
    assert_eq!(projector["metadata"]["version"], env!("CARGO_PKG_VERSION"));

    let targets = system.discovery_get("/prometheus/targets");
    let services =
        targets.as_array().unwrap().iter().map(|target| target["labels"]["service"].as_str().unwrap());
    let mut services: Vec<_> = services.collect();
    services.sort_unstable();
    assert_eq!(services, ROLES, "{targets}");

    let name = instance(&system, "query-api")["instance"].as_str().unwrap().to_owned();
    let out = system.json(&["services", "--json", "take-out", "query-api", &name, "--reason", "a test"]);
    assert_eq!(
        (&out["status"], &out["reported_status"]),
        (&Value::from("OUT_OF_SERVICE"), &Value::from("UP"))
    );
    // Two heartbeats and more.
    std::thread::sleep(Duration::from_secs(6));
    assert_eq!(statuses(&system)["query-api"], "OUT_OF_SERVICE", "no heartbeat undoes it");
    system.json(&["services", "--json", "put-back", "query-api", &name]);
    eventually("it is back", || statuses(&system)["query-api"] == "UP");

    system.kill("query-api");
    let killed = Instant::now();
    eventually("it is out", || !statuses(&system).contains_key("query-api"));
    assert!(killed.elapsed() <= OUT_WITHIN, "{:?}", killed.elapsed());

    system.stop("command-api");
    let stopped = Instant::now();
    eventually("who leaves in good order is out at once", || !statuses(&system).contains_key("command-api"));
    assert!(stopped.elapsed() < Duration::from_secs(3), "{:?}", stopped.elapsed());
}

fn statuses(system: &System) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    all(system).iter().map(|instance| (text(&instance["service"]), text(&instance["status"]))).collect()
}

fn instance(system: &System, service: &str) -> Value {
    all(system).into_iter().find(|instance| instance["service"] == service).expect("it is there")
}

fn all(system: &System) -> Vec<Value> {
    let services = system.discovery_get("/api/v1/services");
    let services = services["services"].as_array().cloned().unwrap_or_default();
    services.iter().flat_map(|service| service["instances"].as_array().cloned().unwrap_or_default()).collect()
}
