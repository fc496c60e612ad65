//! `GET /api/v1/shipments/{id}/live`: server-sent events (WHATWG HTML, 9.2).

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use auth::{Principal, Standing};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::response::sse::Event;
use futures::{Stream, stream};
use http_api::{PathParams, Problem, codes, sse};
use shipment_events::{ShipmentId, Timestamp};
use tokio_util::sync::CancellationToken;
use view_store::Detail;

use super::shipments::unregistered;
use crate::live::{Place, Seen, Watching};
use crate::state::Api;
use crate::views::RETRY_AFTER;
use crate::{metrics, sight};

/// How long a new stream waits for the first look at the row.
const FIRST_LOOK: Duration = Duration::from_secs(5);

pub(super) async fn get(
    State(api): State<Arc<Api>>,
    principal: Principal,
    standing: Standing,
    PathParams(id): PathParams<ShipmentId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let known = last_event_id(&headers)?;
    api.expect_seen(&principal, id).await?;
    let full = || Problem::unavailable("too many live streams are open", RETRY_AFTER);
    let place = api.hub.place().ok_or_else(full)?;
    let mut watching = place.watch(id);
    let first = watching.seen.wait_for(|seen| !matches!(seen, Seen::Nothing));
    let first = tokio::time::timeout(FIRST_LOOK, first).await;
    let away = || Problem::unavailable("the database doesn't answer just now", RETRY_AFTER);
    if matches!(*first.map_err(|_| away())?.map_err(|_| away())?, Seen::Absent) {
        return Err(unregistered());
    }
    // The first look counts as news, so that the current row is sent where it is newer than what the client has.
    watching.seen.mark_changed();
    let stream = updates(Updates {
        place,
        watching,
        known,
        seen: None,
        detail: sight::detail(&principal),
        stop: api.stop.clone(),
    });
    let heartbeat = Duration::from_millis(api.heartbeat_ms.now());
    Ok(sse::stream(auth::while_good(stream, &standing), heartbeat))
}

/// The version that the client has, from an earlier stream.
fn last_event_id(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let version = value.to_str().ok().and_then(|text| text.parse().ok()).filter(|version| *version >= 0);
    let malformed = || Problem::http(codes::INVALID_HEADER).detail("Last-Event-ID is a version, as in 7");
    version.map(Some).ok_or_else(malformed)
}

struct Updates {
    #[allow(dead_code, reason = "held as long as the stream goes on")]
    place: Place,
    watching: Watching,
    /// What the client has from an earlier stream; looked at once.
    known: Option<i64>,
    /// The version that was looked at last; what stands there at first has not been waited for.
    seen: Option<i64>,
    detail: Detail,
    stop: CancellationToken,
}

/// The row, unless the client has it, and then each change. A client that reads slowly skips rows; it never holds any.
fn updates(updates: Updates) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(updates, |mut updates| async move {
        loop {
            tokio::select! {
                changed = updates.watching.seen.changed() => changed.ok()?,
                () = updates.stop.cancelled() => return None,
            }
            let seen = updates.watching.seen.borrow_and_update().clone();
            let Seen::Row(version, shown) = seen else { continue };
            // A repair shows the same version anew, however old.
            let was_waited_for = updates.seen.replace(version).is_some_and(|before| version > before);
            if updates.known.take().is_some_and(|known| version <= known) {
                continue;
            }
            let trace = updates.watching.pushed(version);
            metrics::PUSHES.inc();
            if let Some(age) = shown.age(now()).filter(|_| was_waited_for) {
                metrics::PUSH_SECONDS.observe(age, trace.as_ref());
            }
            let event = Event::default()
                .event("shipment")
                .id(version.to_string())
                .retry(sse::RECONNECT)
                .data(shown.json(updates.detail));
            return Some((Ok(event), updates));
        }
    })
}

pub(super) fn now() -> Timestamp {
    Timestamp::from_millis(chrono::Utc::now().timestamp_millis())
}
