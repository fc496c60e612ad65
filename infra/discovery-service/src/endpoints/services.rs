//! `GET /api/v1/services`, and by service and instance.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http_api::{PathParams, Problem};
use serde::Serialize;
use service_registry::{Instance, InstanceId, InstanceName, ServiceName};

use super::not_found;
use crate::state::Api;
use crate::view::InstanceView;

#[derive(Serialize)]
struct All<'a> {
    services: Vec<Service<'a>>,
    /// Whether so many fell silent at once that none is given up.
    protecting: bool,
    /// How long it is since the copy was known to be whole.
    silent_ms: u64,
}

#[derive(Serialize)]
struct Service<'a> {
    service: &'a ServiceName,
    instances: Vec<InstanceView<'a>>,
}

pub(super) async fn all(State(api): State<Arc<Api>>) -> Result<Response, Problem> {
    let directory = api.directory()?;
    let (instances, outlook) = (directory.all(), directory.outlook());
    let mut by_service: BTreeMap<&ServiceName, Vec<InstanceView<'_>>> = BTreeMap::new();
    for instance in &instances {
        by_service.entry(&instance.lease.service).or_default().push(InstanceView::of(instance));
    }
    let services = by_service.into_iter().map(|(service, instances)| Service { service, instances });
    let silent_ms = outlook.silent_for.map_or(0, |silent| silent.as_millis() as u64);
    Ok(Json(All { services: services.collect(), protecting: outlook.protecting, silent_ms }).into_response())
}

pub(super) async fn of_one(
    State(api): State<Arc<Api>>,
    PathParams(service): PathParams<ServiceName>,
) -> Result<Response, Problem> {
    let of = |instance: &Instance| instance.lease.service == service;
    let instances: Vec<Instance> = api.directory()?.all().into_iter().filter(of).collect();
    if instances.is_empty() {
        return Err(not_found("no instance of this service is registered"));
    }
    let instances = instances.iter().map(InstanceView::of).collect();
    Ok(Json(Service { service: &service, instances }).into_response())
}

pub(super) async fn instance(
    State(api): State<Arc<Api>>,
    PathParams((service, instance)): PathParams<(ServiceName, InstanceName)>,
) -> Result<Response, Problem> {
    let instance = api.instance(&InstanceId { service, instance })?;
    Ok(Json(InstanceView::of(&instance)).into_response())
}
