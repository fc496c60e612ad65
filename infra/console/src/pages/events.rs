//! `/console/events`: the topics, browsed and searched; a record whole; following; export.

mod asked;
mod streams;

use std::sync::Arc;

use axum::extract::{Path, State as Given};
use axum::http::StatusCode;
use axum::response::Response;
use event_log::{Order, parse_offset};
use http_api::Routes;
use maud::{Markup, html};
use record_view::{RecordView, TopicName};
use telemetry::chain;

use self::asked::{Asked, Search};
use super::extract::Query;
use super::{State, moment, records};
use crate::caller::Caller;
use crate::desk::Desk;
use crate::layout::{Page, Section};
use crate::parts::{self, Mood, count};
use crate::store::{LOOK_AT, Listed, detail};

pub(super) fn routes(routes: Routes<State>) -> Routes<State> {
    routes
        .get("/console/events", first)
        .get("/console/events/{topic}", list)
        .get("/console/events/{topic}/live", streams::live)
        .get("/console/events/{topic}/export", streams::export)
        .get("/console/events/{topic}/{at}", one)
}

async fn first(desk: Given<Arc<Desk>>, caller: Caller, asked: Query<Asked>) -> Response {
    list(desk, caller, Path(TopicName::Events.to_string()), asked).await
}

async fn list(
    Given(desk): Given<Arc<Desk>>,
    caller: Caller,
    Path(topic): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let Ok(topic) = topic.parse::<TopicName>() else { return missing(&caller, "There is no such topic") };
    if topic.is_personal() && !caller.principal.role().sees_personal_data() {
        return forbidden(&caller);
    }
    let (status, found) = match asked.search(topic) {
        Ok(search) => (StatusCode::OK, look(&desk, &caller, &search).await),
        Err(faults) => (StatusCode::BAD_REQUEST, Outcome::Misspelt(faults)),
    };
    let sees_all = caller.principal.role().sees_personal_data();
    let page = Page::new(Section::Events, "Event store").status(status);
    page.of(&caller, &content(topic, &asked, &found, sees_all))
}

/// What came of a search.
enum Outcome {
    Found(Listed),
    Misspelt(Vec<String>),
    Away(String),
}

async fn look(desk: &Desk, caller: &Caller, search: &Search) -> Outcome {
    let asked = async {
        let (spans, ends) = desk.store.spans_and_ends(&search.wanted).await?;
        let spans = search.left.as_ref().unwrap_or(&spans);
        let detail = detail(&caller.principal);
        let listed = desk.store.page(&search.wanted, spans, search.order, search.limit, detail).await?;
        Ok::<_, event_log::Error>(Listed { ends, ..listed })
    };
    match asked.await {
        Ok(listed) => Outcome::Found(listed),
        Err(error @ event_log::Error::NoPartition { .. }) => Outcome::Misspelt(vec![error.to_string()]),
        Err(event_log::Error::OffsetGone { .. }) => {
            Outcome::Misspelt(vec!["What this link leads to was deleted meanwhile: search anew.".to_owned()])
        }
        Err(error) => Outcome::Away(chain(&error)),
    }
}

fn content(topic: TopicName, asked: &Asked, found: &Outcome, sees_all: bool) -> Markup {
    html! {
        nav.tabs aria-label="Topics" {
            ul {
                @for each in TopicName::ALL {
                    @if sees_all || !each.is_personal() {
                        li { a href={ "/console/events/" (each) } title=(each.meaning()) aria-current=[(each == topic).then_some("page")] { (each) } }
                    }
                }
            }
        }
        p.soft { (topic.meaning()) "." @if !sees_all { " Personal data is left out for your role." } }
        (form(topic, asked))
        @match found {
            Outcome::Misspelt(faults) => (parts::notice(Mood::Bad, "This can't be searched for", html! { @for fault in faults { p { (fault) } } })),
            Outcome::Away(why) => (parts::notice(Mood::Bad, "The topic can't be read", html! {
                p { (why) }
                p { "Nothing else is wrong with this page: try again when Kafka answers. What the views have is under " a href="/console/shipments" { "Shipments" } "." }
            })),
            Outcome::Found(listed) => (results(topic, asked, listed)),
        }
    }
}

fn form(topic: TopicName, asked: &Asked) -> Markup {
    let kinds = asked::kinds(topic);
    html! {
        form.search method="get" action={ "/console/events/" (topic) } role="search" {
            @if topic.is_of_shipments() {
                div.field.wide {
                    label for="shipment" title="All records of a shipment lie in one partition: only that is read" { "Shipment" }
                    input id="shipment" name="shipment" value=(asked.shipment) placeholder="its id" autocomplete="off" spellcheck="false";
                }
                @if !kinds.is_empty() {
                    div.field {
                        label for="type" { "Type" }
                        select id="type" name="type" {
                            option value="" { "any" }
                            @for kind in kinds { option value=(kind) selected[asked.kind == *kind] { (kind) } }
                        }
                    }
                }
            }
            (moment::field("since", "From", &asked.since, "Records not older than this"))
            (moment::field("until", "Before", &asked.until, "Records older than this"))
            div.field.small {
                label for="partition" { "Partition" }
                input id="partition" name="partition" value=(asked.partition) inputmode="numeric" placeholder="any";
            }
            div.field.small {
                label for="from" title="Of that partition" { "From offset" }
                input id="from" name="from" value=(asked.from) inputmode="numeric" placeholder="first";
            }
            div.field {
                label for="order" { "Order" }
                select id="order" name="order" {
                    option value="newest" { "newest first" }
                    option value="oldest" selected[asked.order() == Order::Oldest] { "oldest first" }
                }
            }
            div.field { button.primary type="submit" { "Search" } }
        }
    }
}

fn results(topic: TopicName, asked: &Asked, listed: &Listed) -> Markup {
    let query = asked.query(None);
    let stream =
        asked.follows().then(|| format!("/console/events/{topic}/live?{}", asked.query_from(&listed.ends)));
    html! {
        div.row.between {
            p.soft {
                (count(listed.records.len() as u64)) " shown; "
                (parts::explained(html! { (count(listed.looked_at)) " offsets looked at" }, "Marks of transactions have offsets, too; a page looks at no more than 20,000"))
                "."
            }
            p.row {
                @if asked.follows() {
                    span.soft data-following { "Following needs the script of this page; without it, reload." }
                    a.button href={ "/console/events/" (topic) "?" (query) } { "Stop following" }
                } @else {
                    a.button href={ "/console/events/" (topic) "?follow=1&" (query) } { "Follow live" }
                }
                a.button href={ "/console/events/" (topic) "/export?" (query) } download title="JSON lines, one for each record, as long as the topic is" { "Export JSONL" }
            }
        }
        @if listed.records.is_empty() && !asked.follows() {
            @if listed.left.is_empty() {
                (parts::empty("Nothing here", html! { p { "No record of this topic is like that. Take out a condition, or wait: " a href={ "/console/events/" (topic) "?follow=1&" (query) } { "follow what comes" } "." } }))
            } @else {
                (parts::empty("Nothing yet", html! { p { "None of the last " (count(listed.looked_at)) " offsets is like that. There is more to look at." } }))
            }
        } @else {
            (records::table(&listed.records, stream.as_deref()))
        }
        @if !listed.left.is_empty() {
            p {
                a.button href={ "/console/events/" (topic) "?" (asked.query(Some(&listed.left))) } {
                    "Go on: " (count(listed.left.offsets())) " offsets " (if asked.order() == Order::Newest { "before these" } else { "after these" })
                }
                @if listed.looked_at >= LOOK_AT { span.soft { " This page has looked at as many as one may." } }
            }
        }
    }
}

async fn one(
    Given(desk): Given<Arc<Desk>>,
    caller: Caller,
    Path((topic, at)): Path<(String, String)>,
) -> Response {
    let position = at.split_once(':').and_then(|(p, o)| Some((p.parse().ok()?, parse_offset(o)?)));
    let (Ok(topic), Some((partition, offset))) = (topic.parse::<TopicName>(), position) else {
        return missing(&caller, "There is no such record");
    };
    if topic.is_personal() && !caller.principal.role().sees_personal_data() {
        return forbidden(&caller);
    }
    let page = Page::new(Section::Events, format!("{topic} {partition}:{offset}"))
        .under("Event store", "/console/events")
        .under(topic.as_str(), format!("/console/events/{topic}"));
    match desk.store.record(topic, partition, offset).await {
        Ok(Some(record)) => {
            let view = desk.store.views.view(topic, &record, detail(&caller.principal)).await;
            page.of(&caller, &html! { (around(&view)) (records::whole(&view)) })
        }
        Ok(None) => {
            let content = html! {
                (steps(topic, partition, offset))
                (parts::empty("No record lies there", html! { p { "A mark of a transaction has this offset, or what was there was deleted or compacted away, or it isn't written yet." } }))
            };
            page.status(StatusCode::NOT_FOUND).of(&caller, &content)
        }
        Err(error @ event_log::Error::NoPartition { .. }) => missing(&caller, &error.to_string()),
        Err(error) => page.of(
            &caller,
            &parts::notice(Mood::Bad, "The record can't be read", html! { p { (chain(&error)) } }),
        ),
    }
}

/// Ways from a record to those around it, and to what else is about the same.
fn around(view: &RecordView) -> Markup {
    html! {
        (steps(view.topic, view.partition, view.offset))
        @if let Some(id) = view.shipment_id {
            p.row {
                @for topic in [TopicName::Commands, TopicName::Events, TopicName::Replies, TopicName::Snapshots] {
                    @if topic != view.topic { a.button href={ "/console/events/" (topic) "?shipment=" (id) } { "Its " (topic) } }
                }
                a.button href={ "/console/shipments/" (id) } { "The shipment" }
                @if view.topic == TopicName::DeadLetters {
                    a.button href={ "/console/projections/dead-letters/" (view.at()) } { "What to do about it" }
                }
            }
        }
    }
}

fn steps(topic: TopicName, partition: i32, offset: i64) -> Markup {
    let list = |order: &str, bound: String| {
        format!("/console/events/{topic}?partition={partition}&order={order}&{bound}")
    };
    html! {
        p.row {
            a.button href=(list("newest", format!("to={offset}"))) { "← Before it" }
            a.button href=(list("oldest", format!("from={}", offset.saturating_add(1)))) { "After it →" }
        }
    }
}

fn missing(caller: &Caller, what: &str) -> Response {
    let content = parts::empty(what, html! { p { a href="/console/events" { "To the event store" } } });
    Page::new(Section::Events, "Not found").status(StatusCode::NOT_FOUND).of(caller, &content)
}

fn forbidden(caller: &Caller) -> Response {
    let content = parts::empty(
        "Not for your role",
        html! { p { "It says who holds which key: only admins see that. " a href="/console/events" { "To the event store" } } },
    );
    Page::new(Section::Events, "Not for your role").status(StatusCode::FORBIDDEN).of(caller, &content)
}

#[cfg(test)]
mod tests {
    use super::super::records::tests::record;
    use super::*;

    fn asked(query: &str) -> Asked {
        axum::extract::Query::<Asked>::try_from_uri(&format!("/?{query}").parse().unwrap()).unwrap().0
    }

    fn text(query: &str, outcome: &Outcome, sees_all: bool) -> String {
        content(TopicName::Events, &asked(query), outcome, sees_all).into_string()
    }

    #[test]
    fn a_page_with_more_behind_it_leads_there() {
        let left = "0:3-90".parse().unwrap();
        let listed = Listed { records: vec![record()], looked_at: 20_000, left, ..Listed::default() };
        let text = text("type=ScanRecorded&order=oldest", &Outcome::Found(listed), true);
        assert!(text.contains("Go on: 87 offsets after these"), "{text}");
        assert!(text.contains("type=ScanRecorded&amp;order=oldest&amp;left=0%3A3-90"), "{text}");
        assert!(text.contains("looked at as many as one may") && text.contains("api-keys"));
        assert!(text.contains(r#"<option value="ScanRecorded" selected>"#), "{text}");
        assert!(!text.contains("data-stream") && !text.contains("style="));
    }

    #[test]
    fn following_names_its_stream_and_operators_see_less() {
        let ends = "3:1205".parse().unwrap();
        let listed = Listed { records: vec![record()], ends, ..Listed::default() };
        let text = text("follow=1&partition=3", &Outcome::Found(listed), false);
        assert!(
            text.contains(r#"data-stream="/console/events/events/live?partition=3&amp;at=3%3A1205""#),
            "{text}"
        );
        assert!(text.contains("Personal data is left out") && !text.contains("api-keys"));
    }

    #[test]
    fn nothing_found_nothing_yet_and_nobody_there_are_told_apart() {
        assert!(text("", &Outcome::Found(Listed::default()), true).contains("Nothing here"));
        let more = Listed { left: "0:0-5".parse().unwrap(), looked_at: 9, ..Listed::default() };
        assert!(text("", &Outcome::Found(more), true).contains("Nothing yet"));
        let away = text("shipment=x", &Outcome::Away("Kafka at h:1 did not answer".to_owned()), true);
        assert!(
            away.contains("did not answer")
                && away.contains(r#"value="x""#)
                && away.contains("role=\"alert\"")
        );
        let misspelt = text("since=never", &Outcome::Misspelt(vec!["“never” is no time".to_owned()]), true);
        assert!(misspelt.contains("is no time") && misspelt.contains("This can't be searched for"));
    }
}
