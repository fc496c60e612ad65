//! `/console/services`: who runs where, and who gets requests.
//!
//! What is shown is this console's own copy of the registry, so that it is there while the discovery service is away; what is
//! changed goes through that service, as the caller.

mod instance;
mod list;

use std::sync::Arc;

use auth::Service;
use axum::extract::{Path, State as Given};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use http_api::Routes;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};
use service_registry::InstanceId;

use super::extract::{Form, Query};
use super::{State, see_other};
use crate::backend::{Question, Unanswered, escaped};
use crate::caller::Caller;
use crate::desk::Desk;
use crate::layout::{Page, Section};
use crate::parts::{self, Mood};
use crate::roles::Roles;

pub(super) fn routes(routes: Routes<State>) -> Routes<State> {
    routes
        .get("/console/services", all)
        .get("/console/services/{service}/{instance}", one)
        .post("/console/services/{service}/{instance}", change)
}

/// Where an instance's page is.
pub(super) fn address(id: &InstanceId) -> String {
    format!("/console/services/{}/{}", escaped(id.service.as_str()), escaped(id.instance.as_str()))
}

async fn all(Given(desk): Given<Arc<Desk>>, caller: Caller) -> Response {
    let content = parts::live("registry", &list::content(&Roles::of(&desk.directory)));
    Page::new(Section::Services, "Services").of(&caller, &content)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    done: String,
}

async fn one(
    Given(desk): Given<Arc<Desk>>,
    Path((service, instance)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    caller: Caller,
) -> Response {
    let done = match asked.done.as_str() {
        "taken-out" => Some(
            "It is taken out: it gets no new requests, whatever it says of itself, until somebody puts it back.",
        ),
        "put-back" => Some("It is put back: it gets requests as soon as it is ready."),
        _ => None,
    };
    let told = done.map(|text| parts::notice(Mood::Good, "Done", html! { p { (text) } }));
    shown(&desk, &caller, (&service, &instance), StatusCode::OK, told.as_ref(), "")
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Action {
    TakeOut,
    PutBack,
}

#[derive(Debug, Deserialize)]
struct Change {
    action: Action,
    #[serde(default)]
    reason: String,
}

async fn change(
    Given(desk): Given<Arc<Desk>>,
    Path((service, instance)): Path<(String, String)>,
    caller: Caller,
    Form(change): Form<Change>,
) -> Response {
    let path = format!("/api/v1/services/{}/{}/status", escaped(&service), escaped(&instance));
    let (question, done) = match change.action {
        Action::TakeOut if change.reason.trim().is_empty() => {
            let told = parts::notice(
                Mood::Bad,
                "Say why",
                html! { p { "Who finds it out of rotation tomorrow wants to know." } },
            );
            return shown(
                &desk,
                &caller,
                (&service, &instance),
                StatusCode::UNPROCESSABLE_ENTITY,
                Some(&told),
                "",
            );
        }
        Action::TakeOut => {
            let body = json!({ "status": "OUT_OF_SERVICE", "reason": change.reason.trim() });
            (Question::of(Method::PUT, Service::DiscoveryService, path).json(&body), "taken-out")
        }
        Action::PutBack => (Question::of(Method::DELETE, Service::DiscoveryService, path), "put-back"),
    };
    match desk.backend.ask::<Value>(&caller, question).await {
        Ok(_) => {
            see_other(&format!("/console/services/{}/{}?done={done}", escaped(&service), escaped(&instance)))
        }
        Err(why) => {
            let told = parts::unanswered("Nothing was changed, as far as is known", &why);
            shown(&desk, &caller, (&service, &instance), status_of(&why), Some(&told), &change.reason)
        }
    }
}

/// What the page itself is answered with when another service refused.
pub(super) fn status_of(why: &Unanswered) -> StatusCode {
    match why {
        Unanswered::Refused { problem, .. } => {
            StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_GATEWAY)
        }
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn shown(
    desk: &Desk,
    caller: &Caller,
    (service, instance): (&str, &str),
    status: StatusCode,
    told: Option<&Markup>,
    reason: &str,
) -> Response {
    let roles = Roles::of(&desk.directory);
    let id = service.parse().ok().zip(instance.parse().ok());
    let id = id.map(|(service, instance)| InstanceId { service, instance });
    let found = id.as_ref().and_then(|id| roles.instances.iter().find(|instance| instance.id() == *id));
    let page =
        Page::new(Section::Services, format!("{service} {instance}")).under("Services", "/console/services");
    let Some(found) = found else {
        let away = id.is_some_and(|id| desk.directory.taken_out(&id).is_some());
        let content = html! {
            @if let Some(told) = told { (told) }
            (instance::away(away))
        };
        return page
            .status(if status == StatusCode::OK { StatusCode::NOT_FOUND } else { status })
            .of(caller, &content);
    };
    let content = html! {
        @if let Some(told) = told { (told) }
        (instance::content(&roles, found, reason))
    };
    page.status(status).of(caller, &content)
}
