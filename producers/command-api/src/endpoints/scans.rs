//! Carriers' scans, and taking them back.

use axum::extract::State;
use axum::response::Response;
use http_api::{JsonBody, OptionalJsonBody, PathParams, Problem};
use shipment_events::{EventId, ShipmentId};
use uuid::Uuid;

use super::{Id, execute};
use crate::app::App;
use crate::body::{ReasonBody, ScanBody};
use crate::terms::Terms;

/// `POST /api/v1/shipments/{id}/scans`
pub(super) async fn record(
    State(app): State<App>,
    PathParams(id): Id,
    terms: Terms,
    JsonBody(body): JsonBody<ScanBody>,
) -> Result<Response, Problem> {
    execute(&app, &terms, Some(ShipmentId::new(id)), body.wanted()).await
}

/// `POST /api/v1/shipments/{id}/scans/{event_id}/retraction`
pub(super) async fn retract(
    State(app): State<App>,
    PathParams((id, event_id)): PathParams<(Uuid, Uuid)>,
    terms: Terms,
    OptionalJsonBody(body): OptionalJsonBody<ReasonBody>,
) -> Result<Response, Problem> {
    execute(&app, &terms, Some(ShipmentId::new(id)), body.retraction(EventId::new(event_id))).await
}
