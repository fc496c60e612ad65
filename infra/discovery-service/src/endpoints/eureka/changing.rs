//! Overrides and metadata.

use std::collections::BTreeMap;
use std::sync::Arc;

use auth::Principal;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::Utc;
use http_api::{PathParams, Problem, QueryParams};
use serde::Deserialize;
use service_registry::{Override, Record, Status};

use super::{find, not_ours};
use crate::eureka::PREFIX;
use crate::state::Api;

#[derive(Debug, Deserialize)]
pub(super) struct Value {
    value: Status,
}

/// `UP` ends an override: an instance knows best when it is up.
pub(super) async fn set_status(
    State(api): State<Arc<Api>>,
    principal: Principal,
    PathParams((app, id)): PathParams<(String, String)>,
    QueryParams(Value { value: status }): QueryParams<Value>,
) -> Result<StatusCode, Problem> {
    not_ours(&app)?;
    let id = find(&api, &app, &id)?.id();
    let record = match status {
        Status::Up => Record::PutBack(id),
        status => {
            let set_at = Utc::now().timestamp_millis();
            Record::TakenOut(id, Override { status, reason: "by Eureka's API".to_owned(), set_at })
        }
    };
    api.overrule(&principal, &record).await?;
    Ok(StatusCode::OK)
}

pub(super) async fn put_back(
    State(api): State<Arc<Api>>,
    principal: Principal,
    PathParams((app, id)): PathParams<(String, String)>,
) -> Result<StatusCode, Problem> {
    not_ours(&app)?;
    let id = find(&api, &app, &id)?.id();
    api.overrule(&principal, &Record::PutBack(id)).await?;
    Ok(StatusCode::OK)
}

pub(super) async fn set_metadata(
    State(api): State<Arc<Api>>,
    principal: Principal,
    PathParams((app, id)): PathParams<(String, String)>,
    QueryParams(told): QueryParams<BTreeMap<String, String>>,
) -> Result<StatusCode, Problem> {
    not_ours(&app)?;
    let mut lease = (*find(&api, &app, &id)?.lease).clone();
    if let Some(name) = told.keys().find(|name| name.starts_with(PREFIX)) {
        return Err(Problem::invalid_parameter(
            name,
            format!("names that begin with {PREFIX} are the registry's own"),
        ));
    }
    lease.metadata.extend(told);
    lease.check().map_err(|error| Problem::invalid_parameter("metadata", error.to_string()))?;
    api.overrule(&principal, &Record::Lease(lease)).await?;
    Ok(StatusCode::OK)
}
