//! Limits on requests: on those served at once, above which there is a prompt 503 and never a queue, and on their bodies.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;

use crate::api::Limits;
use crate::catalogue::codes;
use crate::extract::BodyLimit;
use crate::metrics::{self, Counted};
use crate::problem::Problem;

/// When another try is worth it.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The limits of an API, and how much of them is taken. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Bounds {
    slots: Arc<Semaphore>,
    body: BodyLimit,
}

impl Bounds {
    pub(crate) fn new(limits: Limits) -> Self {
        let slots = Arc::new(Semaphore::new(limits.max_in_flight));
        Self { slots, body: BodyLimit(limits.max_body_bytes) }
    }
}

/// Runs the handler if a slot is free. The slot is given back when the answer begins, so that long
/// streams don't hold it; they have limits of their own.
pub(crate) async fn keep(State(bounds): State<Bounds>, mut request: Request, next: Next) -> Response {
    DefaultBodyLimit::max(bounds.body.0).apply(&mut request);
    request.extensions_mut().insert(bounds.body);
    let Ok(_slot) = bounds.slots.try_acquire() else {
        metrics::TURNED_AWAY.inc();
        return Problem::http(codes::OVERLOADED).retry_after(RETRY_AFTER).into_response();
    };
    // A caller that hangs up drops the handler midway.
    let _running = Counted::by(&metrics::RUNNING);
    next.run(request).await
}
