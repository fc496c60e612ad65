//! `GET /api/v1/shipments/{id}`.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_api::{EntityTag, PathParams, Problem, not_modified};
use shipment_events::ShipmentId;
use view_store::Detail;

use super::not_found;
use crate::error::failed_read;
use crate::state::Api;
use crate::view::ShipmentView;

pub(super) async fn get(
    State(api): State<Api>,
    PathParams(id): PathParams<ShipmentId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let row = api.reader.shipment(id, Detail::Full).await.map_err(|error| failed_read(&error))?;
    let version = row.as_ref().map_or(0, |row| row.version.get());
    let view = row
        .and_then(ShipmentView::of_row)
        .ok_or_else(|| not_found("no shipment with this id is registered"))?;
    let tag = EntityTag::of_version(version.cast_unsigned());
    if not_modified(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag.header())]).into_response());
    }
    Ok(([(header::ETAG, tag.header())], Json(view)).into_response())
}
