//! `/console/shipments/{id}`: one shipment: how it stands, why, and all that happened.

mod told;

use std::collections::BTreeMap;
use std::sync::Arc;

use auth::Service;
use axum::extract::{Path, State as Given};
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use record_view::{Known, RecordView, TopicName};
use serde::Deserialize;
use serde_json::Value;
use shipment_events::{Sequence, ShipmentId, Timestamp, Why, why};
use telemetry::chain;

use super::extract::Query;
use super::{moment, shipment_command, shipments};
use crate::backend::{Question, Unanswered};
use crate::caller::Caller;
use crate::desk::Desk;
use crate::layout::{Page, Section};
use crate::parts::{self, Mood};
use crate::store::{LOOK_AT, detail};

/// The moment that is looked at, as it was typed or stands in a link.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    pub(super) as_of: String,
    pub(super) known_at: String,
    /// The version that must be there: that of a command just done.
    min_version: String,
    /// What was just done.
    pub(super) done: String,
    /// The event after which the history begins.
    after: Option<i64>,
}

/// All that a page shows.
struct Shown {
    id: ShipmentId,
    asked: Asked,
    state: Result<Value, Unanswered>,
    history: Result<History, Unanswered>,
    log: Result<Log, String>,
}

/// What happened, in order.
struct History {
    events: Vec<Value>,
    /// The last event shown, where there are later ones.
    next_after: Option<i64>,
}

/// What the log has of the events.
#[derive(Default)]
struct Log {
    records: BTreeMap<Sequence, RecordView>,
    why: Option<Why>,
    looked_at: u64,
    gave_up: bool,
}

#[derive(Deserialize)]
struct Answer {
    events: Vec<Value>,
    next_after: Option<i64>,
}

/// Events that the query API is asked for at once, and how often at most: a page of more is too long to be read.
const AT_ONCE: usize = 1_000;
const TIMES: usize = 5;

pub(super) async fn show(
    Given(desk): Given<Arc<Desk>>,
    caller: Caller,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let Ok(id) = id.parse::<ShipmentId>() else {
        let content = parts::empty(
            "That is no shipment's id",
            html! {
                p { "An id is written like 1c7b2c1e-0b1d-4d0a-9c53-0123456789ab. " a href="/console/shipments" { "Look for a tracking number" } "." }
            },
        );
        return Page::new(Section::Shipments, "Not found")
            .status(StatusCode::NOT_FOUND)
            .of(&caller, &content);
    };
    let page =
        Page::new(Section::Shipments, format!("Shipment {id}")).under("Shipments", "/console/shipments");
    let query = match asked.query() {
        Ok(query) => query,
        Err(faults) => {
            let told = html! { @for fault in faults { p { (fault) } } (travel(id, &asked)) };
            return page
                .status(StatusCode::BAD_REQUEST)
                .of(&caller, &parts::notice(Mood::Bad, "This moment can't be shown", told));
        }
    };
    let (now, wait) = (query.is_empty(), &asked.min_version);
    let waiting = if now && wait.bytes().all(|b| b.is_ascii_digit()) && !wait.is_empty() {
        format!("min_version={wait}")
    } else {
        query.clone()
    };
    let state = Question::get(Service::QueryApi, format!("/api/v1/shipments/{id}?{waiting}"));
    let state = desk.backend.ask::<Value>(&caller, state).await;
    let history = read_history(&desk, &caller, id, asked.after, &query).await;
    let log = match &history {
        Ok(history) => {
            // Half a history would give half the reasons.
            let is_whole = asked.after.is_none() && history.next_after.is_none();
            read_log(&desk, &caller, id, &history.events, is_whole).await
        }
        Err(_) => Err("Which events there are isn't known while the query API doesn't say.".to_owned()),
    };
    let state = state.map(|answer| answer.body);
    let nothing = state.as_ref().is_err_and(Unanswered::is_not_found)
        && history.as_ref().is_err_and(Unanswered::is_not_found);
    let shown = Shown { id, asked, state, history, log };
    let status = if nothing { StatusCode::NOT_FOUND } else { StatusCode::OK };
    page.status(status).of(&caller, &content(&shown, &shipment_command::offered(&caller.principal)))
}

impl Asked {
    /// As the query API is asked.
    fn query(&self) -> Result<String, Vec<String>> {
        let (mut query, mut faults) = (form_urlencoded::Serializer::new(String::new()), Vec::new());
        for (name, what, text) in [("as_of", "As of", &self.as_of), ("known_at", "Known at", &self.known_at)]
        {
            match moment::read(what, text) {
                Ok(Some(moment)) => drop(query.append_pair(name, &moment.to_string())),
                Ok(None) => {}
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() { Ok(query.finish()) } else { Err(faults) }
    }

    /// The address of the events after one.
    fn later(&self, id: ShipmentId, after: i64) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, text) in [("as_of", &self.as_of), ("known_at", &self.known_at)] {
            if !text.trim().is_empty() {
                query.append_pair(name, text);
            }
        }
        query.append_pair("after", &after.to_string());
        format!("/console/shipments/{id}?{}", query.finish())
    }

    fn is_now(&self) -> bool {
        self.as_of.trim().is_empty() && self.known_at.trim().is_empty()
    }
}

/// The events after one (all, if none is named), as far as a page shows them.
async fn read_history(
    desk: &Desk,
    caller: &Caller,
    id: ShipmentId,
    after: Option<i64>,
    query: &str,
) -> Result<History, Unanswered> {
    let mut history = History { events: Vec::new(), next_after: after };
    for _ in 0..TIMES {
        let after = history.next_after.map(|after| format!("&after={after}")).unwrap_or_default();
        let path = format!("/api/v1/shipments/{id}/history?limit={AT_ONCE}{after}&{query}");
        let answer = desk.backend.ask::<Answer>(caller, Question::get(Service::QueryApi, path)).await?.body;
        history.events.extend(answer.events);
        history.next_after = answer.next_after;
        if history.next_after.is_none() {
            break;
        }
    }
    Ok(history)
}

/// The records of these events, out of the log.
async fn read_log(
    desk: &Desk,
    caller: &Caller,
    id: ShipmentId,
    events: &[Value],
    is_whole: bool,
) -> Result<Log, String> {
    let known = events.iter().filter_map(|event| {
        let sequence = Sequence::new(event["sequence"].as_i64()?);
        let recorded_at = Timestamp::parse_rfc3339(event["recorded_at"].as_str()?).ok()?;
        Some(Known { sequence, recorded_at })
    });
    let known: Vec<_> = known.collect();
    let found = desk.store.history().find(id, &known, LOOK_AT).await.map_err(|error| chain(&error))?;
    let (mut log, mut decoded) =
        (Log { looked_at: found.looked_at, gave_up: found.gave_up, ..Log::default() }, Vec::new());
    for (sequence, record) in &found.records {
        if !known.iter().any(|event| event.sequence == *sequence) {
            continue;
        }
        log.records.insert(
            *sequence,
            desk.store.views.view(TopicName::Events, record, detail(&caller.principal)).await,
        );
        decoded.extend(desk.store.views.event(record).await.ok());
    }
    log.why = (is_whole && decoded.len() == known.len()).then(|| why(&decoded));
    Ok(log)
}

fn content(shown: &Shown, offered: &[shipment_command::What]) -> Markup {
    let Shown { id, asked, state, history, log } = shown;
    let retracted = |sequence: i64| {
        let why = log.as_ref().ok().and_then(|log| log.why.as_ref())?;
        let claim = why.claims.iter().find(|claim| claim.sequence.get() == sequence)?;
        Some(claim.verdict)
    };
    html! {
        @if !asked.done.is_empty() { (done(&asked.done)) }
        @if !asked.is_now() {
            (parts::notice(Mood::Warn, "This is the past", html! {
                p {
                    "You see the shipment "
                    @if !asked.as_of.is_empty() { "as of " (shipments::moment(&at(&asked.as_of))) ": what had happened by then" }
                    @if !asked.as_of.is_empty() && !asked.known_at.is_empty() { ", and " }
                    @if !asked.known_at.is_empty() { "as it was known at " (shipments::moment(&at(&asked.known_at))) }
                    ". " a href={ "/console/shipments/" (id) } { "Back to now" } "."
                }
            }))
        }
        div.pair {
            section.card { h2 { "State" } (told::state(state, history.as_ref().is_ok_and(|history| !history.events.is_empty()))) }
            section.card { h2 { "Why is it in this status?" } (told::reasons(*id, log.as_ref().map_err(String::as_str).map(|log| (log.why.as_ref(), log.looked_at, log.gave_up)))) }
        }
        section.card { h2 { "At another moment" } (travel(*id, asked)) }
        @if asked.is_now() && !offered.is_empty() { (shipment_command::offers(*id, offered)) }
        h2 { "What happened" }
        @match history {
            Err(why) if why.is_not_found() => (parts::empty("Nothing is known of it", html! { p { "No event of this shipment is in the views, or none was by that moment." } })),
            Err(why) => (parts::awaited("no-history", "The history can't be shown", why)),
            Ok(history) => {
                @if let Some(after) = asked.after { p.soft { "These are the events after #" (after) ". " a href={ "/console/shipments/" (id) } { "Those before" } "." } }
                @if let Err(why) = log {
                    (parts::notice(Mood::Warn, "The log can't be read, so offsets, headers and schemas are missing", html! { p { (why) } }))
                }
                ol.timeline {
                    @for event in &history.events {
                        @let sequence = event["sequence"].as_i64().unwrap_or_default();
                        @let record = log.as_ref().ok().and_then(|log| log.records.get(&Sequence::new(sequence)));
                        (told::event(*id, event, record, retracted(sequence), asked.is_now() && offered.contains(&shipment_command::What::Retraction)))
                    }
                }
                @if let Some(after) = history.next_after {
                    p { "There are later ones: " a.button href=(asked.later(*id, after)) { "Events after #" (after) } }
                }
            }
        }
    }
}

/// Whatever was typed, as an API writes it.
fn at(text: &str) -> String {
    moment::read("", text).ok().flatten().map_or_else(|| text.to_owned(), |moment| moment.to_string())
}

fn travel(id: ShipmentId, asked: &Asked) -> Markup {
    html! {
        form.search method="get" action={ "/console/shipments/" (id) } {
            (moment::field("as_of", "As of", &asked.as_of, "Where it was at this moment, as known today"))
            (moment::field("known_at", "Known at", &asked.known_at, "What had been written down by this moment"))
            div.field { button type="submit" { "Show" } }
        }
        p.hint { "“As of” takes what had happened by then; “known at” what had been heard of by then. Both together say what one would have said at one moment about another." }
    }
}

fn done(what: &str) -> Markup {
    let text = match what {
        "cancellation" => "The shipment is cancelled.",
        "archive" => "The shipment is archived.",
        "retraction" => "The scan is taken back.",
        "scan" => "The scan is recorded.",
        "amendment" => "The shipment is amended.",
        "known" => "Nothing changed: this command, or this scan, was known already.",
        "waiting" => {
            "The command is written, and will be decided in a moment; reload to see what came of it."
        }
        _ => return html! {},
    };
    parts::notice(if what == "waiting" { Mood::Warn } else { Mood::Good }, "Done", html! { p { (text) } })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shipment_command::What;

    use super::super::records::tests::record;
    use super::*;

    fn id() -> ShipmentId {
        "1c7b2c1e-0b1d-4d0a-9c53-0123456789ab".parse().unwrap()
    }

    fn event() -> Value {
        json!({
            "event_id": "7c7b2c1e-0b1d-4d0a-9c53-0123456789ab", "sequence": 2, "type": "ScanRecorded",
            "occurred_at": "2026-11-27T06:58:12.000Z", "recorded_at": "2026-11-27T06:58:13.000Z",
            "status_before": "registered", "status_after": "picked_up",
            "body": { "status": "picked_up", "carrier": "dhl", "local_time": "2026-11-27T07:58:12+01:00",
                      "place": { "city": "Ulm", "country": "DE" } }
        })
    }

    fn shown() -> Shown {
        let state = json!({ "shipment_id": id().to_string(), "version": 2, "status": "picked_up",
            "status_since": "2026-11-27T06:58:12.000Z", "customer_id": "shop-7", "weight_grams": 900 });
        let records = BTreeMap::from([(Sequence::new(2), record())]);
        let log = Log { records, why: Some(why(&[])), looked_at: 12, gave_up: false };
        Shown {
            id: id(),
            asked: Asked::default(),
            state: Ok(state),
            history: Ok(History { events: vec![event()], next_after: None }),
            log: Ok(log),
        }
    }

    #[test]
    fn a_shipment_with_all_that_is_known_of_it() {
        let text = content(&shown(), &[What::Cancellation, What::Retraction]).into_string();
        for part in
            ["picked up", "Ulm, DE", "3:1204", "ShipmentEvent", "0af7651916cd43dd8448eb211c80319c", "900"]
        {
            assert!(text.contains(part), "{part} is missing: {text}");
        }
        assert!(text.contains("/commands/retraction?event=7c7b2c1e"), "{text}");
        assert!(text.contains("/commands/cancellation") && !text.contains("/commands/amendment"));
        assert!(text.contains(r#"type="datetime-local""#) && !text.contains("style="));
    }

    #[test]
    fn the_past_is_said_to_be_and_has_no_commands() {
        let asked = Asked { as_of: "2026-11-27T06:00".to_owned(), ..Asked::default() };
        assert_eq!(asked.query().unwrap(), "as_of=2026-11-27T06%3A00%3A00.000Z");
        let text =
            content(&Shown { asked, ..shown() }, &[What::Cancellation, What::Retraction]).into_string();
        assert!(text.contains("This is the past") && text.contains("Back to now"), "{text}");
        assert!(!text.contains("/commands/"), "{text}");
        assert!(Asked { known_at: "never".to_owned(), ..Asked::default() }.query().is_err());
    }

    #[test]
    fn what_is_too_long_for_a_page_says_so_and_leads_on() {
        let text = content(&shown(), &[]).into_string();
        assert!(!text.contains("There are later ones"), "{text}");
        let history = Ok(History { events: vec![event()], next_after: Some(5_000) });
        let asked = Asked { known_at: "2026-11-27T06:00".to_owned(), ..Asked::default() };
        let text = content(&Shown { asked, history, ..shown() }, &[]).into_string();
        assert!(text.contains("There are later ones"), "{text}");
        assert!(text.contains("?known_at=2026-11-27T06%3A00&amp;after=5000"), "{text}");
        let asked = Asked { after: Some(5_000), ..Asked::default() };
        let text = content(&Shown { asked, ..shown() }, &[]).into_string();
        assert!(text.contains("the events after #5000"), "{text}");
    }

    #[test]
    fn the_page_comes_whoever_is_away() {
        let nobody = || Unanswered::Nowhere { service: "query-api" };
        let away = Shown {
            state: Err(nobody()),
            history: Err(nobody()),
            log: Err("Kafka did not answer".to_owned()),
            ..shown()
        };
        let text = content(&away, &[]).into_string();
        assert!(
            text.contains("The history can't be shown") && text.contains("Kafka did not answer"),
            "{text}"
        );
        let no_log = Shown { log: Err("Kafka did not answer".to_owned()), ..shown() };
        let text = content(&no_log, &[]).into_string();
        assert!(text.contains("The log can't be read") && text.contains("picked up"), "{text}");
    }
}
