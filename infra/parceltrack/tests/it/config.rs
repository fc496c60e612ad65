//! The config topic, as whoever runs a system meets it: set at a terminal, in force in every process.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::system::{System, eventually};

#[test]
fn what_is_set_at_a_terminal_is_in_force_everywhere_without_a_restart() {
    let system = System::start();
    let config = |args: &[&str]| system.json(&[&["config", "--json"], args].concat());
    let nobody = "/api/v1/shipments/00000000-0000-7000-8000-000000000001?min_version=1";
    let set = config(&["set", "query_api.min_version_wait_ms=150", "--reason", "a test"]);
    assert_eq!((&set["value"], &set["reason"]), (&Value::from(150), &Value::from("a test")));

    // 5,000 ms before.
    eventually("a read no longer waits for long", || {
        let begun = Instant::now();
        let (status, _) = system.get(nobody);
        status == 503 && begun.elapsed() < Duration::from_secs(2)
    });
    let version = set["version"].as_f64().unwrap();
    for role in
        ["command-handler", "projector", "command-api", "query-api", "config-service", "discovery-service"]
    {
        eventually(role, || system.metric(role, "parceltrack_live_config_version") >= version);
        assert!(system.metric(role, "parceltrack_live_config_restart_needed_keys") < 0.5, "{role}");
    }

    let set = config(&["set", "query_api.max_in_flight=7", "--application", "query-api"]);
    let needs = || system.metric("query-api", "parceltrack_live_config_restart_needed_keys") > 0.5;
    eventually("what can't change live waits for a restart, and says so", needs);
    let refused = system.parceltrack(&["config", "set", "query_api.max_in_flight=0"]);
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("from 1 to"), "{said}");

    let before = (set["version"].as_u64().unwrap() - 1).to_string();
    let back = config(&["rollback", "--to", &before, "--application", "query-api"]);
    assert_eq!(back["changed"], 1, "{back}");
    eventually("and is as before again", || !needs());
    let history = config(&["history", "--application", "query-api"]);
    assert_eq!(history["changes"].as_array().unwrap().len(), 2, "{history}");
}

#[test]
fn the_log_level_follows_and_a_role_starts_without_kafka_on_its_last_copy() {
    let mut system = System::start();
    assert!(!system.log("query-api").contains("DEBUG"));
    system.json(&["config", "--json", "set", "log.level=debug", "--application", "query-api"]);
    eventually("the log says more", || {
        system.get("/api/v1/shipments?limit=1");
        system.log("query-api").contains("DEBUG")
    });
    system.json(&["config", "--json", "set", "query_api.max_in_flight=7", "--application", "query-api"]);
    eventually("it is copied", || {
        system.metric("query-api", "parceltrack_live_config_restart_needed_keys") > 0.5
    });

    system.kill("query-api");
    system.spawn_role_with(
        "query-api",
        &["--set", "kafka.bootstrap=127.0.0.1:1", "--set", "config.patience_ms=300"],
    );
    eventually("it says what it runs on", || {
        system.log("query-api").contains("starting on the last copy of it")
    });
    eventually("it answers", || system.metric("query-api", "parceltrack_live_config_from_copy") > 0.5);
}
