//! `GET /api/v1/config-instances`: the version that each instance of ours runs on; with `version` it waits until all have it.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http_api::{Problem, QueryParams};
use live_config::is_ours;
use serde::{Deserialize, Serialize};
use serde_json::json;
use service_registry::{Instance, metadata};

use crate::state::{Api, RETRY_AFTER};

/// How long a caller may wait, and does if it says nothing.
const LONGEST_WAIT_MS: u64 = 60_000;
const USUAL_WAIT_MS: u64 = 10_000;

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Terms {
    version: Option<u64>,
    wait_ms: Option<u64>,
}

/// An instance, and how far it is.
#[derive(Debug, Serialize)]
struct RunsOn {
    service: String,
    instance: String,
    status: &'static str,
    /// None while it hasn't said.
    version: Option<u64>,
}

pub(super) async fn get(
    State(api): State<Arc<Api>>,
    QueryParams(terms): QueryParams<Terms>,
) -> Result<Response, Problem> {
    let wait = Duration::from_millis(terms.wait_ms.unwrap_or(USUAL_WAIT_MS));
    if wait > Duration::from_millis(LONGEST_WAIT_MS) {
        return Err(Problem::invalid_parameter(
            "wait_ms",
            format!("at most {LONGEST_WAIT_MS} ms can be waited"),
        ));
    }
    if !api.directory.is_read() {
        return Err(Problem::unavailable("the registry has not been read to its end yet", RETRY_AFTER));
    }
    let wanted = terms.version.unwrap_or_default();
    let all_have_it = async {
        let mut changes = api.directory.watch();
        while !instances(&api).iter().all(|instance| instance.version >= Some(wanted)) {
            if changes.changed().await.is_err() {
                return;
            }
        }
    };
    let acknowledged = tokio::select! {
        () = all_have_it => true,
        () = tokio::time::sleep(wait) => false,
        () = api.stop.cancelled() => false,
    };
    let body = json!({ "version": wanted, "acknowledged": acknowledged, "instances": instances(&api) });
    Ok(Json(body).into_response())
}

/// Those that are there, whatever their status: one that starts runs on some version, too.
fn instances(api: &Api) -> Vec<RunsOn> {
    let ours = |instance: &Instance| is_ours(instance.lease.service.as_str());
    api.directory.all().into_iter().filter(ours).map(|instance| runs_on(&instance)).collect()
}

fn runs_on(instance: &Instance) -> RunsOn {
    RunsOn {
        service: instance.lease.service.to_string(),
        instance: instance.lease.instance.to_string(),
        status: instance.status().as_str(),
        version: instance.metadata(metadata::CONFIG_OFFSET).and_then(|version| version.parse().ok()),
    }
}
