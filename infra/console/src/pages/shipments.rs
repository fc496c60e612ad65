//! `/console/shipments`: shipments, looked up.

use std::sync::Arc;

use auth::Service;
use axum::extract::State as Given;
use axum::response::Response;
use http_api::Routes;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;
use shipment_events::{ShipmentId, Status, Timestamp};

use super::extract::Query;
use super::{State, records, see_other, shipment, shipment_command};
use crate::backend::{Question, Unanswered};
use crate::caller::Caller;
use crate::desk::Desk;
use crate::layout::{Page, Section};
use crate::parts::{self, Mood};

pub(super) fn routes(routes: Routes<State>) -> Routes<State> {
    let routes = routes.get("/console/shipments", list).get("/console/shipments/{id}", shipment::show);
    shipment_command::routes(routes)
}

/// What is looked for, as it was typed or stands in a link.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    status: String,
    customer: String,
    phone: String,
    from: String,
    to: String,
    cursor: String,
}

impl Asked {
    /// The question to the query API.
    fn query(&self, cursor: &str) -> String {
        let fields = [
            ("tracking_number", self.q.trim()),
            ("status", self.status.trim()),
            ("customer", self.customer.trim()),
            ("phone", self.phone.trim()),
            ("from", self.from.trim()),
            ("to", self.to.trim()),
            ("cursor", cursor),
        ];
        let given = fields.into_iter().filter(|(_, value)| !value.is_empty());
        form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish()
    }

    /// The address of a page of this one.
    fn link(&self, cursor: &str) -> String {
        let query = self.query(cursor).replace("tracking_number=", "q=");
        if query.is_empty() { "/console/shipments".to_owned() } else { format!("/console/shipments?{query}") }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Found {
    shipments: Vec<Value>,
    next_cursor: Option<String>,
}

async fn list(Given(desk): Given<Arc<Desk>>, caller: Caller, Query(asked): Query<Asked>) -> Response {
    if let Ok(id) = asked.q.trim().parse::<ShipmentId>() {
        return see_other(&format!("/console/shipments/{id}"));
    }
    let path = format!("/api/v1/shipments?{}", asked.query(&asked.cursor));
    let found = desk.backend.ask::<Found>(&caller, Question::get(Service::QueryApi, path)).await;
    let sees_all = caller.principal.role().sees_personal_data();
    let content = content(&asked, found.map(|answer| answer.body).as_ref(), sees_all);
    Page::new(Section::Shipments, "Shipments").of(&caller, &content)
}

fn content(asked: &Asked, found: Result<&Found, &Unanswered>, sees_all: bool) -> Markup {
    html! {
        (form(asked, sees_all))
        @match found {
            Err(why) => (parts::awaited("unanswered", "The list can't be shown", why)),
            Ok(found) if found.shipments.is_empty() => (parts::empty("No shipments", html! {
                p { "None was registered on these days that is like that. Without days the last 31 are looked at; a tracking number is found whatever its day." }
                p { "A shipment that has scans but was never registered is in no list: look for its id." }
            })),
            Ok(found) => (table(asked, found)),
        }
    }
}

fn form(asked: &Asked, sees_all: bool) -> Markup {
    html! {
        form.search method="get" action="/console/shipments" role="search" {
            div.field.wide {
                label for="q" { "Tracking number or shipment id" }
                input id="q" name="q" type="search" value=(asked.q) autocomplete="off" spellcheck="false";
            }
            div.field {
                label for="status" { "Status" }
                select id="status" name="status" {
                    option value="" { "any" }
                    @for status in Status::ALL { option value=(status) selected[asked.status == status.as_str()] { (words(status.as_str())) } }
                }
            }
            div.field {
                label for="customer" { "Customer" }
                input id="customer" name="customer" value=(asked.customer) placeholder="shop-7" autocomplete="off";
            }
            @if sees_all {
                div.field {
                    label for="phone" title="The recipient's, as +4915112345678" { "Phone" }
                    input id="phone" name="phone" value=(asked.phone) placeholder="+4915112345678" autocomplete="off" inputmode="tel";
                }
            }
            div.field { label for="from" title="Day of registration, UTC" { "Registered from" } input id="from" name="from" type="date" value=(asked.from); }
            div.field { label for="to" title="Day of registration, UTC, included" { "to" } input id="to" name="to" type="date" value=(asked.to); }
            div.field { button.primary type="submit" { "Search" } }
            p.hint.wide { "At most one of number, status, customer" @if sees_all { ", phone" } "; days go with any of them." @if !sees_all { " Phones can be searched by admins only." } }
        }
    }
}

fn table(asked: &Asked, found: &Found) -> Markup {
    html! {
        (parts::wide("Shipments", &html! {
            table {
                thead { tr { th { "Shipment" } th { "Number" } th { "Status" } th { "Since" } th { "Customer" } th { "To" } th { "Registered" } } }
                tbody {
                    @for shipment in &found.shipments {
                        @let id = text(shipment, "shipment_id");
                        tr {
                            th scope="row" { a href={ "/console/shipments/" (id) } title=(id) { code { (records::short(id)) } } }
                            td.nowrap { (text(shipment, "tracking_number")) @if let Some(carrier) = shipment["carrier"].as_str() { " " span.soft { (carrier) } } }
                            td { (status(text(shipment, "status"))) }
                            td.nowrap { (moment(text(shipment, "status_since"))) }
                            td { (text(shipment, "customer_id")) }
                            td { (place(&shipment["destination"])) }
                            td.nowrap { (moment(text(shipment, "registered_at"))) }
                        }
                    }
                }
            }
        }))
        @if let Some(cursor) = &found.next_cursor {
            p { a.button href=(asked.link(cursor)) { "Older ones" } }
        }
    }
}

/// A field that is text.
pub(super) fn text<'a>(json: &'a Value, name: &str) -> &'a str {
    json[name].as_str().unwrap_or_default()
}

/// A time as an API writes it.
pub(super) fn moment(text: &str) -> Markup {
    Timestamp::parse_rfc3339(text).map_or_else(|_| html! { (text) }, records::time)
}

/// `Ulm, DE`
pub(super) fn place(json: &Value) -> String {
    let parts = ["facility", "city", "region", "country"].map(|name| json[name].as_str());
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// A status in words, with a sign.
pub(super) fn status(status: &str) -> Markup {
    let mood = match status {
        "delivered" | "available_for_pickup" => Mood::Good,
        "lost" | "damaged" | "disposed" => Mood::Bad,
        "exception" | "delayed" | "on_hold" | "attempt_failed" | "expired" | "returning" => Mood::Warn,
        _ => Mood::Plain,
    };
    parts::badge(mood, &words(status))
}

/// `out_for_delivery` as people write it.
pub(super) fn words(status: &str) -> String {
    status.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found() -> Found {
        let shipment = json!({
            "shipment_id": "1c7b2c1e-0b1d-4d0a-9c53-0123456789ab", "status": "out_for_delivery",
            "status_since": "2026-11-27T06:58:12.000Z", "tracking_number": "RR1<", "customer_id": "shop-7",
            "destination": { "city": "Ulm", "country": "DE" }, "registered_at": "2026-11-26T06:58:12.000Z"
        });
        Found { shipments: vec![shipment], next_cursor: Some("abc=".to_owned()) }
    }

    #[test]
    fn a_list_leads_to_its_shipments_and_to_the_next_page() {
        let asked = Asked { q: "RR1".to_owned(), from: "2026-11-01".to_owned(), ..Asked::default() };
        let text = content(&asked, Ok(&found()), true).into_string();
        assert!(text.contains(r#"href="/console/shipments/1c7b2c1e-0b1d-4d0a-9c53-0123456789ab""#), "{text}");
        assert!(text.contains("out for delivery") && text.contains("Ulm, DE") && text.contains("RR1&lt;"));
        assert!(text.contains("?q=RR1&amp;from=2026-11-01&amp;cursor=abc%3D"), "{text}");
        assert!(text.contains(r#"name="phone""#) && text.contains("title=\"2026-11-27 06:58:12 UTC\""));
    }

    #[test]
    fn who_sees_no_personal_data_has_no_search_by_phone() {
        let text = content(&Asked::default(), Ok(&found()), false).into_string();
        assert!(!text.contains(r#"name="phone""#) && text.contains("by admins only"), "{text}");
    }

    #[test]
    fn nothing_and_nobody_are_told_apart() {
        assert!(
            content(&Asked::default(), Ok(&Found::default()), true).into_string().contains("No shipments")
        );
        let nobody = Unanswered::Nowhere { service: "query-api" };
        let text =
            content(&Asked { q: "X".to_owned(), ..Asked::default() }, Err(&nobody), true).into_string();
        assert!(
            text.contains("No instance of the query-api is up") && text.contains(r#"value="X""#),
            "{text}"
        );
    }
}
