//! What the shop says of a shipment: registration and amendment.

use axum::extract::State;
use axum::response::Response;
use http_api::{JsonBody, PathParams, Problem};
use shipment_events::ShipmentId;

use super::{Id, execute};
use crate::app::App;
use crate::body::{AmendBody, RegisterBody};
use crate::terms::Terms;

/// `POST /api/v1/shipments`
pub(super) async fn register(
    State(app): State<App>,
    terms: Terms,
    JsonBody(body): JsonBody<RegisterBody>,
) -> Result<Response, Problem> {
    execute(&app, &terms, None, body.wanted()).await
}

/// `PATCH /api/v1/shipments/{id}`
pub(super) async fn amend(
    State(app): State<App>,
    PathParams(id): Id,
    terms: Terms,
    JsonBody(body): JsonBody<AmendBody>,
) -> Result<Response, Problem> {
    execute(&app, &terms, Some(ShipmentId::new(id)), body.wanted()).await
}
