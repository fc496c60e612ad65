//! Server-sent events (WHATWG HTML, 9.2) as all APIs send them.

use std::convert::Infallible;
use std::time::Duration;

use axum::http::{HeaderName, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;

/// What a client that lost its stream waits before it comes back.
pub const RECONNECT: Duration = Duration::from_secs(2);

/// Tells nginx, and what follows its custom, not to gather what should be sent at once.
const UNBUFFERED: (HeaderName, &str) = (HeaderName::from_static("x-accel-buffering"), "no");

/// A stream of events, with a comment as a heartbeat whenever nothing else was sent for so long. Nobody on the way stores or
/// gathers it.
pub fn stream(
    events: impl Stream<Item = Result<Event, Infallible>> + Send + 'static,
    heartbeat: Duration,
) -> Response {
    let sse = Sse::new(events).keep_alive(KeepAlive::new().interval(heartbeat).text("heartbeat"));
    ([(header::CACHE_CONTROL, "no-store"), UNBUFFERED], sse).into_response()
}
