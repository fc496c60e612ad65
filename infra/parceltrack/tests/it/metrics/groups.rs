//! Every metric, by the part of the system that makes it, and which parts each role is made of.

use std::collections::BTreeSet;
use std::sync::{LazyLock, Mutex};

use telemetry::metrics::{BUILD_INFO, Described, described};

/// What a crate, or a part of one, exports.
#[derive(Clone)]
pub(super) struct Group {
    pub(super) name: &'static str,
    pub(super) metrics: Vec<Described>,
}

const OWN_LEASE: &str = "service-registry (own lease)";
const EVERY_ROLE: [&str; 4] = ["telemetry", "live-config", "event-log", OWN_LEASE];
const OPS: &str = "http-api";
const AUTH: &str = "auth";
const COPY: &str = "service-registry (copy)";

/// The roles, and the parts whose metrics each exports.
pub(super) static ROLES: LazyLock<Vec<(&'static str, Vec<&'static str>)>> = LazyLock::new(|| {
    let of = |role, parts: &[&'static str]| (role, [&EVERY_ROLE[..], parts].concat());
    vec![
        of("gateway", &[AUTH, COPY, "gateway"]),
        of("command-api", &[OPS, AUTH, "command-api"]),
        of("command-handler", &["command-handler"]),
        of("projector", &["view-store", "projector"]),
        of("query-api", &[OPS, AUTH, "view-store", "query-api"]),
        of("config-service", &[OPS, AUTH, COPY]),
        of("discovery-service", &[OPS, AUTH, COPY, "discovery-service"]),
        of("console", &[OPS, AUTH, COPY, "view-store", "console"]),
    ]
});

/// Each part, in the order of the page.
pub(super) fn groups() -> Vec<Group> {
    static MADE: Mutex<Vec<Group>> = Mutex::new(Vec::new());
    let mut made = MADE.lock().unwrap();
    if made.is_empty() {
        *made = make();
    }
    made.clone()
}

/// A part has the metrics with its crate's name in theirs; of a crate with two parts the second has what it adds.
fn make() -> Vec<Group> {
    let parts: [(&'static str, fn()); 15] = [
        ("telemetry", || {
            telemetry::metrics::show_build("0", "test");
            let _ = telemetry::ops_router::<()>(telemetry::Readiness::new());
        }),
        ("live-config", live_config::metrics::register),
        ("event-log", event_log::metrics::register),
        (OWN_LEASE, service_registry::metrics::of_registrar),
        (COPY, service_registry::metrics::of_directory),
        (OPS, http_api::metrics::register),
        (AUTH, auth::metrics::register),
        ("gateway", gateway::metrics::register),
        ("command-api", command_api::metrics::register),
        ("command-handler", command_handler::metrics::register),
        ("projector", projector::metrics::register),
        ("view-store", view_store::metrics::register),
        ("query-api", query_api::metrics::register),
        ("discovery-service", discovery_service::metrics::register),
        ("console", console::metrics::register),
    ];
    let mut known = BTreeSet::new();
    let groups = parts.into_iter().map(|(name, register)| {
        register();
        let metrics = described().into_iter().filter(|metric| is_of(&metric.name, name));
        Group { name, metrics: metrics.filter(|metric| known.insert(metric.name.clone())).collect() }
    });
    groups.collect()
}

fn is_of(metric: &str, part: &str) -> bool {
    let of_all = metric.starts_with("process_") || metric == BUILD_INFO;
    metric.starts_with(&prefix(part)) || (part == "telemetry" && of_all)
}

/// What the names of a part's metrics begin with.
pub(super) fn prefix(part: &str) -> String {
    let name = part.split(' ').next().unwrap_or_default();
    format!("parceltrack_{}_", name.replace('-', "_"))
}
