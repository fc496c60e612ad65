//! `/api/v1/tracking`: what everybody may see.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};
use http_api::{EntityTag, JsonBody, PathParams, Problem, not_modified};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shipment_events::ShipmentId;
use tracking_view::ShipmentRow;
use view_store::{Detail, ListQuery};

use super::not_found;
use crate::error::failed_read;
use crate::state::Api;
use crate::view::TrackingView;

/// The longest tracking number that is looked up.
const LONGEST: usize = 64;
/// How many numbers one request may ask for.
const MOST: usize = 100;
/// How many of them are looked up at once.
const AT_ONCE: usize = 16;

/// `POST /api/v1/tracking`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Numbers {
    numbers: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct Answer {
    results: Vec<Looked>,
}

/// What became of one number.
#[derive(Serialize)]
struct Looked {
    number: String,
    found: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking: Option<TrackingView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Value>,
}

/// Several at once: each has its own result, in the order asked.
pub(super) async fn several(
    State(api): State<Api>,
    JsonBody(Numbers { numbers }): JsonBody<Numbers>,
) -> Result<Json<Answer>, Problem> {
    if !(1..=MOST).contains(&numbers.len()) {
        return Err(Problem::invalid_field(
            "/numbers",
            format!("give 1 to {MOST} numbers, not {}", numbers.len()),
        ));
    }
    let looked = numbers.into_iter().map(|number| look(&api, number));
    let results = stream::iter(looked).buffered(AT_ONCE).collect().await;
    Ok(Json(Answer { results }))
}

async fn look(api: &Api, number: String) -> Looked {
    match view(api, &number).await {
        Ok(view) => Looked { number, found: true, tracking: Some(view), problem: None },
        Err(problem) => Looked { number, found: false, tracking: None, problem: Some(problem.to_json()) },
    }
}

async fn view(api: &Api, number: &str) -> Result<TrackingView, Problem> {
    let row = find(api, number).await?;
    let history = api.history(row.shipment_id).await?;
    TrackingView::new(&row, &history).ok_or_else(unknown)
}

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
