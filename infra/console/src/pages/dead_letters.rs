//! `/console/projections/dead-letters`: what could not be read or decided, and what to do about it.

use std::sync::Arc;

use axum::extract::{Path, State as Given};
use axum::http::StatusCode;
use axum::response::Response;
use http_api::Routes;
use maud::{Markup, html};
use projector::{DeadLetter, LetterPosition};
use record_view::{RecordView, TopicName, shown_key, shown_text};
use serde::Deserialize;
use serde_json::json;
use telemetry::chain;
use tokio_util::sync::CancellationToken;
use view_store::Detail;

use super::extract::{Form, Query};
use super::{State, projections, records, see_other, shipments};
use crate::caller::Caller;
use crate::desk::Desk;
use crate::layout::{Page, Section};
use crate::parts::{self, Mood, count};
use crate::projections::{Done, Running, Work};
use crate::store::detail;

/// Letters on a page.
const SHOWN: usize = 100;
/// Characters of a reason at most.
const LONGEST_REASON: usize = 500;

pub(super) fn routes(routes: Routes<State>) -> Routes<State> {
    routes
        .get("/console/projections/dead-letters", list)
        .post("/console/projections/dead-letters", retry_all)
        .get("/console/projections/dead-letters/{at}", show)
        .post("/console/projections/dead-letters/{at}", act)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// So many are passed over.
    skip: usize,
    /// What was just done, and to which.
    done: String,
    at: String,
}

async fn list(Given(desk): Given<Arc<Desk>>, caller: Caller, Query(asked): Query<Asked>) -> Response {
    dead_letters(&desk, &caller, &asked, None).await
}

async fn dead_letters(desk: &Desk, caller: &Caller, asked: &Asked, told: Option<&Markup>) -> Response {
    let works = desk.projections.works();
    let running = works.running();
    // The page comes anew every two seconds while all are retried, and the letters are the whole of a topic.
    let are_retried = running.as_ref().is_some_and(|running| running.work == Work::RetryAll);
    let letters = match desk.projections.connected().await {
        _ if are_retried => Ok(Vec::new()),
        Ok(connected) => connected.letters.list().await.map_err(|error| chain(&error)),
        Err(trouble) => Err(chain(&trouble)),
    };
    let content = content(&Seen {
        letters: letters.as_deref().map_err(String::as_str),
        detail: detail(&caller.principal),
        running: running.as_ref(),
        last: works.last().filter(|done| done.work == Work::RetryAll).as_ref(),
        asked,
        told,
    });
    let status = if told.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    Page::new(Section::Projections, "Dead letters")
        .under("Projections", "/console/projections")
        .status(status)
        .of(caller, &content)
}

async fn retry_all(Given(desk): Given<Arc<Desk>>, caller: Caller) -> Response {
    match desk.projections.begin(Work::RetryAll, caller.principal.name()).await {
        Ok(()) => see_other("/console/projections/dead-letters"),
        Err(trouble) => {
            let told = parts::notice(Mood::Bad, "That was not begun", html! { p { (chain(&trouble)) } });
            dead_letters(&desk, &caller, &Asked::default(), Some(&told)).await
        }
    }
}

struct Seen<'a> {
    letters: Result<&'a [DeadLetter], &'a str>,
    detail: Detail,
    running: Option<&'a Running>,
    last: Option<&'a Done>,
    asked: &'a Asked,
    told: Option<&'a Markup>,
}

fn content(seen: &Seen<'_>) -> Markup {
    html! {
        @if let Some(told) = seen.told { (told) }
        (projections::tabs(true))
        @match seen.asked.done.as_str() {
            "retried" => (parts::notice(Mood::Good, "Retried", html! { p { "The letter at " (seen.asked.at) " was tried again, and is dealt with." } })),
            "discarded" => (parts::notice(Mood::Good, "Discarded", html! { p { "The letter at " (seen.asked.at) " is dealt with." } })),
            _ => {}
        }
        @match seen.running {
            Some(running) if running.work == Work::RetryAll => (parts::live("works", &projections::going_on(running))),
            Some(running) => p.soft { "Going on: " (running.work.name()) ". How far it is stands beside the " a href="/console/projections" { "views" } "." },
            None => { @if let Some(last) = seen.last { (projections::done(last)) } }
        }
        @match seen.letters {
            _ if seen.running.is_some_and(|running| running.work == Work::RetryAll) => p.soft { "What is left is listed when all were tried." },
            Err(why) => (parts::notice(Mood::Bad, "The dead letters can't be read", html! {
                p { (why) }
                p { "As records they can be looked at in the " a href="/console/events/dead-letters" { "event store" } ", if Kafka answers." }
            })),
            Ok([]) => (parts::empty("No dead letters", html! { p { "Everything could be read and decided, or was dealt with. What was parked once, and what became of it, is in the " a href="/console/events/dead-letters" { "event store" } "." } })),
            Ok(letters) => {
                p.soft { (count(letters.len() as u64)) " that nobody has dealt with, the oldest first." }
                (table(letters, seen))
                (retry_all_form(letters.len()))
            }
        }
    }
}

fn table(letters: &[DeadLetter], seen: &Seen<'_>) -> Markup {
    let skip = seen.asked.skip.min(letters.len());
    let shown = &letters[skip..(skip + SHOWN).min(letters.len())];
    html! {
        (parts::wide("Dead letters", &html! {
            table {
                thead { tr { th { "At" } th { "Parked" } th { "By" } th { "What is wrong" } th { "Key" } th { "From" } } }
                tbody {
                    @for letter in shown {
                        tr {
                            th scope="row" { a href={ "/console/projections/dead-letters/" (letter.at) } { code { (letter.at) } } }
                            td.nowrap { (shipments::moment(&letter.parked_at)) }
                            td { (letter.by) }
                            td { code { (letter.code) } " " (records::cut(&shown_text(&letter.text, seen.detail), 120)) }
                            td.wrap { @if let Some(key) = &letter.key { code { (records::cut(&shown_key(key, seen.detail), 60)) } } }
                            td { (letter.source.topic) " " code { (letter.source.partition) ":" (letter.source.offset) } }
                        }
                    }
                }
            }
        }))
        @if skip + SHOWN < letters.len() {
            p { a.button href={ "/console/projections/dead-letters?skip=" (skip + SHOWN) } { "Newer ones" } }
        }
    }
}

fn retry_all_form(letters: usize) -> Markup {
    html! {
        details.deed {
            summary { "Retry all…" }
            form.stack method="post" action="/console/projections/dead-letters" {
                p { "Each of the " (count(letters as u64)) " is tried again: commands are posted anew, events and outcomes projected. What still can't be read stays here." }
                button.danger type="submit" { "Retry all " (count(letters as u64)) }
            }
        }
    }
}

async fn show(Given(desk): Given<Arc<Desk>>, caller: Caller, Path(at): Path<String>) -> Response {
    letter(&desk, &caller, &at, "", None).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    act: String,
    reason: String,
}

async fn act(
    Given(desk): Given<Arc<Desk>>,
    caller: Caller,
    Path(at): Path<String>,
    Form(typed): Form<Typed>,
) -> Response {
    let Ok(position) = at.parse::<LetterPosition>() else {
        return letter(&desk, &caller, &at, "", None).await;
    };
    let reason = typed.reason.trim();
    let done = match typed.act.as_str() {
        "retry" => retry(&desk, &caller, position).await.map(|()| "retried"),
        "discard" if reason.is_empty() => {
            Err("Say why: whoever finds the record later will want to know.".to_owned())
        }
        "discard" if reason.chars().count() > LONGEST_REASON => {
            Err(format!("A reason has {LONGEST_REASON} characters at most."))
        }
        "discard" => discard(&desk, &caller, position, reason).await.map(|()| "discarded"),
        _ => Err("There is nothing like that to do.".to_owned()),
    };
    match done {
        Ok(done) => see_other(&format!("/console/projections/dead-letters?done={done}&at={at}")),
        Err(why) => {
            let why = shown_text(&why, detail(&caller.principal));
            let told = parts::notice(Mood::Bad, "That was not done", html! { p { (why) } });
            letter(&desk, &caller, &at, reason, Some(&told)).await
        }
    }
}

async fn retry(desk: &Desk, caller: &Caller, at: LetterPosition) -> Result<(), String> {
    let told = async {
        let connected = desk.projections.connected().await?;
        let who = caller.principal.name();
        desk.projections.write_down(who, "dead-letters.retry", at.to_string(), json!(null)).await?;
        connected.letters.retry(at, &in_time(desk)).await?;
        Ok::<_, crate::projections::Trouble>(())
    };
    told.await.map_err(|trouble| chain(&trouble))
}

async fn discard(desk: &Desk, caller: &Caller, at: LetterPosition, reason: &str) -> Result<(), String> {
    let told = async {
        let connected = desk.projections.connected().await?;
        let who = caller.principal.name();
        let detail = json!({ "reason": reason });
        desk.projections.write_down(who, "dead-letters.discard", at.to_string(), detail).await?;
        connected.letters.discard(at, reason, &in_time(desk)).await?;
        Ok::<_, crate::projections::Trouble>(())
    };
    told.await.map_err(|trouble| chain(&trouble))
}

/// Cancelled when somebody has waited long enough for one letter: a database that is away is waited for without end.
fn in_time(desk: &Desk) -> CancellationToken {
    const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);
    let token = desk.stop.child_token();
    let late = token.clone();
    tokio::spawn(async move {
        tokio::time::sleep(PATIENCE).await;
        late.cancel();
    });
    token
}

async fn letter(desk: &Desk, caller: &Caller, at: &str, reason: &str, told: Option<&Markup>) -> Response {
    let page = Page::new(Section::Projections, format!("Dead letter {at}"))
        .under("Projections", "/console/projections")
        .under("Dead letters", "/console/projections/dead-letters");
    let nothing = html! { p { a href="/console/projections/dead-letters" { "To the dead letters" } } };
    let Ok(position) = at.parse::<LetterPosition>() else {
        let content = parts::empty("That is no dead letter", nothing);
        return page.status(StatusCode::NOT_FOUND).of(caller, &content);
    };
    match desk.store.record(TopicName::DeadLetters, position.partition, position.offset).await {
        Ok(Some(record)) => {
            let view =
                desk.store.views.view(TopicName::DeadLetters, &record, detail(&caller.principal)).await;
            let open = is_open(desk, position).await;
            let status = if told.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
            page.status(status).of(caller, &one(&view, open, reason, told))
        }
        Ok(None) => page
            .status(StatusCode::NOT_FOUND)
            .of(caller, &parts::empty("There is no dead letter there (any more)", nothing)),
        Err(error) => page.of(
            caller,
            &parts::notice(Mood::Bad, "The letter can't be read", html! { p { (chain(&error)) } }),
        ),
    }
}

/// Whether nobody has dealt with it yet; nothing where that can't be told.
async fn is_open(desk: &Desk, at: LetterPosition) -> Option<bool> {
    let connected = desk.projections.connected().await.ok()?;
    let letters = connected.letters.list().await.ok()?;
    Some(letters.iter().any(|letter| letter.at == at))
}

fn one(view: &RecordView, open: Option<bool>, reason: &str, told: Option<&Markup>) -> Markup {
    let header = |name: &str| {
        view.headers.iter().find(|header| header.name == name).map(|header| header.value.as_str())
    };
    let action = format!("/console/projections/dead-letters/{}", view.at());
    let source = header("pt-error-partition").zip(header("pt-error-offset"));
    html! {
        @if let Some(told) = told { (told) }
        section.card {
            h2 { code { (header("pt-error-code").unwrap_or("not a letter")) } }
            p { (header("pt-error-text").unwrap_or("It is a note on how another one was dealt with.")) }
            p.soft {
                "parked by " (header("pt-error-by").unwrap_or("?")) " " (shipments::moment(header("pt-error-at").unwrap_or_default()))
                @if let Some((partition, offset)) = source { ", from " (header("pt-error-topic").unwrap_or("?")) " " code { (partition) ":" (offset) } }
            }
            @match open {
                Some(true) => {
                    div.row {
                        form method="post" action=(action) { button.primary type="submit" name="act" value="retry" { "Try it again" } }
                        details.deed open[!reason.is_empty()] {
                            summary { "Discard it…" }
                            form.stack method="post" action=(action) {
                                label for="reason" { "Why" }
                                input id="reason" name="reason" value=(reason) required maxlength=(LONGEST_REASON) autocomplete="off";
                                p.hint { "It is dealt with then, and its shipment counts as complete. The reason is kept beside it; name nobody in it." }
                                button.danger type="submit" name="act" value="discard" { "Discard" }
                            }
                        }
                    }
                }
                Some(false) => p { (parts::badge(Mood::Good, "dealt with")) " It was retried or discarded, or the same record was parked again later." },
                None => p { (parts::badge(Mood::Warn, "not known")) " Whether it is dealt with can't be told while database or Kafka are away." },
            }
        }
        (records::whole(view))
    }
}

#[cfg(test)]
mod tests {
    use projector::Source;
    use record_view::{HeaderView, Payload};

    use super::super::records::tests::record;
    use super::*;
    use crate::projections::Progress;

    fn dead_letter() -> DeadLetter {
        DeadLetter {
            at: "2:17".parse().unwrap(),
            code: "undecodable".to_owned(),
            text: "invalid type: string \"Ada\"".to_owned(),
            by: "projector".to_owned(),
            parked_at: "2026-11-27T06:58:12.000Z".to_owned(),
            source: Source { topic: "parceltrack.shipment.events.v1".to_owned(), partition: 2, offset: 99 },
            source_time: None,
            key: Some("Ada".to_owned()),
            bytes: 12,
            cut: None,
        }
    }

    fn running(work: Work) -> Running {
        Running {
            work,
            console: "10.0.0.7:8096".to_owned(),
            who: "key:4f".to_owned(),
            since: chrono::Utc::now(),
            progress: Progress::Retries { tried: 7, failed: 0, of: 101 },
            stopped_by: None,
        }
    }

    #[test]
    fn the_page_asks_again_only_while_all_are_retried_and_then_reads_no_letters() {
        let asked = Asked::default();
        let letters = [dead_letter()];
        let text = |running: Option<&Running>| {
            let seen = Seen {
                letters: Ok(&letters),
                detail: Detail::Full,
                running,
                last: None,
                asked: &asked,
                told: None,
            };
            content(&seen).into_string()
        };
        let retried = text(Some(&running(Work::RetryAll)));
        assert!(retried.contains("data-live") && retried.contains("7 of 101 tried"), "{retried}");
        assert!(!retried.contains("/dead-letters/2:17"), "{retried}");
        let other = text(Some(&running(Work::Rebuild)));
        assert!(!other.contains("data-live") && other.contains("Going on: a rebuild"), "{other}");
        assert!(other.contains("/dead-letters/2:17") && !text(None).contains("data-live"));
    }

    fn text(letters: Result<&[DeadLetter], &str>, detail: Detail) -> String {
        let asked = Asked::default();
        content(&Seen { letters, detail, running: None, last: None, asked: &asked, told: None }).into_string()
    }

    #[test]
    fn letters_are_listed_and_name_nobody_to_operators() {
        let letters = vec![dead_letter(); 101];
        let open = text(Ok(&letters), Detail::Full);
        assert!(
            open.contains("/dead-letters/2:17") && open.contains("Ada") && open.contains("Retry all 101")
        );
        assert!(open.contains("?skip=100") && !open.contains("style="));
        assert!(!text(Ok(&letters), Detail::Public).contains("Ada"));
    }

    #[test]
    fn none_and_nobody_to_ask_are_told_apart() {
        assert!(text(Ok(&[]), Detail::Full).contains("No dead letters"));
        let away = text(Err("the database did not answer"), Detail::Full);
        assert!(away.contains("can't be read") && away.contains("the database did not answer"));
        assert!(!away.contains("Retry all"));
    }

    #[test]
    fn a_letter_can_be_retried_or_discarded_while_it_is_open() {
        let headers = vec![HeaderView { name: "pt-error-code".to_owned(), value: "undecodable".to_owned() }];
        let payload = Payload::Undecoded { why: "not framed".to_owned(), hex: None };
        let view = RecordView { topic: TopicName::DeadLetters, headers, payload, ..record() };
        let open = one(&view, Some(true), "", None).into_string();
        assert!(open.contains(r#"value="retry""#) && open.contains(r#"value="discard""#), "{open}");
        assert!(open.contains("undecodable") && open.contains("not framed"));
        let closed = one(&view, Some(false), "", None).into_string();
        assert!(closed.contains("dealt with") && !closed.contains(r#"value="retry""#));
        assert!(one(&view, None, "", None).into_string().contains("can't be told"));
    }
}
