//! Requests that only say why: cancellation and archive.

use axum::extract::State;
use axum::response::Response;
use http_api::{OptionalJsonBody, PathParams, Problem};
use shipment_events::ShipmentId;

use super::{Id, execute};
use crate::app::App;
use crate::body::ReasonBody;
use crate::terms::Terms;

/// `POST /api/v1/shipments/{id}/cancellation`
pub(super) async fn cancel(
    State(app): State<App>,
    PathParams(id): Id,
    terms: Terms,
    OptionalJsonBody(body): OptionalJsonBody<ReasonBody>,
) -> Result<Response, Problem> {
    execute(&app, &terms, Some(ShipmentId::new(id)), body.cancellation()).await
}

/// `POST /api/v1/shipments/{id}/archive`
pub(super) async fn archive(
    State(app): State<App>,
    PathParams(id): Id,
    terms: Terms,
    OptionalJsonBody(body): OptionalJsonBody<ReasonBody>,
) -> Result<Response, Problem> {
    execute(&app, &terms, Some(ShipmentId::new(id)), body.archival()).await
}
