//! What people look at: a real Prometheus finds the roles by the discovery service, and every panel of every dashboard has
//! something to show while the system is at work.

mod load;
mod prometheus;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use self::load::Load;
use self::prometheus::Prometheus;
use crate::system::{System, eventually};

const INFRA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// How long until the last panel shows something, builds beside the tests included. What clients tell of brokers comes every 5 s.
const PATIENCE: Duration = Duration::from_secs(45);

/// How long what happened at the start is seen by an alert: some look back for a minute or two.
const PASSES: Duration = Duration::from_secs(150);

/// Metrics of alerts that are not there as long as nothing is wrong, or nothing asks for them.
const NOT_YET: [(&str, &str); 3] = [
    ("parceltrack_gateway_certificate_expiry_timestamp_seconds", "this gateway has no certificate"),
    ("parceltrack_command_handler_restore_started_timestamp_seconds", "only while a partition restores"),
    ("prometheus_sd_http_failures_total", "Prometheus's own"),
];

/// One query of a panel.
struct Query {
    of: String,
    text: String,
}

#[test]
fn every_panel_shows_something_and_no_alert_fires() {
    if !Prometheus::is_installed() {
        eprintln!("NOT TESTED: no prometheus; `infra/scripts/prerequisites.sh test` installs it");
        assert!(std::env::var_os("CI").is_none(), "CI tests everything");
        return;
    }
    let mut system = System::prepare();
    system.ask_who_calls(Vec::new());
    system.run_all();
    let key = system.key(&["--name", "prometheus", "--role", "operator", "--expires", "90d"]);
    let prometheus = Prometheus::start(&system.discovery_url(), &key);
    let load = Load::start(&system);

    eventually("all roles are found, and show their metrics", || {
        prometheus.instances("up{job=\"parceltrack\"} == 1") == system.role_names().len()
    });
    let mut silent = queries(&system.role_names());
    assert!(silent.len() > 100, "{} queries", silent.len());
    let begun = Instant::now();
    while !silent.is_empty() && begun.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_secs(2));
        silent.retain(|query| !prometheus.shows(&query.text));
    }
    let silent: Vec<_> = silent.iter().map(|query| format!("{}: {}", query.of, query.text)).collect();
    assert!(silent.is_empty(), "no data:\n{}", silent.join("\n"));

    eventually("single requests lead to their traces", || {
        prometheus.has_exemplars("parceltrack_http_api_request_seconds_bucket")
    });
    prometheus.rules_are_well();
    let there = prometheus.names();
    let missing: Vec<_> = metrics_of_rules()
        .into_iter()
        .filter(|name| !there.contains(name) && !NOT_YET.iter().any(|(not_yet, _)| name == not_yet))
        .collect();
    assert!(missing.is_empty(), "alerts look at what isn't there: {missing:?}");
    assert_eq!(prometheus.firing(), Vec::<String>::new());
    assert_eq!(lasting(&prometheus), BTreeSet::new());

    drop(load);
    // What counts as waiting must end, or a quiet system would look stuck.
    let waiting = "sum(parceltrack_command_handler_lag_records) + sum(parceltrack_projector_lag_records)";
    eventually("nothing waits once nobody asks", || prometheus.value(waiting) == Some(0.0));
}

/// The alerts that would fire if this went on: none of them has time to. What passes, as roles that came one after the other, is none
/// of them; nor is a budget, for which the first slow commands are a large share of few.
fn lasting(prometheus: &Prometheus) -> BTreeSet<String> {
    let begun = Instant::now();
    let mut lasting = prometheus.active();
    lasting.retain(|alert| !alert.contains("BudgetBurn"));
    while !lasting.is_empty() && begun.elapsed() < PASSES {
        std::thread::sleep(Duration::from_secs(2));
        let active = prometheus.active();
        lasting.retain(|alert| active.contains(alert));
    }
    lasting
}

/// Of every panel, with what can be picked picked: each role in turn, and all of its instances.
fn queries(roles: &[String]) -> Vec<Query> {
    let mut queries = Vec::new();
    for entry in std::fs::read_dir(Path::new(INFRA).join("grafana/dashboards")).unwrap() {
        let dashboard: Value =
            serde_json::from_slice(&std::fs::read(entry.unwrap().path()).unwrap()).unwrap();
        for panel in dashboard["panels"].as_array().unwrap() {
            for target in panel["targets"].as_array().into_iter().flatten() {
                let text = target["expr"].as_str().unwrap().replace("$__rate_interval", "10s");
                let picks = text.contains("$service");
                for role in roles.iter().take(if picks { roles.len() } else { 1 }) {
                    let text = text.replace("$service", role).replace("$instance", ".+");
                    assert!(!text.contains('$'), "{text}");
                    let of = format!("{}, {}", dashboard["title"], panel["title"]);
                    queries.push(Query { of, text });
                }
            }
        }
    }
    queries
}

fn metrics_of_rules() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(Path::new(INFRA).join("prometheus/rules")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'));
        let ours = words.filter(|word| word.starts_with("parceltrack_") || word.starts_with("prometheus_"));
        names.extend(ours.map(str::to_owned));
    }
    assert!(names.len() > 10, "{names:?}");
    names
}
