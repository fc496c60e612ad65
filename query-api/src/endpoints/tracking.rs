//! `/api/v1/tracking`: what everybody may see.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_api::{EntityTag, PathParams, Problem, not_modified};
use shipment_events::ShipmentId;
use tracking_view::ShipmentRow;
use view_store::{Detail, ListQuery};

use super::not_found;
use crate::error::failed_read;
use crate::state::Api;
use crate::view::TrackingView;

/// The longest tracking number that is looked up.
const LONGEST: usize = 64;

pub(super) async fn get(
    State(api): State<Api>,
    PathParams(number): PathParams<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let row = find(&api, &number).await?;
    let tag = EntityTag::of_version(row.version.get().cast_unsigned());
    if not_modified(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag.header())]).into_response());
    }
    let history = api.history(row.shipment_id).await?;
    let view = TrackingView::new(&row, &history).ok_or_else(unknown)?;
    Ok(([(header::ETAG, tag.header())], Json(view)).into_response())
}

/// The shipment with this id; else, of those with this tracking number, the one registered last.
async fn find(api: &Api, number: &str) -> Result<ShipmentRow, Problem> {
    if number.is_empty() || number.len() > LONGEST {
        return Err(Problem::invalid_parameter("number", format!("a number has 1 to {LONGEST} characters")));
    }
    let failed = |error| failed_read(&error);
    let found = match number.parse::<ShipmentId>() {
        Ok(id) => api.reader.shipment(id, Detail::Public).await.map_err(failed)?,
        Err(_) => {
            let query = ListQuery::TrackingNumber(number.to_owned());
            let page = api.reader.list(&query, 1, None, Detail::Public).await.map_err(failed)?;
            page.rows.into_iter().next()
        }
    };
    found.filter(|row| row.registered_at.is_some()).ok_or_else(unknown)
}

fn unknown() -> Problem {
    not_found("no parcel has this number; it may take a moment until a new one shows")
}
