//! Server-sent events that end when what the caller showed is good no more.

use std::convert::Infallible;

use axum::response::sse::Event;
use futures::{Stream, StreamExt, stream};

use crate::Standing;

/// The last event's name. Its data is the problem that the same request would now be answered with.
const DENIED: &str = "denied";

/// These events; and, once what the caller showed is good no more, a last one that says so. A browser then comes back, is answered
/// with 401, and gives up.
pub fn while_good(
    events: impl Stream<Item = Result<Event, Infallible>> + Send + 'static,
    standing: &Standing,
) -> impl Stream<Item = Result<Event, Infallible>> + Send + 'static {
    let going_on = Some((Box::pin(events), standing.end()));
    stream::unfold(going_on, |going_on| async move {
        let (mut events, mut end) = going_on?;
        tokio::select! {
            biased;
            denied = &mut end => {
                let problem = denied.problem().to_json().to_string();
                Some((Ok(Event::default().event(DENIED).data(problem)), None))
            }
            event = events.next() => Some((event?, Some((events, end)))),
        }
    })
}
