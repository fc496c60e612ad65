//! `GET /track/live`: tells a tracking page that something changed. What that is, the page then asks for.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::response::sse::Event;
use futures::stream::{self, BoxStream, SelectAll};
use futures::{Stream, StreamExt, TryStreamExt};
use http_api::{Problem, sse};
use tokio_stream::wrappers::WatchStream;
use tokio_util::sync::CancellationToken;
use tracking_view::ShipmentRow;

use super::live::now;
use super::not_found;
use super::tracking::{AT_ONCE, registered, shown_of_each};
use crate::live::{Place, Seen, Watching};
use crate::metrics;
use crate::page::{Asked, MOST};
use crate::state::Api;
use crate::views::RETRY_AFTER;

pub(super) async fn get(
    State(api): State<Arc<Api>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Asked { numbers, .. } = Asked::of(query.as_deref().unwrap_or_default());
    if !(1..=MOST).contains(&numbers.len()) {
        return Err(Problem::invalid_parameter("number", format!("give 1 to {MOST} numbers")));
    }
    let shown = shown_of_each(numbers.len());
    let looking = numbers.into_iter().map(|number| look(&api, number, shown));
    let rows: Vec<Vec<ShipmentRow>> = stream::iter(looking).buffered(AT_ONCE).try_collect().await?;
    let rows = rows.concat();
    if rows.is_empty() {
        return Err(not_found("no parcel has any of these numbers"));
    }
    let full = || Problem::unavailable("too many live streams are open", RETRY_AFTER);
    let place = api.hub.public_place().ok_or_else(full)?;
    let known = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse().ok());
    let changes = Changes::new(place, &rows, known, api.stop.clone());
    let heartbeat = Duration::from_millis(api.heartbeat_ms.now());
    Ok(sse::stream(changes.events(), heartbeat))
}

/// The rows that the page shows. What is no number, or nobody's, is nothing to watch.
async fn look(api: &Api, number: String, shown: usize) -> Result<Vec<ShipmentRow>, Problem> {
    match registered(api, &number).await {
        Ok(mut rows) => {
            rows.truncate(shown);
            Ok(rows)
        }
        Err(problem) if problem.status() == StatusCode::BAD_REQUEST => Ok(Vec::new()),
        Err(problem) => Err(problem),
    }
}

/// The versions of all that a page shows. Their sum grows with each change, and says nothing of which shipment it was.
struct Changes {
    versions: Vec<i64>,
    /// Of each shipment that was read: its place among them, its version, and the seconds since that could be known.
    seen: SelectAll<BoxStream<'static, (usize, i64, Option<f64>)>>,
    /// What the page knows of.
    told: Option<i64>,
    stop: CancellationToken,
    watching: Vec<Watching>,
    #[allow(dead_code, reason = "held as long as the stream goes on")]
    place: Place,
}

impl Changes {
    fn new(place: Place, rows: &[ShipmentRow], told: Option<i64>, stop: CancellationToken) -> Self {
        let watching: Vec<_> = rows.iter().map(|row| place.watch(row.shipment_id)).collect();
        let seen = watching.iter().enumerate().map(|(at, watching)| {
            let seen = WatchStream::new(watching.seen.clone());
            let version = move |seen| match seen {
                Seen::Row(version, shown) => Some((at, version, shown.age(now()))),
                Seen::Nothing | Seen::Absent => None,
            };
            seen.filter_map(move |seen| std::future::ready(version(seen))).boxed()
        });
        let seen = stream::select_all(seen);
        let versions = rows.iter().map(|row| row.version.get()).collect();
        Self { versions, seen, told, stop, watching, place }
    }

    fn events(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, |mut changes| async move {
            let sum = changes.next().await?;
            metrics::PUSHES.inc();
            let event = Event::default()
                .event("changed")
                .id(sum.to_string())
                .retry(sse::RECONNECT)
                .data(format!("{{\"version\":{sum}}}"));
            Some((Ok(event), changes))
        })
    }

    /// The sum once it is news; at first it is, unless the page comes back with it.
    async fn next(&mut self) -> Option<i64> {
        loop {
            let sum = self.versions.iter().sum();
            if self.told.is_none_or(|told| told < sum) {
                self.told = Some(sum);
                return self.told;
            }
            tokio::select! {
                seen = self.seen.next() => {
                    let (at, version, age) = seen?;
                    if version > self.versions[at] {
                        self.versions[at] = version;
                        let trace = self.watching[at].pushed(version);
                        if let Some(age) = age {
                            metrics::PUSH_SECONDS.observe(age, trace.as_ref());
                        }
                    }
                }
                () = self.stop.cancelled() => return None,
            }
        }
    }
}
