//! `GET /api/v1/changes`: server-sent events (WHATWG HTML, 9.2), one for each change.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use auth::Standing;
use axum::extract::State;
use axum::response::Response;
use axum::response::sse::Event;
use futures::{Stream, stream};
use http_api::{Problem, sse};
use service_registry::Change;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio_util::sync::CancellationToken;

use crate::metrics;
use crate::state::{Api, RETRY_AFTER};
use crate::view::InstanceView;

/// The pause between two heartbeats: below the idle limit of common proxies, 60 s.
const HEARTBEAT: Duration = Duration::from_secs(15);

pub(super) async fn get(State(api): State<Arc<Api>>, standing: Standing) -> Result<Response, Problem> {
    let full = |_| Problem::unavailable("too many streams of changes are open", RETRY_AFTER);
    let permit = Arc::clone(&api.streams).try_acquire_owned().map_err(full)?;
    let changes = api.directory()?.changes();
    let events = events(Listening::new(changes, permit, api.stop.clone()));
    Ok(sse::stream(auth::while_good(events, &standing), HEARTBEAT))
}

/// One client; dropping it gives its place free.
struct Listening {
    changes: Receiver<Change>,
    stop: CancellationToken,
    _permit: OwnedSemaphorePermit,
}

impl Listening {
    fn new(changes: Receiver<Change>, permit: OwnedSemaphorePermit, stop: CancellationToken) -> Self {
        metrics::STREAMS.inc();
        Self { changes, stop, _permit: permit }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        metrics::STREAMS.dec();
    }
}

/// One event a change. A client that reads too slowly is told that it missed some: it should read the list again.
fn events(listening: Listening) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(listening, |mut listening| async move {
        let received = tokio::select! {
            received = listening.changes.recv() => received,
            () = listening.stop.cancelled() => return None,
        };
        let event = match received {
            Ok(change) => {
                let json = serde_json::to_string(&InstanceView::of(change.instance())).unwrap_or_default();
                Event::default().event(change.name()).data(json)
            }
            Err(RecvError::Lagged(missed)) => {
                Event::default().event("missed").data(format!("{{\"missed\":{missed}}}"))
            }
            Err(RecvError::Closed) => return None,
        };
        Some((Ok(event.retry(sse::RECONNECT)), listening))
    })
}
