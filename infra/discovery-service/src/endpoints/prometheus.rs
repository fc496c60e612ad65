//! `GET /prometheus/targets`: where Prometheus finds metrics, in the form of its HTTP service discovery
//! (<https://prometheus.io/docs/prometheus/latest/http_sd/>).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http_api::Problem;
use live_config::is_ours;
use serde::Serialize;
use service_registry::{Instance, Scheme, metadata};

use crate::state::Api;

/// One entry of the list.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Target {
    targets: [String; 1],
    labels: BTreeMap<&'static str, String>,
}

/// Every instance, whatever its status: one that starts, or says that it can't serve, is watched most of all. But one of somebody
/// else's services only if it says where its metrics are: it may have none.
pub(super) async fn targets(State(api): State<Arc<Api>>) -> Result<Json<Vec<Target>>, Problem> {
    let instances = api.directory()?.all();
    Ok(Json(instances.iter().filter(|instance| has_metrics(instance)).map(target).collect()))
}

fn has_metrics(instance: &Instance) -> bool {
    is_ours(instance.lease.service.as_str()) || instance.metadata(metadata::METRICS_PATH).is_some()
}

/// Labels that never change while an instance lives, but for its version: each other value is another series.
fn target(instance: &Instance) -> Target {
    let lease = &instance.lease;
    // Where metrics have an address of their own, they are in plain HTTP, as our roles serve them.
    let (address, scheme) = match instance.metadata(metadata::OPS) {
        Some(ops) => (ops.to_owned(), Scheme::Http),
        None => (lease.address.to_string(), lease.scheme),
    };
    let path = instance.metadata(metadata::METRICS_PATH).unwrap_or("/metrics");
    let mut labels = BTreeMap::from([
        ("__metrics_path__", path.to_owned()),
        ("__scheme__", scheme.as_str().to_owned()),
        ("service", lease.service.to_string()),
        ("instance", lease.instance.to_string()),
    ]);
    for name in [metadata::ZONE, metadata::VERSION] {
        if let Some(value) = instance.metadata(name) {
            labels.insert(name, value.to_owned());
        }
    }
    Target { targets: [address], labels }
}
