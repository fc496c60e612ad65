//! `GET /api/v1/shipments/{id}/history`.

use std::sync::Arc;

use auth::Principal;
use axum::Json;
use axum::extract::State;
use http_api::{PathParams, Problem, QueryParams};
use serde::{Deserialize, Serialize};
use shipment_events::{Sequence, ShipmentEvent, ShipmentId};

use super::moment::Moment;
use super::not_found;
use crate::sight;
use crate::state::Api;
use crate::view::EventView;

/// Events in one answer, when nothing is said.
const USUAL: usize = 200;
/// Events in one answer at most.
const MOST: usize = 1000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    limit: Option<usize>,
    after: Option<i64>,
    as_of: Option<String>,
    known_at: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Answer {
    shipment_id: String,
    version: i64,
    events: Vec<EventView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_after: Option<i64>,
}

/// A page of all that is known, also of a shipment that has scans but isn't registered yet.
pub(super) async fn get(
    State(api): State<Arc<Api>>,
    principal: Principal,
    PathParams(id): PathParams<ShipmentId>,
    QueryParams(page): QueryParams<Page>,
) -> Result<Json<Answer>, Problem> {
    let limit = page.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(Problem::invalid_parameter("limit", format!("limit is from 1 to {MOST}")));
    }
    let after = page.after.unwrap_or(0);
    if after < 0 {
        return Err(Problem::invalid_parameter("after", "after is a sequence, 0 for the beginning"));
    }
    let moment = Moment::read(page.as_of.as_deref(), page.known_at.as_deref())?;
    api.expect_seen(&principal, id).await?;
    let reading = api.history_page(id, Sequence::new(after), limit + 1);
    let (version, events) = tokio::join!(api.views.version(id), reading);
    let (version, mut events) = (version?, events?);
    // History is written before the version, so a page may be ahead of it, and there before it.
    let last = events.last().map(|event| event.sequence);
    let version =
        version.max(last).ok_or_else(|| not_found("nothing is known of a shipment with this id"))?;
    let more = events.len() > limit;
    events.truncate(limit);
    let next_after = events.last().filter(|_| more).map(|event| event.sequence.get());
    let detail = sight::detail(&principal);
    let counts = |event: &ShipmentEvent| moment.is_none_or(|moment| moment.includes(event));
    let events = events.into_iter().filter(counts).map(|event| EventView::new(event, detail)).collect();
    Ok(Json(Answer { shipment_id: id.to_string(), version: version.get(), events, next_after }))
}
