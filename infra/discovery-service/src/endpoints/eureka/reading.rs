//! What clients fetch.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http_api::{PathParams, Problem};
use serde_json::json;
use service_registry::Instance;

use super::accept::TakesJson;
use super::find;
use crate::endpoints::not_found;
use crate::eureka::{Action, Application, Applications, Shown};
use crate::state::Api;

pub(super) async fn all(_: TakesJson, State(api): State<Arc<Api>>) -> Result<Response, Problem> {
    Ok(Json(Applications::of(&api.directory()?.all())).into_response())
}

/// What changed in the last three minutes, with the hash code of everything.
pub(super) async fn delta(_: TakesJson, State(api): State<Arc<Api>>) -> Result<Response, Problem> {
    let directory = api.directory()?;
    // In this order: a change that comes between the two is in the hash code and not in the list, and the client fetches
    // everything; the other way round it would believe in what is over.
    let changed = api.recent.latest();
    Ok(Json(Applications::delta(&directory.all(), changed)).into_response())
}

pub(super) async fn application(
    _: TakesJson,
    State(api): State<Arc<Api>>,
    PathParams(app): PathParams<String>,
) -> Result<Response, Problem> {
    let of = |instance: &Instance| instance.lease.service.as_str().eq_ignore_ascii_case(&app);
    let instances = api.directory()?.all().into_iter().filter(of).map(|instance| (Action::Added, instance));
    let application = Application::all_of(instances.collect()).into_iter().next();
    let application = application.ok_or_else(|| not_found("no such application is registered"))?;
    Ok(Json(json!({ "application": application })).into_response())
}

pub(super) async fn instance(
    _: TakesJson,
    State(api): State<Arc<Api>>,
    PathParams((app, id)): PathParams<(String, String)>,
) -> Result<Response, Problem> {
    Ok(shown(&find(&api, &app, &id)?))
}

pub(super) async fn instance_by_id(
    _: TakesJson,
    State(api): State<Arc<Api>>,
    PathParams(id): PathParams<String>,
) -> Result<Response, Problem> {
    let found = api.directory()?.all().into_iter().find(|instance| instance.lease.instance.as_str() == id);
    Ok(shown(&found.ok_or_else(|| not_found("no such instance is registered"))?))
}

pub(super) async fn vip(
    _: TakesJson,
    State(api): State<Arc<Api>>,
    PathParams(vip): PathParams<String>,
) -> Result<Response, Problem> {
    at_vip(&api, &vip, false)
}

pub(super) async fn secure_vip(
    _: TakesJson,
    State(api): State<Arc<Api>>,
    PathParams(vip): PathParams<String>,
) -> Result<Response, Problem> {
    at_vip(&api, &vip, true)
}

fn at_vip(api: &Api, vip: &str, secure: bool) -> Result<Response, Problem> {
    let is_at = |instance: &Instance| Shown::of(instance, Action::Added).is_at(vip, secure);
    let instances: Vec<Instance> = api.directory()?.all().into_iter().filter(is_at).collect();
    if instances.is_empty() {
        return Err(not_found("no instance has this virtual address"));
    }
    Ok(Json(Applications::of(&instances)).into_response())
}

fn shown(instance: &Instance) -> Response {
    Json(json!({ "instance": Shown::of(instance, Action::Added) })).into_response()
}
