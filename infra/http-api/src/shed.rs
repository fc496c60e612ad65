//! A limit on requests served at once: above it a prompt 503, never a queue.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;

use crate::catalogue::codes;
use crate::metrics;
use crate::problem::Problem;

/// When another try is worth it.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Runs the handler if a slot is free. The slot is given back when the answer begins, so that long
/// streams don't hold it; they have limits of their own.
pub(crate) async fn limit(State(slots): State<Arc<Semaphore>>, request: Request, next: Next) -> Response {
    let Ok(_slot) = slots.try_acquire() else {
        metrics::TURNED_AWAY.inc();
        return Problem::http(codes::OVERLOADED).retry_after(RETRY_AFTER).into_response();
    };
    let _running = Running::begin();
    next.run(request).await
}

/// A caller that hangs up drops the handler midway, hence a guard.
struct Running;

impl Running {
    fn begin() -> Self {
        metrics::RUNNING.inc();
        Self
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        metrics::RUNNING.dec();
    }
}
