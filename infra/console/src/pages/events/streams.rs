//! Answers without an end in sight: what comes, and everything.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use auth::{End, Standing};
use axum::body::Body;
use axum::extract::{Path, State as Given};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::Event;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use event_log::{Places, ReaderEvent, SpanStream};
use futures::{Stream, stream};
use http_api::sse;
use maud::html;
use record_view::TopicName;
use serde_json::json;
use telemetry::chain;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Sleep, sleep};
use tokio_util::sync::CancellationToken;
use view_store::Detail;

use super::super::extract::Query;
use super::asked::{Asked, Search};
use super::{forbidden, missing, records};
use crate::caller::Caller;
use crate::desk::Desk;
use crate::layout::{Page, Section};
use crate::parts::{self, Mood};
use crate::store::{EventStore, Wanted, detail};

const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long an export says nothing while nothing is like what is wanted; whoever is between it and its reader takes longer silence for
/// an end.
const QUIET: Duration = Duration::from_secs(10);

/// What an endless answer needs, or why there is none.
fn begin(caller: &Caller, topic: &str, asked: &Asked) -> Result<Search, Box<Response>> {
    let Ok(topic) = topic.parse::<TopicName>() else {
        return Err(missing(caller, "There is no such topic").into());
    };
    if topic.is_personal() && !caller.principal.role().sees_personal_data() {
        return Err(forbidden(caller).into());
    }
    asked.search(topic).map_err(|faults| refuse(caller, StatusCode::BAD_REQUEST, &faults.join(" ")).into())
}

fn refuse(caller: &Caller, status: StatusCode, why: &str) -> Response {
    let content = parts::notice(Mood::Bad, "This can't be read", html! { p { (why) } });
    Page::new(Section::Events, "Event store").status(status).of(caller, &content)
}

fn too_many(caller: &Caller) -> Response {
    let why =
        "As many follow or export topics as may at once. Close another such page, or try again in a moment.";
    refuse(caller, StatusCode::SERVICE_UNAVAILABLE, why)
}

/// `GET /console/events/{topic}/live`: a line of the table for each record that is written from `at` on, or from now on. Each has an id by
/// which a browser that lost the stream goes on.
pub(super) async fn live(
    Given(desk): Given<Arc<Desk>>,
    caller: Caller,
    standing: Standing,
    headers: HeaderMap,
    Path(topic): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let search = match begin(&caller, &topic, &asked) {
        Ok(search) => search,
        Err(refusal) => return *refusal,
    };
    let from = last_event_id(&headers).unwrap_or(search.at);
    match desk.store.follow(&search.wanted, &from).await {
        Ok(Some((stream, places, permit))) => {
            let following = Following {
                store: desk.store.clone(),
                wanted: search.wanted,
                detail: detail(&caller.principal),
                stop: desk.stop.clone(),
                _permit: permit,
            };
            sse::stream(auth::while_good(following.rows(stream, places), &standing), HEARTBEAT)
        }
        Ok(None) => too_many(&caller),
        Err(error) => refuse(&caller, StatusCode::SERVICE_UNAVAILABLE, &chain(&error)),
    }
}

fn last_event_id(headers: &HeaderMap) -> Option<Places> {
    headers.get("last-event-id")?.to_str().ok()?.parse().ok()
}

struct Following {
    store: EventStore,
    wanted: Wanted,
    detail: Detail,
    stop: CancellationToken,
    _permit: OwnedSemaphorePermit,
}

impl Following {
    fn rows(
        self,
        stream: event_log::ReaderStream,
        places: Places,
    ) -> impl Stream<Item = Result<Event, Infallible>> + Send {
        stream::unfold((self, stream, places), |(this, mut stream, mut places)| async move {
            loop {
                let next = tokio::select! {
                    () = this.stop.cancelled() => return None,
                    next = stream.next() => next,
                };
                if let Ok(ReaderEvent::Record(record)) = &next {
                    places.set(record.partition, record.offset + 1);
                }
                match next {
                    Ok(ReaderEvent::Record(record)) if this.wanted.is(&record) => {
                        let view = this.store.views.view(this.wanted.topic, &record, this.detail).await;
                        // A carriage return can't be sent in an event; keys and error texts may have one.
                        let row = records::row(&view).into_string().replace('\r', " ");
                        let event = Event::default().event("record").id(places.to_string()).data(row);
                        return Some((Ok(event), (this, stream, places)));
                    }
                    Ok(_) => {}
                    // The browser comes back by itself, and finds out why.
                    Err(error) => {
                        tracing::debug!(%error, "following a topic ended");
                        return None;
                    }
                }
            }
        })
    }
}

/// `GET /console/events/{topic}/export`: every record as a line of JSON, from the oldest on, as far as the topic goes now. The header
/// `parceltrack-spans` says what is in it; who was cut off goes on by `left`, from the last line on: a record's partition and offset, or the
/// `left` of a line that comes while nothing is found.
pub(super) async fn export(
    Given(desk): Given<Arc<Desk>>,
    caller: Caller,
    standing: Standing,
    Path(topic): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let search = match begin(&caller, &topic, &asked) {
        Ok(search) => search,
        Err(refusal) => return *refusal,
    };
    let spans = match search.left {
        Some(left) => Ok(left),
        None => desk.store.spans(&search.wanted).await,
    };
    let begun = match spans {
        Ok(spans) => {
            let text = spans.to_string();
            desk.store.export(&search.wanted, spans).await.map(|begun| begun.map(|begun| (begun, text)))
        }
        Err(error) => Err(error),
    };
    match begun {
        Ok(Some(((stream, permit), spans))) => {
            let exporting = Exporting {
                store: desk.store.clone(),
                wanted: search.wanted,
                detail: detail(&caller.principal),
                stop: desk.stop.clone(),
                end: standing.end(),
                quiet: Box::pin(sleep(QUIET)),
                _permit: permit,
            };
            let headers = [
                (header::CONTENT_TYPE.as_str(), "application/x-ndjson".to_owned()),
                (header::CACHE_CONTROL.as_str(), "no-store".to_owned()),
                (header::CONTENT_DISPOSITION.as_str(), format!("attachment; filename=\"{topic}.jsonl\"")),
                ("parceltrack-spans", spans),
            ];
            (headers, Body::from_stream(exporting.lines(stream))).into_response()
        }
        Ok(None) => too_many(&caller),
        Err(error) => refuse(&caller, StatusCode::SERVICE_UNAVAILABLE, &chain(&error)),
    }
}

struct Exporting {
    store: EventStore,
    wanted: Wanted,
    detail: Detail,
    stop: CancellationToken,
    /// Of what the caller has shown.
    end: End,
    quiet: Pin<Box<Sleep>>,
    _permit: OwnedSemaphorePermit,
}

impl Exporting {
    /// An error breaks the answer off, so that a file that isn't whole is not taken for one.
    fn lines(self, stream: SpanStream) -> impl Stream<Item = Result<Bytes, Broken>> + Send {
        stream::unfold(Some((self, stream)), |state| async move {
            let (mut this, mut stream) = state?;
            this.quiet.as_mut().reset(Instant::now() + QUIET);
            loop {
                let next = tokio::select! {
                    () = this.stop.cancelled() => return Some((Err(Broken("the console stops".to_owned())), None)),
                    _ = &mut this.end => return Some((Err(Broken("who asked is not let in any more".to_owned())), None)),
                    () = &mut this.quiet => {
                        let line = format!("{}\n", json!({ "left": stream.left().to_string() }));
                        return Some((Ok(line.into()), Some((this, stream))));
                    }
                    next = stream.next() => next,
                };
                match next {
                    Ok(Some(record)) if this.wanted.is(&record) => {
                        let view = this.store.views.view(this.wanted.topic, &record, this.detail).await;
                        let mut line = serde_json::to_vec(&view).unwrap_or_default();
                        line.push(b'\n');
                        return Some((Ok(line.into()), Some((this, stream))));
                    }
                    Ok(Some(_)) => {}
                    Ok(None) => return None,
                    Err(error) => return Some((Err(Broken(chain(&error))), None)),
                }
            }
        })
    }
}

/// Why an export isn't whole.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Broken(String);
