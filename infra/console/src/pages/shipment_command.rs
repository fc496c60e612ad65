//! `/console/shipments/{id}/commands/{what}`: commands, sent in the caller's name after a second look.
//!
//! The form's first showing makes an idempotency key, which goes with it through the confirmation: sent twice, by a double click
//! or a reload, the command is done once. The confirmation shows how the shipment stands, and the command is done only if it still does.

mod typed;

use std::sync::Arc;

use auth::{Principal, Service, calls};
use axum::extract::{Path, State as Given};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use http_api::Routes;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;
use shipment_events::{ShipmentId, Status};
use uuid::Uuid;

use self::typed::Typed;
use super::extract::{Form, Query};
use super::services::status_of;
use super::{State, moment, see_other, shipments};
use crate::backend::{Answer, Question, Refusal, Unanswered};
use crate::caller::Caller;
use crate::desk::Desk;
use crate::layout::{Page, Section};
use crate::parts::{self, Mood};

pub(super) fn routes(routes: Routes<State>) -> Routes<State> {
    const PATH: &str = "/console/shipments/{id}/commands/{what}";
    routes.get(PATH, ask).post(PATH, answer)
}

/// The commands that can be sent from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Cancellation,
    Archive,
    Retraction,
    Scan,
    Amendment,
}

impl What {
    const ALL: [Self; 5] = [Self::Scan, Self::Amendment, Self::Retraction, Self::Cancellation, Self::Archive];

    /// As it stands in addresses.
    const fn name(self) -> &'static str {
        match self {
            Self::Cancellation => "cancellation",
            Self::Archive => "archive",
            Self::Retraction => "retraction",
            Self::Scan => "scan",
            Self::Amendment => "amendment",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Cancellation => "Cancel the shipment",
            Self::Archive => "Archive the shipment",
            Self::Retraction => "Take a scan back",
            Self::Scan => "Record a scan",
            Self::Amendment => "Amend the shipment",
        }
    }

    const fn consequence(self) -> &'static str {
        match self {
            Self::Cancellation => {
                "The shipment is called off. If somebody has it in hand already, or scans it later all the same, those scans count for more."
            }
            Self::Archive => {
                "The shipment is put into the archive. Only a shipment that has come to its end can be."
            }
            Self::Retraction => {
                "The scan no longer counts, and the status is what the others say. It is remembered: reported again, it stays taken back."
            }
            Self::Scan => "The scan is kept as if the carrier had reported it, and may change the status.",
            Self::Amendment => {
                "The fields that are filled in replace what the shop said. What is left empty stays as it is."
            }
        }
    }

    /// The call of the command API that it is.
    const fn call(self) -> (Method, &'static str) {
        match self {
            Self::Cancellation => (Method::POST, "/api/v1/shipments/{id}/cancellation"),
            Self::Archive => (Method::POST, "/api/v1/shipments/{id}/archive"),
            Self::Retraction => (Method::POST, "/api/v1/shipments/{id}/scans/{event_id}/retraction"),
            Self::Scan => (Method::POST, "/api/v1/shipments/{id}/scans"),
            Self::Amendment => (Method::PATCH, "/api/v1/shipments/{id}"),
        }
    }

    fn is_for(self, principal: &Principal) -> bool {
        let (method, path) = self.call();
        calls::find(Service::CommandApi, &method, path).is_some_and(|call| call.is_for(principal.role()))
    }

    /// Whether it ends or takes away something.
    const fn is_grave(self) -> bool {
        matches!(self, Self::Cancellation | Self::Archive | Self::Retraction)
    }
}

/// What this caller may send: as the table of calls has it.
pub(super) fn offered(principal: &Principal) -> Vec<What> {
    What::ALL.into_iter().filter(|what| what.is_for(principal)).collect()
}

/// The ways to those commands that are about the whole shipment.
pub(super) fn offers(id: ShipmentId, offered: &[What]) -> Markup {
    html! {
        p.row aria-label="Commands" {
            @for what in offered.iter().filter(|what| **what != What::Retraction) {
                a.button href={ "/console/shipments/" (id) "/commands/" (what.name()) } { (what.title()) "…" }
            }
        }
    }
}

/// Which scan, for a retraction.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct About {
    event: String,
}

async fn ask(
    caller: Caller,
    Path((id, what)): Path<(String, String)>,
    Query(about): Query<About>,
) -> Response {
    let (id, what) = match known(&caller, &id, &what) {
        Ok(known) => known,
        Err(refusal) => return *refusal,
    };
    let typed = Typed { event: about.event, key: Uuid::now_v7().to_string(), ..Typed::default() };
    page(id, what).of(&caller, &form(id, what, &typed, None))
}

async fn answer(
    Given(desk): Given<Arc<Desk>>,
    caller: Caller,
    Path((id, what)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Response {
    let (id, what) = match known(&caller, &id, &what) {
        Ok(known) => known,
        Err(refusal) => return *refusal,
    };
    let body = match typed.body(what, caller.principal.name()) {
        Ok(body) => body,
        Err(faults) => {
            let told = parts::notice(Mood::Bad, "Not yet", html! { @for fault in faults { p { (fault) } } });
            return page(id, what)
                .status(StatusCode::UNPROCESSABLE_ENTITY)
                .of(&caller, &form(id, what, &typed, Some(&told)));
        }
    };
    if typed.confirmed != "yes" {
        let stands = stands(&desk, &caller, id, None).await;
        let typed = typed.at(stands.as_ref());
        return page(id, what).of(&caller, &confirmation(id, what, &typed, &body, stands.as_ref()));
    }
    let (method, path) = what.call();
    let path =
        path.replace("{id}", &id.to_string()).replace("{event_id}", &crate::backend::escaped(&typed.event));
    let mut question =
        Question::of(method, Service::CommandApi, path).json(&body).idempotency_key(typed.key.clone());
    if !typed.tag.is_empty() {
        question = question.if_match(typed.tag.clone());
    }
    match desk.backend.ask::<Value>(&caller, question).await {
        Ok(answer) => see_other(&after(id, what, &answer.body)),
        Err(Unanswered::Refused { problem: Refusal { status: 412, version, .. }, .. }) => {
            let stands = stands(&desk, &caller, id, version).await;
            let typed = typed.anew().at(stands.as_ref());
            let content = html! {
                (passed_by(version))
                (confirmation(id, what, &typed, &body, stands.as_ref()))
            };
            page(id, what).status(StatusCode::PRECONDITION_FAILED).of(&caller, &content)
        }
        Err(why) => {
            let (told, typed) = in_vain(&why, typed);
            page(id, what).status(status_of(&why)).of(&caller, &form(id, what, &typed, Some(&told)))
        }
    }
}

/// The shipment as the views have it, at this version or a later one; nothing where they don't say.
async fn stands(desk: &Desk, caller: &Caller, id: ShipmentId, version: Option<i64>) -> Option<Answer<Value>> {
    let least = version.map(|version| format!("?min_version={version}")).unwrap_or_default();
    let question = Question::get(Service::QueryApi, format!("/api/v1/shipments/{id}{least}"));
    desk.backend.ask(caller, question).await.ok()
}

fn passed_by(version: Option<i64>) -> Markup {
    parts::notice(
        Mood::Bad,
        "The shipment has changed meanwhile",
        html! {
            p {
                "Nothing was done: since you were asked, something happened to it"
                @if let Some(version) = version { ", and it is at version " (version) " now" }
                ". Look how it stands, and say again whether you want this."
            }
        },
    )
}

/// What is told of a command that was not answered as it should be, and what stands in the form then.
fn in_vain(why: &Unanswered, typed: Typed) -> (Markup, Typed) {
    if !why.may_be_done() {
        // Once what it says is changed, it is another command.
        return (parts::unanswered("The command was not done", why), typed.anew());
    }
    let told = html! {
        (parts::unanswered("The command was not done, as far as is known", why))
        p.soft { "Sent again from here it has the same key: if it was done after all, it is not done twice." }
    };
    (told, typed)
}

/// Where one is led when the command API has answered.
fn after(id: ShipmentId, what: What, answer: &Value) -> String {
    let done = match (answer["version"].as_i64(), answer["events"].as_i64()) {
        (None, _) => "waiting",
        (Some(_), Some(0)) => "known",
        _ => what.name(),
    };
    let version = answer["version"].as_i64().map(|n| format!("&min_version={n}")).unwrap_or_default();
    format!("/console/shipments/{id}?done={done}{version}")
}

fn known(caller: &Caller, id: &str, what: &str) -> Result<(ShipmentId, What), Box<Response>> {
    let (Ok(id), Some(what)) =
        (id.parse::<ShipmentId>(), What::ALL.into_iter().find(|each| each.name() == what))
    else {
        let content = parts::empty(
            "There is no such command",
            html! { p { a href="/console/shipments" { "To the shipments" } } },
        );
        return Err(Page::new(Section::Shipments, "Not found")
            .status(StatusCode::NOT_FOUND)
            .of(caller, &content)
            .into());
    };
    if !what.is_for(&caller.principal) {
        let content = parts::empty(
            "Not for your role",
            html! {
                p { "An operator may take scans back, cancel and archive; what says something new of a shipment is for who speaks for the customer. " a href={ "/console/shipments/" (id) } { "Back to the shipment" } }
            },
        );
        return Err(page(id, what).status(StatusCode::FORBIDDEN).of(caller, &content).into());
    }
    Ok((id, what))
}

fn page(id: ShipmentId, what: What) -> Page {
    Page::new(Section::Shipments, what.title())
        .under("Shipments", "/console/shipments")
        .under(super::records::short(&id.to_string()), format!("/console/shipments/{id}"))
}

fn form(id: ShipmentId, what: What, typed: &Typed, told: Option<&Markup>) -> Markup {
    html! {
        @if let Some(told) = told { (told) }
        section.card {
            p { "Shipment " a href={ "/console/shipments/" (id) } { code.wrap { (id) } } }
            p { (what.consequence()) }
            form.stack method="post" action={ "/console/shipments/" (id) "/commands/" (what.name()) } {
                input type="hidden" name="key" value=(typed.key);
                @if !typed.tag.is_empty() { input type="hidden" name="tag" value=(typed.tag); }
                @match what {
                    What::Scan => (scan_fields(typed)),
                    What::Amendment => (amendment_fields(typed)),
                    What::Retraction => {
                        (line("event", "The event of the scan", &typed.event, true))
                        (line("reason", "Why", &typed.reason, false))
                    }
                    What::Cancellation | What::Archive => (line("reason", "Why", &typed.reason, false)),
                }
                button.primary type="submit" { "Go on" }
                p.hint { "You are asked once more before anything is done." }
            }
        }
    }
}

fn scan_fields(typed: &Typed) -> Markup {
    html! {
        (moment::field("time", "When", &typed.time, "When the carrier saw it"))
        label for="status" { "What it means" }
        select id="status" name="status" required {
            option value="" { "choose" }
            @for status in Status::ALL.into_iter().filter(|status| status.can_be_scanned()) {
                option value=(status) selected[typed.status == status.as_str()] { (shipments::words(status.as_str())) ": " (status.set_by().trim_start_matches("a scan: ")) }
            }
        }
        (line("carrier", "Carrier", &typed.carrier, true))
        (line("tracking_number", "Tracking number", &typed.tracking_number, false))
        (line("city", "City", &typed.city, false))
        (line("country", "Country, two letters", &typed.country, false))
    }
}

fn amendment_fields(typed: &Typed) -> Markup {
    html! {
        (line("weight_grams", "Weight in grams", &typed.weight_grams, false))
        label for="promised_delivery" { "Promised delivery" }
        input id="promised_delivery" name="promised_delivery" type="date" value=(typed.promised_delivery);
        (line("carrier", "Carrier", &typed.carrier, false))
        (line("tracking_number", "Tracking number", &typed.tracking_number, false))
        (line("city", "Destination: city", &typed.city, false))
        (line("country", "Destination: country, two letters", &typed.country, false))
    }
}

fn line(name: &str, label: &str, value: &str, required: bool) -> Markup {
    html! {
        label for=(name) { (label) @if !required { span.soft { " (may be left out)" } } }
        input id=(name) name=(name) value=(value) required[required] autocomplete="off";
    }
}

/// The second look: what will be sent, and the button that does it.
fn confirmation(
    id: ShipmentId,
    what: What,
    typed: &Typed,
    body: &Value,
    stands: Option<&Answer<Value>>,
) -> Markup {
    html! {
        section.notice.warn {
            h2 { span.sign aria-hidden="true" { "!" } "Do this?" }
            p { (what.consequence()) }
            dl.terms {
                dt { "Shipment" } dd.wrap { code { (id) } }
                @if let Some(stands) = stands {
                    dt { "It is" }
                    dd { (shipments::status(shipments::text(&stands.body, "status"))) " at version " (stands.body["version"].as_i64().unwrap_or_default()) }
                }
                @if what == What::Retraction { dt { "Scan" } dd.wrap { code { (typed.event) } } }
                @for (name, value) in body.as_object().into_iter().flatten() {
                    dt { (shipments::words(name)) }
                    dd.wrap { @match value.as_str() { Some(text) => (text), None => code { (value) } } }
                }
                dt title="Sent twice, the command is done once" { "Idempotency key" } dd.wrap { code { (typed.key) } }
            }
            form.row method="post" action={ "/console/shipments/" (id) "/commands/" (what.name()) } {
                @for (name, value) in typed.fields() { @if !value.is_empty() { input type="hidden" name=(name) value=(value); } }
                input type="hidden" name="confirmed" value="yes";
                @if what.is_grave() {
                    button.danger type="submit" { (what.title()) }
                } @else {
                    button.primary type="submit" { (what.title()) }
                }
                a.button href={ "/console/shipments/" (id) } { "No, go back" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use auth::{Customers, Role};
    use serde_json::json;

    use super::*;

    fn id() -> ShipmentId {
        "1c7b2c1e-0b1d-4d0a-9c53-0123456789ab".parse().unwrap()
    }

    #[test]
    fn each_role_is_offered_what_the_table_lets_it() {
        let of = |role| offered(&Principal::new("key:1", role, Customers::All));
        assert_eq!(of(Role::Operator), [What::Retraction, What::Cancellation, What::Archive]);
        assert_eq!(of(Role::Admin), What::ALL);
        assert_eq!(of(Role::Reader), []);
    }

    #[test]
    fn the_key_goes_with_the_form_through_the_confirmation() {
        let typed = Typed { key: "k-1".to_owned(), reason: "twice <ordered>".to_owned(), ..Typed::default() };
        let asked = form(id(), What::Cancellation, &typed, None).into_string();
        assert!(asked.contains(r#"name="key" value="k-1""#) && !asked.contains("confirmed"), "{asked}");
        let body = typed.body(What::Cancellation, "key:1").unwrap();
        let again = confirmation(id(), What::Cancellation, &typed, &body, None).into_string();
        assert!(
            again.contains(r#"name="key" value="k-1""#) && again.contains(r#"name="confirmed" value="yes""#)
        );
        assert!(again.contains("twice &lt;ordered&gt;") && again.contains("No, go back"), "{again}");
    }

    #[test]
    fn it_is_done_to_the_shipment_as_it_was_shown() {
        let stands =
            Answer { body: json!({ "status": "in_transit", "version": 3 }), tag: Some("\"3\"".to_owned()) };
        let typed = Typed { key: "k-1".to_owned(), ..Typed::default() }.at(Some(&stands));
        let body = typed.body(What::Cancellation, "key:1").unwrap();
        let asked = confirmation(id(), What::Cancellation, &typed, &body, Some(&stands)).into_string();
        assert!(asked.contains("in transit") && asked.contains("at version 3"), "{asked}");
        assert!(asked.contains(r#"name="tag" value="&quot;3&quot;""#), "{asked}");
        let later = Answer { tag: Some("\"4\"".to_owned()), ..stands };
        assert_eq!(typed.clone().at(Some(&later)).tag, "\"3\"", "with the same key it is the same command");
        assert_eq!(typed.anew().at(Some(&later)).tag, "\"4\"");
        assert!(passed_by(Some(4)).into_string().contains("at version 4 now"));
    }

    #[test]
    fn what_may_have_been_done_keeps_its_key_and_says_so() {
        const SAME: &str = "it has the same key";
        let typed = || Typed { key: "k-1".to_owned(), tag: "\"3\"".to_owned(), ..Typed::default() };
        let address = "10.0.0.7:8092".parse().unwrap();
        for why in [
            Unanswered::Silent { service: "command-api", address, late: true },
            Unanswered::refused("command-api", 503, b"{}"),
        ] {
            let (told, kept) = in_vain(&why, typed());
            assert_eq!((kept.key.as_str(), kept.tag.as_str()), ("k-1", "\"3\""), "{why:?}");
            assert!(told.into_string().contains(SAME), "{why:?}");
            let asked = form(id(), What::Cancellation, &kept, None).into_string();
            assert!(
                asked.contains(r#"name="key" value="k-1""#) && asked.contains(r#"name="tag""#),
                "{asked}"
            );
        }
        let (told, anew) = in_vain(&Unanswered::refused("command-api", 422, b"{}"), typed());
        assert!(anew.key != "k-1" && anew.tag.is_empty() && !told.into_string().contains(SAME));
    }

    #[test]
    fn what_came_of_it_is_told_on_the_shipments_page() {
        let at = |answer: Value| after(id(), What::Archive, &answer);
        assert!(at(json!({ "version": 4, "events": 1 })).ends_with("?done=archive&min_version=4"));
        assert!(at(json!({ "version": 4, "events": 0 })).ends_with("?done=known&min_version=4"));
        assert!(at(json!({ "command_id": "x" })).ends_with("?done=waiting"));
    }
}
