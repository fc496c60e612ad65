//! `POST /api/v1/commands`: commands without end, one JSON object a line, and an outcome a line as they come.
//!
//! ```text
//! body ──▶ lines ──▶ intake (parse, wait for room, send) ──▶ up to n in flight ──▶ outcome lines ──▶ answer
//! ```
//!
//! * Memory is bounded whatever the size: by the longest line, by the commands in flight and their bytes, and by what the
//!   answer may hold back. When any of it is full, nothing more is read.
//! * Commands are sent one after the other as they are read, so those of one shipment are decided in their order.
//!   Outcomes come in whatever order they are known; each has its line's number.
//! * A line that isn't a command gets its own outcome, and the stream goes on. What concerns all further lines (Kafka is
//!   away, the server stops, nothing comes any more) ends it, with a last line that says from where on nothing was read.

mod command_line;
mod intake;
mod lines;
mod outcome_line;
mod pouring;

use std::sync::Arc;

use auth::{Principal, Standing};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use http_api::{Prefer, Problem, RequestContext, codes};
use std::time::Duration;
use tracing::Instrument;

use self::intake::{Caller, Intake};
use crate::answer::named;
use crate::app::App;
use crate::failure::Failure;
use crate::idempotency_key::IdempotencyKey;

const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/x-ndjson");

/// The names that newline-delimited JSON goes by.
const TAKEN: [&str; 4] =
    ["application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"];

/// `POST /api/v1/commands`
pub(crate) async fn post(
    State(app): State<App>,
    principal: Principal,
    standing: Standing,
    context: RequestContext,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    require_ndjson(&headers)?;
    if headers.contains_key(header::IF_MATCH) {
        let detail = "If-Match can't be held against many commands; give expected_version on their lines";
        return Err(Problem::http(codes::INVALID_HEADER).detail(detail));
    }
    let key = IdempotencyKey::from_headers(&headers)?;
    let prefer = Prefer::from_headers(&headers);
    app.link.client().map_err(Failure::problem)?;
    let slot = Arc::clone(&app.streams.slots).try_acquire_owned().map_err(|_| {
        Problem::http(codes::OVERLOADED)
            .detail("as many NDJSON streams are open as may be")
            .retry_after(Duration::from_secs(5))
    })?;
    let caller = Caller { principal, denied: standing.end() };
    let intake =
        Intake::new(app.clone(), caller, body.into_data_stream(), key.clone(), prefer, context.trace);
    let (pouring, poured) = pouring::channel(&app, slot);
    tokio::spawn(pouring.run(intake.outcomes()).in_current_span());
    let mut response = Body::from_stream(poured).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, MEDIA_TYPE);
    match key {
        Some(key) => named(Ok(response), &key, &context.trace),
        None => Ok(response),
    }
}

fn require_ndjson(headers: &HeaderMap) -> Result<(), Problem> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = given.split(';').next().unwrap_or_default().trim();
    if TAKEN.iter().any(|taken| media_type.eq_ignore_ascii_case(taken)) {
        return Ok(());
    }
    Err(Problem::http(codes::UNSUPPORTED_MEDIA_TYPE)
        .detail("this address takes application/x-ndjson: one JSON object a line"))
}
