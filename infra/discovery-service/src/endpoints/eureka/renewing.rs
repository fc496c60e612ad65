//! Registering, renewing and cancelling.

use std::sync::Arc;

use auth::Principal;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::Utc;
use http_api::{JsonBody, PathParams, Problem, QueryParams};
use serde::Deserialize;
use service_registry::{Lease, Record};

use super::{find, not_ours};
use crate::endpoints::not_found;
use crate::eureka::{Asked, Details};
use crate::state::{Api, RETRY_AFTER};

/// Instances that clients may register in all: each is kept in memory by everybody who follows the registry.
const MOST_INSTANCES: usize = 10_000;

/// 204, as Eureka answers it.
pub(super) async fn register(
    State(api): State<Arc<Api>>,
    principal: Principal,
    PathParams(app): PathParams<String>,
    JsonBody(asked): JsonBody<Asked>,
) -> Result<StatusCode, Problem> {
    not_ours(&app)?;
    let lease = asked.lease(&app, Utc::now().timestamp_millis())?;
    // Who registers again, because something changed, has not started again.
    let directory = api.directory()?;
    let known = directory.instance(&lease.id());
    if known.is_none() && directory.all().len() >= MOST_INSTANCES {
        return Err(Problem::unavailable(format!("{MOST_INSTANCES} instances are registered"), RETRY_AFTER));
    }
    let started_at = known.map_or(lease.started_at, |known| known.lease.started_at);
    api.overrule(&principal, &Record::Lease(Lease { started_at, ..lease })).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What comes with a renewal; the rest (`status`, `overriddenstatus`) is what the registration said.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Renewal {
    last_dirty_timestamp: Option<i64>,
}

/// A renewal is the lease written again. 404 makes the client register: when it isn't known, and when it has changed since
/// (`InstanceResource.validateDirtyTimestamp`).
pub(super) async fn renew(
    State(api): State<Arc<Api>>,
    PathParams((app, id)): PathParams<(String, String)>,
    QueryParams(renewal): QueryParams<Renewal>,
) -> Result<StatusCode, Problem> {
    not_ours(&app)?;
    let instance = find(&api, &app, &id)?;
    let known = Details::of(&instance.lease).last_dirty_timestamp;
    if renewal.last_dirty_timestamp.is_some_and(|told| told > known) {
        return Err(not_found("the instance has changed since it registered; register it again"));
    }
    api.write(&Record::Lease((*instance.lease).clone())).await?;
    Ok(StatusCode::OK)
}

pub(super) async fn cancel(
    State(api): State<Arc<Api>>,
    principal: Principal,
    PathParams((app, id)): PathParams<(String, String)>,
) -> Result<StatusCode, Problem> {
    not_ours(&app)?;
    let instance = find(&api, &app, &id)?;
    api.overrule(&principal, &Record::Gone(instance.id())).await?;
    Ok(StatusCode::OK)
}
