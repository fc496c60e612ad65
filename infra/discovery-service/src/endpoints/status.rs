//! `PUT` and `DELETE /api/v1/services/{service}/{instance}/status`: takes an instance out of rotation, and puts it back.

use std::sync::Arc;

use auth::Principal;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use http_api::{JsonBody, PathParams, Problem};
use serde::Deserialize;
use service_registry::{InstanceId, InstanceName, Override, Record, ServiceName, Status};

use super::not_found;
use crate::state::Api;
use crate::view::InstanceView;

/// Characters of a reason at most: a sentence, not a report.
const LONGEST_REASON: usize = 500;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TakeOut {
    status: Status,
    #[serde(default)]
    reason: String,
}

pub(super) async fn take_out(
    State(api): State<Arc<Api>>,
    principal: Principal,
    PathParams((service, instance)): PathParams<(ServiceName, InstanceName)>,
    JsonBody(asked): JsonBody<TakeOut>,
) -> Result<Response, Problem> {
    if asked.status != Status::OutOfService {
        let said = "the status must be OUT_OF_SERVICE; DELETE puts the instance back";
        return Err(Problem::invalid_field("/status", said));
    }
    if asked.reason.chars().count() > LONGEST_REASON {
        let said = format!("a reason may have {LONGEST_REASON} characters");
        return Err(Problem::invalid_field("/reason", said));
    }
    let id = InstanceId { service, instance };
    api.instance(&id)?;
    let taken_out =
        Override { status: asked.status, reason: asked.reason, set_at: Utc::now().timestamp_millis() };
    api.overrule(&principal, &Record::TakenOut(id.clone(), taken_out)).await?;
    tracing::info!(instance = %id, "taken out of rotation");
    Ok(Json(InstanceView::of(&api.instance(&id)?)).into_response())
}

/// An instance that is away can be put back too: its override waits for it.
pub(super) async fn put_back(
    State(api): State<Arc<Api>>,
    principal: Principal,
    PathParams((service, instance)): PathParams<(ServiceName, InstanceName)>,
) -> Result<StatusCode, Problem> {
    let id = InstanceId { service, instance };
    let directory = api.directory()?;
    // Written also where this copy has no override: another service may just have written one.
    if directory.taken_out(&id).is_none() && directory.instance(&id).is_none() {
        return Err(not_found("there is no such instance"));
    }
    api.overrule(&principal, &Record::PutBack(id.clone())).await?;
    tracing::info!(instance = %id, "put back into rotation");
    Ok(StatusCode::NO_CONTENT)
}
