//! `/api/v1/tracking`: what everybody may see.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::{StreamExt, TryStreamExt, stream};
use http_api::{EntityTag, JsonBody, PathParams, Problem};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use shipment_events::ShipmentId;
use tracking_view::{ShipmentRow, normal_tracking_number};
use view_store::{Detail, ListQuery};

use super::not_found;
use super::shipments::tagged;
use crate::state::Api;
use crate::view::TrackingView;

/// The longest tracking number that is looked up, in characters.
pub(crate) const LONGEST: usize = 64;
/// How many numbers one request may ask for.
const MOST: usize = 100;
/// How many of them are looked up at once.
pub(super) const AT_ONCE: usize = 16;
/// How many shipments under one number are looked at, to tell that there are others.
const COUNTED: usize = 10;

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
    State(api): State<Arc<Api>>,
    JsonBody(Numbers { numbers }): JsonBody<Numbers>,
) -> Result<Json<Answer>, Problem> {
    if !(1..=MOST).contains(&numbers.len()) {
        return Err(Problem::invalid_field(
            "/numbers",
            format!("give 1 to {MOST} numbers, not {}", numbers.len()),
        ));
    }
    let looked = numbers.into_iter().map(|number| look(&api, number));
    let results = stream::iter(looked).buffered(AT_ONCE).try_collect().await?;
    Ok(Json(Answer { results }))
}

/// Not found, and whatever else is the number's own, is its result. A database that is away is everybody's.
async fn look(api: &Api, number: String) -> Result<Looked, Problem> {
    match view(api, &number).await {
        Ok(view) => Ok(Looked { number, found: true, tracking: Some(view), problem: None }),
        Err(problem) if problem.status() == StatusCode::SERVICE_UNAVAILABLE => Err(problem),
        Err(problem) => Ok(Looked { number, found: false, tracking: None, problem: Some(problem.to_json()) }),
    }
}

async fn view(api: &Api, number: &str) -> Result<TrackingView, Problem> {
    find(api, number).await?.view(api).await
}

pub(super) async fn get(
    State(api): State<Arc<Api>>,
    PathParams(number): PathParams<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = find(&api, &number).await?;
    let view = found.view(&api).await?;
    Ok(tagged(found.tag(), &headers, || Json(view)))
}

/// A shipment, and how many others have its number.
struct Found {
    row: ShipmentRow,
    others: usize,
}

impl Found {
    async fn view(&self, api: &Api) -> Result<TrackingView, Problem> {
        let history = api.history(self.row.shipment_id).await?;
        TrackingView::new(&self.row, &history, self.others).ok_or_else(unknown)
    }

    /// Not the version alone: another shipment may come to be answered under the number, at the same version. The id is
    /// hidden in it, for who knows it can ask for more than the public may see.
    fn tag(&self) -> Option<EntityTag> {
        let Self { row, others } = self;
        let digest = Sha256::new()
            .chain_update(row.shipment_id.as_uuid())
            .chain_update(row.version.get().to_be_bytes())
            .chain_update(others.to_be_bytes())
            .finalize();
        row.parked.is_empty().then(|| EntityTag::strong(&URL_SAFE_NO_PAD.encode(&digest[..15])))
    }
}

/// The shipment with this id; else, of those with this tracking number, the one registered last.
async fn find(api: &Api, number: &str) -> Result<Found, Problem> {
    let mut rows = registered(api, number).await?;
    let others = rows.len().saturating_sub(1);
    if rows.is_empty() { Err(unknown()) } else { Ok(Found { row: rows.swap_remove(0), others }) }
}

/// The shipment with this id; else those with this tracking number, the one registered last first, ten at most.
pub(super) async fn registered(api: &Api, number: &str) -> Result<Vec<ShipmentRow>, Problem> {
    if number.chars().count() > LONGEST || normal_tracking_number(number).is_empty() {
        let detail = format!("a number has 1 to {LONGEST} characters, and more than blanks and hyphens");
        return Err(Problem::invalid_parameter("number", detail));
    }
    if let Ok(id) = number.parse::<ShipmentId>()
        && let Some(row) = api.views.shipment(id, Detail::Public).await?
        && row.registered_at.is_some()
    {
        return Ok(vec![row]);
    }
    let list = ListQuery::TrackingNumber(number.to_owned());
    let page = api.views.list(&list, COUNTED, None, Detail::Public).await?;
    Ok(page.rows.into_iter().filter(|row| row.registered_at.is_some()).collect())
}

/// How many shipments under each number a page shows: where it shows several numbers, the newest; the others are on the page of
/// that number alone.
pub(super) const fn shown_of_each(numbers: usize) -> usize {
    if numbers > 1 { 1 } else { COUNTED }
}

fn unknown() -> Problem {
    not_found("no parcel has this number; it may take a moment until a new one shows")
}
