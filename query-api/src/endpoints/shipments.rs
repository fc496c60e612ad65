//! `GET /api/v1/shipments/{id}`: as it stands, as it was, or no older than a version.

use std::sync::Arc;

use auth::Principal;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_api::{EntityTag, PathParams, Problem, QueryParams, not_modified};
use serde::Deserialize;
use shipment_events::{Sequence, ShipmentId, fold};

use super::moment::Moment;
use super::not_found;
use crate::sight;
use crate::state::Api;
use crate::view::ShipmentView;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Terms {
    min_version: Option<i64>,
    as_of: Option<String>,
    known_at: Option<String>,
}

pub(super) async fn get(
    State(api): State<Arc<Api>>,
    principal: Principal,
    PathParams(id): PathParams<ShipmentId>,
    QueryParams(terms): QueryParams<Terms>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let moment = Moment::read(terms.as_of.as_deref(), terms.known_at.as_deref())?;
    if let Some(least) = terms.min_version {
        if least < 1 {
            return Err(Problem::invalid_parameter("min_version", "versions begin at 1"));
        }
        // Boxed, as what is rare should not make the future of what is common large.
        Box::pin(api.wait_for_version(&principal, id, Sequence::new(least))).await?;
    }
    match moment {
        Some(moment) => Box::pin(as_it_was(&api, &principal, id, moment)).await,
        None => as_it_stands(&api, &principal, id, &headers).await,
    }
}

async fn as_it_stands(
    api: &Api,
    principal: &Principal,
    id: ShipmentId,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let row = api.views.shipment(id, sight::detail(principal)).await?;
    let row = row.filter(|row| sight::sees(principal, row)).ok_or_else(unregistered)?;
    // A row that waits for a parked event changes once that is projected, and may keep its version.
    let tag = row.parked.is_empty().then(|| EntityTag::of_version(row.version.get().cast_unsigned()));
    let view = ShipmentView::of_row(row, sight::detail(principal)).ok_or_else(unregistered)?;
    Ok(tagged(tag, headers, || Json(view)))
}

/// 304 where the caller has it already, else the answer with its tag.
pub(super) fn tagged<A: IntoResponse>(
    tag: Option<EntityTag>,
    headers: &HeaderMap,
    answer: impl FnOnce() -> A,
) -> Response {
    match tag {
        Some(tag) if not_modified(headers, &tag) => {
            (StatusCode::NOT_MODIFIED, [(header::ETAG, tag.header())]).into_response()
        }
        Some(tag) => ([(header::ETAG, tag.header())], answer()).into_response(),
        None => answer().into_response(),
    }
}

/// Recomputed from the history by the same `evolve` that made every state.
async fn as_it_was(
    api: &Api,
    principal: &Principal,
    id: ShipmentId,
    moment: Moment,
) -> Result<Response, Problem> {
    api.expect_seen(principal, id).await?;
    let history = api.history(id).await?;
    let counted = history.iter().filter(|event| moment.includes(event));
    let had_begun = counted.clone().any(|event| moment.is_after(event));
    let view = ShipmentView::of_state(id, fold(counted), sight::detail(principal)).filter(|_| had_begun);
    let view =
        view.ok_or_else(|| not_found("at that moment nothing was known of a shipment with this id"))?;
    Ok(Json(view.at_moment(moment.as_of, moment.known_at)).into_response())
}

pub(crate) fn unregistered() -> Problem {
    not_found("no shipment with this id is registered")
}
