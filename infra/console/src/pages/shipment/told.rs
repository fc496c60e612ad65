//! The parts of a shipment's page.

use maud::{Markup, html};
use record_view::RecordView;
use serde_json::Value;
use shipment_events::{Claim, ShipmentId, Verdict, Why, Word};

use super::super::records::{self, time};
use super::super::shipments::{moment, place, status, text, words};
use crate::backend::Unanswered;
use crate::parts::{self, Mood, count};

/// Reasons shown as a table at most; the words are about all.
const CLAIMS: usize = 50;

/// How it stands.
pub(super) fn state(state: &Result<Value, Unanswered>, has_events: bool) -> Markup {
    let state = match state {
        Ok(state) => state,
        Err(why) if why.is_not_found() && has_events => {
            return html! { p { "It has events, but nobody has registered it (yet): it is in no list, and has no state to show." } };
        }
        Err(why) if why.is_not_found() => {
            return html! { p { "There was no such shipment at that moment, or there is none." } };
        }
        Err(why) => return parts::awaited("no-state", "The state can't be shown", why),
    };
    let grams = state["weight_grams"].as_u64();
    html! {
        p { (status(text(state, "status"))) " since " (moment(text(state, "status_since"))) }
        @if let Some(since) = state["parked_since"].as_str() {
            (parts::notice(Mood::Bad, "Incomplete", html! { p { "An event of it could not be projected since " (moment(since)) ": see the " a href="/console/projections/dead-letters" { "dead letters" } "." } }))
        }
        dl.terms {
            dt { "Version" } dd { (parts::explained(html! { (state["version"].as_i64().unwrap_or_default()) }, "The sequence of its last event")) }
            dt { "Customer" } dd { (text(state, "customer_id")) }
            @if let Some(number) = state["tracking_number"].as_str() {
                dt { "Number" } dd { a href={ "/track/" (crate::backend::escaped(number)) } { (number) } " " span.soft { (text(state, "carrier")) } }
            }
            dt { "Route" } dd { (place(&state["origin"])) " → " (place(&state["destination"])) }
            @if let Some(grams) = grams { dt { "Weight" } dd { (count(grams)) " g" } }
            @if let Some(day) = state["promised_delivery"].as_str() { dt { "Promised" } dd { (day) } }
            @for (name, label) in [("sender", "Sender"), ("recipient", "Recipient")] {
                @if state[name].is_object() { dt { (label) } dd.wrap { (party(&state[name])) } }
            }
            @if let Some(reference) = state["customer_reference"].as_str() { dt { "Reference" } dd.wrap { (reference) } }
            @for (name, label) in [("registered_at", "Registered"), ("updated_at", "Updated"), ("cancelled_at", "Cancelled"), ("archived_at", "Archived")] {
                @if let Some(at) = state[name].as_str() { dt { (label) } dd { (moment(at)) } }
            }
        }
    }
}

fn party(party: &Value) -> String {
    let address = &party["address"];
    let said = [
        &party["name"],
        &party["phone"],
        &address["street"],
        &address["postal_code"],
        &address["city"],
        &address["country"],
    ];
    said.into_iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
}

/// Why it stands so.
pub(super) fn reasons(id: ShipmentId, log: Result<(Option<&Why>, u64, bool), &str>) -> Markup {
    let (why, looked_at, gave_up) = match log {
        Ok(log) => log,
        Err(why) => {
            return html! { p { "This is worked out from the events in the log, which can't be read now." } p.soft { (why) } };
        }
    };
    let Some(why) = why else {
        return html! {
            p { "Not all of its events are on this page, or were found in the log, and half of them would give half the reasons." }
            p.soft { (count(looked_at)) " records were looked at" @if gave_up { ", as many as a page may" } ". " a href={ "/console/events/events?order=oldest&shipment=" (id) } { "Look for them in the event store" } "." }
        };
    };
    html! {
        @for (n, sentence) in why.words().iter().enumerate() {
            p.first[n == 0] {
                @for word in sentence.words() {
                    @match word {
                        Word::Text(text) => (text),
                        Word::Status(status) => strong { (words(status.as_str())) },
                        Word::Time(at) => (time(*at)),
                        Word::Event(sequence) => a href={ "#event-" (sequence) } { "#" (sequence) },
                    }
                }
            }
        }
        @if why.claims.len() > 1 {
            details {
                summary { "All " (why.claims.len()) " that have a word in it, the strongest first" }
                (parts::wide("What was said of the status", &html! {
                    table {
                        thead { tr { th { "Event" } th { "Says" } th { "Class" } th { "At" } th { "So" } } }
                        tbody { @for claim in why.claims.iter().take(CLAIMS) { (row(claim)) } }
                    }
                }))
                @if why.claims.len() > CLAIMS { p.soft { "and " (why.claims.len() - CLAIMS) " weaker ones" } }
            }
        }
        p.hint { "The rule: the highest class wins, then the later time, then the higher rank." }
    }
}

fn row(claim: &Claim) -> Markup {
    html! {
        tr {
            td { a href={ "#event-" (claim.sequence) } { "#" (claim.sequence) } }
            td { (words(claim.status.as_str())) }
            td { (claim.status.class().as_str()) }
            td.nowrap { (time(claim.at)) }
            td { (verdict(claim.verdict)) }
        }
    }
}

/// What became of it, in a few words.
fn verdict(verdict: Verdict) -> String {
    match verdict {
        Verdict::Decides => "decides".to_owned(),
        Verdict::LowerClass => "lower class".to_owned(),
        Verdict::Earlier => "earlier".to_owned(),
        Verdict::LowerRank => "same time, lower rank".to_owned(),
        Verdict::Same => "says the same".to_owned(),
        Verdict::Retracted(by) => format!("taken back by #{by}"),
        Verdict::Replaced(by) => format!("replaced by #{by}"),
    }
}

/// One event of the timeline.
pub(super) fn event(
    id: ShipmentId,
    event: &Value,
    record: Option<&RecordView>,
    became: Option<Verdict>,
    may_retract: bool,
) -> Markup {
    let sequence = event["sequence"].as_i64().unwrap_or_default();
    let (before, after) = (text(event, "status_before"), text(event, "status_after"));
    let (body, kind) = (&event["body"], text(event, "type"));
    let is_gone = matches!(became, Some(Verdict::Retracted(_)));
    html! {
        li.event id={ "event-" (sequence) } .gone[is_gone] .decides[became == Some(Verdict::Decides)] {
            div.line {
                span.soft { "#" (sequence) } " " strong { (kind) }
                @if before == after { " " span.soft { "stays " (words(after)) } } @else {
                    " " @if !before.is_empty() { span.soft { (words(before)) " → " } } (status(after))
                }
                @if let Some(became) = became {
                    @match became {
                        Verdict::Decides => { " " (parts::badge(Mood::Good, "decides the status")) }
                        Verdict::Retracted(_) | Verdict::Replaced(_) => { " " (parts::badge(Mood::Warn, &verdict(became))) }
                        _ => {}
                    }
                }
            }
            p {
                "happened " (moment(text(event, "occurred_at")))
                @if let Some(local) = body["local_time"].as_str() { span.soft title="On the carrier's own clock" { " (" (local) " there)" } }
                ", written down " (moment(text(event, "recorded_at")))
            }
            p { (gist(body)) }
            details {
                summary { "Payload, headers, offset, schema, trace" }
                @match record {
                    Some(record) => {
                        dl.terms {
                            dt { "Record" } dd { a href=(records::address(record.topic, &record.at())) { code { (record.at()) } } }
                            (records::schema(record))
                            dt { "Key" } dd.wrap { code { (record.key.as_deref().unwrap_or("none")) } }
                        }
                        h3 { "Payload" } (records::payload(&record.payload))
                        h3 { "Headers" } (records::headers(record))
                    }
                    None => {
                        p.soft { "Its record was not found in the log; this is what the views keep of it." }
                        pre tabindex="0" { (format!("{event:#}")) }
                    }
                }
                @if may_retract && kind == "ScanRecorded" && !is_gone {
                    p { a.button href={ "/console/shipments/" (id) "/commands/retraction?event=" (text(event, "event_id")) } { "Take this scan back…" } }
                }
            }
        }
    }
}

/// What it says, in a line.
fn gist(body: &Value) -> Markup {
    let fields = [
        ("status", "says "),
        ("carrier", "by "),
        ("tracking_number", "number "),
        ("raw_code", "code "),
        ("raw_text", ""),
        ("scan_event_id", "takes back "),
        ("reason", "because: "),
        ("signed_by", "signed by "),
    ];
    let mut said: Vec<String> = fields
        .into_iter()
        .filter_map(|(name, before)| Some(format!("{before}{}", body[name].as_str()?.replace('_', " "))))
        .collect();
    let place = place(&body["place"]);
    if !place.is_empty() {
        said.insert(usize::from(!said.is_empty()), format!("at {place}"));
    }
    if let Some(grams) = body["weight_grams"].as_u64() {
        said.push(format!("{} g", count(grams)));
    }
    html! { (said.join(" · ")) }
}
