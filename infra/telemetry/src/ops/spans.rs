//! `/spans`: what is kept of sampled traces. No personal data is in any span, so whoever may see the metrics may see them.

use std::sync::Arc;

use axum::Json;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::TraceId;
use crate::spans::{self, Span};

/// How many are shown where nothing is asked for.
const LATEST: usize = 200;

#[derive(Deserialize)]
pub(super) struct Asked {
    trace_id: Option<String>,
    command_id: Option<String>,
}

#[derive(Serialize)]
struct Shown<'a> {
    spans: Vec<&'a Span>,
}

/// Those of a trace, those of a command's traces, or the last ones.
pub(super) async fn spans(Query(asked): Query<Asked>) -> Response {
    let found: Vec<Arc<Span>> = match (asked.trace_id.as_deref().map(TraceId::parse), asked.command_id) {
        (Some(Some(id)), _) => spans::of_trace(id),
        (Some(None), _) => {
            let said = "trace_id must be 32 lowercase hex digits, not all zero\n";
            return (StatusCode::BAD_REQUEST, said).into_response();
        }
        (None, Some(id)) => spans::of_command(&id),
        (None, None) => spans::latest(LATEST),
    };
    Json(Shown { spans: found.iter().map(Arc::as_ref).collect() }).into_response()
}
