//! `GET /api/v1/shipments/{id}/live`: server-sent events (WHATWG HTML, 9.2).

use std::convert::Infallible;

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::{Stream, stream};
use http_api::{PathParams, Problem};
use shipment_events::ShipmentId;
use tokio_util::sync::CancellationToken;

use super::shipments::unregistered;
use crate::error::RETRY_AFTER;
use crate::live::{Seen, Watching};
use crate::state::Api;

pub(super) async fn get(
    State(api): State<Api>,
    PathParams(id): PathParams<ShipmentId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let known = last_event_id(&headers)?;
    let full = || Problem::unavailable("too many live streams are open", RETRY_AFTER);
    let mut watching = api.hub.watch(id).ok_or_else(full)?;
    let first = watching.seen.wait_for(|seen| !matches!(seen, Seen::Nothing));
    let first = tokio::time::timeout(api.min_version_wait, first).await;
    let away = || Problem::unavailable("the database doesn't answer just now", RETRY_AFTER);
    let absent = matches!(*first.map_err(|_| away())?.map_err(|_| away())?, Seen::Absent);
    if absent {
        return Err(unregistered());
    }
    // The first look counts as news, so that the current row is sent where it is newer than what the client has.
    watching.seen.mark_changed();
    let stream = updates(watching, known, api.shutdown.clone());
    let sse = Sse::new(stream).keep_alive(KeepAlive::new().interval(api.heartbeat).text("heartbeat"));
    // Proxies must not gather what should be sent at once.
    Ok((
        [(header::CACHE_CONTROL, "no-store"), (header::HeaderName::from_static("x-accel-buffering"), "no")],
        sse,
    )
        .into_response())
}

/// The version that the client has, from an earlier stream.
fn last_event_id(headers: &HeaderMap) -> Result<i64, Problem> {
    let Some(value) = headers.get("last-event-id") else { return Ok(0) };
    let version = value.to_str().ok().and_then(|text| text.parse().ok()).filter(|version| *version >= 0);
    version.ok_or_else(|| {
        Problem::http(http_api::codes::INVALID_HEADER).detail("Last-Event-ID is a version, as in 7")
    })
}

/// Each row that is newer than what was sent. A client that reads slowly skips rows; it never holds any.
fn updates(
    watching: Watching,
    known: i64,
    shutdown: CancellationToken,
) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold((watching, known, shutdown), |(mut watching, mut known, shutdown)| async move {
        loop {
            tokio::select! {
                changed = watching.seen.changed() => changed.ok()?,
                () = shutdown.cancelled() => return None,
            }
            let row = match &*watching.seen.borrow_and_update() {
                Seen::Row(version, json) if *version > known => Some((*version, json.clone())),
                _ => None,
            };
            if let Some((version, json)) = row {
                known = version;
                let event = Event::default().event("shipment").id(version.to_string()).data(&*json);
                return Some((Ok(event), (watching, known, shutdown)));
            }
        }
    })
}
