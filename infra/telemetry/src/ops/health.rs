//! Whether the process lives, has started, and is ready.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::readiness::{ConditionState, Readiness};
use crate::restores::Restoring;
use crate::{restores, watchdog};

#[derive(Serialize)]
struct Standing {
    ready: bool,
    started: bool,
    conditions: BTreeMap<&'static str, ConditionState>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    restoring: Vec<Restoring>,
}

impl Standing {
    fn of(readiness: &Readiness) -> Self {
        let conditions = readiness.conditions();
        let ready = conditions.values().all(|condition| condition.ready);
        Self { ready, started: readiness.has_started(), conditions, restoring: restores::all() }
    }
}

/// Whether the process is sane: that it answers at all, and that no thread hangs. Not whether what it needs is there.
pub(super) async fn live() -> Response {
    let health = watchdog::health();
    answer(health.live, &health)
}

/// Whether it takes work, with what stands in the way.
pub(super) async fn ready(State(readiness): State<Readiness>) -> Response {
    let standing = Standing::of(&readiness);
    answer(standing.ready, &standing)
}

/// Whether it was ready once, with what it waits for until then.
pub(super) async fn started(State(readiness): State<Readiness>) -> Response {
    let standing = Standing::of(&readiness);
    answer(standing.started, &standing)
}

fn answer(good: bool, said: &impl Serialize) -> Response {
    let status = if good { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::CACHE_CONTROL, "no-store")], Json(said)).into_response()
}
