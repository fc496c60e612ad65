//! `/console/config`: what is set, by whom and why; changed through the config service, as the caller.

mod entry;
mod form;
mod history;
mod list;
mod model;
mod put;

use std::sync::Arc;

use axum::extract::{Path, State as Given};
use axum::http::StatusCode;
use axum::response::Response;
use futures::future::join_all;
use http_api::Routes;
use maud::{Markup, html};
use serde::Deserialize;

use self::model::{Profiles, Scope};
use self::put::Typed;
use super::extract::{Form, Query};
use super::services::status_of;
use super::{State, see_other};
use crate::backend::{Unanswered, escaped};
use crate::caller::Caller;
use crate::desk::Desk;
use crate::layout::{Page, Section};
use crate::parts::{self, Mood};
use crate::roles::Roles;

pub(super) fn routes(routes: Routes<State>) -> Routes<State> {
    routes
        .get("/console/config", all)
        .get("/console/config/{name}", one)
        .post("/console/config/{name}", change)
        .get("/console/config-history", history::show)
        .post("/console/config-history", history::roll_back)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    application: String,
    profile: String,
    /// What names or explanations must have in them.
    q: String,
    /// Whether to show only what is set.
    set: String,
    /// What was just done.
    done: String,
    /// The version whose value the form begins with.
    r#use: Option<u64>,
}

async fn all(Given(desk): Given<Arc<Desk>>, Query(asked): Query<Asked>, caller: Caller) -> Response {
    let scope = Scope::of(&asked.application, &asked.profile);
    let page = Page::new(Section::Config, "Config");
    let (keys, profiles) =
        tokio::join!(model::keys(&desk.backend, &caller), model::profiles(&desk.backend, &caller));
    let in_order = scope.in_order();
    let entries = join_all(in_order.iter().map(|scope| model::entries(&desk.backend, &caller, scope))).await;
    let entries: Result<Vec<_>, Unanswered> = entries.into_iter().collect();
    match (keys, profiles, entries) {
        (Ok(keys), Ok(profiles), Ok(entries)) => {
            let layers = in_order.into_iter().zip(entries).collect();
            let shown = list::Shown {
                scope: &scope,
                keys: &keys,
                profiles: &profiles,
                layers,
                q: asked.q.trim(),
                set_only: !asked.set.is_empty(),
            };
            let content = html! {
                (in_force(&Roles::of(&desk.directory), profiles.version))
                (list::content(&shown))
            };
            page.of(&caller, &content)
        }
        (Err(why), _, _) | (_, Err(why), _) | (_, _, Err(why)) => page
            .status(status_of(&why))
            .of(&caller, &parts::awaited("unanswered", "The configuration can't be shown", &why)),
    }
}

/// How far a version has come: which instances run on it. Where all do, nobody has to ask again.
fn in_force(roles: &Roles, version: u64) -> Markup {
    let known: Vec<_> = roles
        .instances
        .iter()
        .filter_map(|instance| {
            let runs_on =
                instance.metadata(service_registry::metadata::CONFIG_OFFSET)?.parse::<u64>().ok()?;
            Some((instance.id(), runs_on))
        })
        .collect();
    let behind: Vec<_> = known.iter().filter(|(_, runs_on)| *runs_on < version).collect();
    let is_everywhere = !known.is_empty() && behind.is_empty();
    let told = html! {
        p.well {
            @if known.is_empty() {
                (parts::badge(Mood::Warn, "unknown")) " " span.soft { "No instance has said which version it runs on." }
            } @else if behind.is_empty() {
                (parts::badge(Mood::Good, "in force everywhere")) " "
                span.soft { "All " (known.len()) " instances run on version " (version) "." }
            } @else {
                (parts::badge(Mood::Warn, "not everywhere yet")) " "
                span.soft {
                    (known.len() - behind.len()) " of " (known.len()) " instances run on version " (version) ". Behind: "
                    @for (at, (id, runs_on)) in behind.iter().enumerate() {
                        @if at > 0 { ", " } (id.to_string()) " (" (runs_on) ")"
                    }
                }
            }
        }
    };
    parts::live_while(!is_everywhere, "in-force", &told)
}

async fn one(
    Given(desk): Given<Arc<Desk>>,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
    caller: Caller,
) -> Response {
    let scope = Scope::of(&asked.application, &asked.profile);
    let told = match asked.done.as_str() {
        "set" => Some("The new value is written. Below is which instances have it."),
        "deleted" => Some("The entry is deleted. What is set elsewhere, or the default, counts again."),
        _ => None,
    };
    let told = told.map(|text| parts::notice(Mood::Good, "Done", html! { p { (text) } }));
    shown(
        &desk,
        &caller,
        &scope,
        &name,
        StatusCode::OK,
        &entry::Given { told, begin_with: asked.r#use, ..entry::Given::default() },
    )
    .await
}

async fn change(
    Given(desk): Given<Arc<Desk>>,
    Path(name): Path<String>,
    caller: Caller,
    Form(typed): Form<Typed>,
) -> Response {
    let scope = Scope::of(&typed.application, &typed.profile);
    let is_secret = model::keys(&desk.backend, &caller)
        .await
        .map(|keys| keys.iter().any(|key| key.name == name && key.secret));
    let asked = match is_secret {
        Ok(is_secret) => put::ask(&desk.backend, &caller, &scope, &name, &typed, is_secret).await,
        Err(why) => Err(put::Refused::Service(why)),
    };
    let given = |told, is_checked| entry::Given {
        told,
        typed: Some(typed.clone()),
        is_checked,
        ..entry::Given::default()
    };
    match asked {
        Ok(put::Done::Checked) => {
            shown(&desk, &caller, &scope, &name, StatusCode::OK, &given(None, true)).await
        }
        Ok(put::Done::Set) => see_other(&format!("{}&done=set", scope.address(&name))),
        Ok(put::Done::Deleted) => see_other(&format!("{}&done=deleted", scope.address(&name))),
        Err(put::Refused::Here(why)) => {
            let told = parts::notice(Mood::Bad, "Not yet", html! { p { (why) } });
            shown(&desk, &caller, &scope, &name, StatusCode::UNPROCESSABLE_ENTITY, &given(Some(told), false))
                .await
        }
        Err(put::Refused::Service(why)) => {
            let told = put::told(&why);
            shown(&desk, &caller, &scope, &name, status_of(&why), &given(Some(told), false)).await
        }
    }
}

async fn shown(
    desk: &Desk,
    caller: &Caller,
    scope: &Scope,
    name: &str,
    status: StatusCode,
    given: &entry::Given,
) -> Response {
    let page = Page::new(Section::Config, name)
        .under("Config", "/console/config")
        .under(scope.to_string(), format!("/console/config?{}", scope.query()));
    match found(desk, caller, scope, name).await {
        Ok(found) => {
            let content = html! {
                (entry::content(&found, given))
                @if let Some(entry) = &found.here {
                    section.card {
                        h2 { "In force" }
                        (in_force(&Roles::of(&desk.directory), entry.version))
                    }
                }
                (history::of_entry(&found))
            };
            page.status(status).of(caller, &content)
        }
        Err(why) => {
            const MISSING: &str = "The entry can't be shown";
            // What is told of a form would be gone when the page comes anew.
            let is_read = status == StatusCode::OK;
            let content = html! {
                @if let Some(told) = &given.told { (told) }
                @if is_read { (parts::awaited("unanswered", MISSING, &why)) } @else { (parts::unanswered(MISSING, &why)) }
            };
            page.status(if is_read { status_of(&why) } else { status }).of(caller, &content)
        }
    }
}

/// What is known of an entry's name: its explanation, where it is set, and what it was.
async fn found(desk: &Desk, caller: &Caller, scope: &Scope, name: &str) -> Result<entry::Found, Unanswered> {
    let backend = &desk.backend;
    let asked = format!("name={}&limit=20", escaped(name));
    let (keys, profiles, changes) = tokio::join!(
        model::keys(backend, caller),
        model::profiles(backend, caller),
        model::history(backend, caller, scope, &asked),
    );
    let (keys, profiles, changes): (_, Profiles, _) = (keys?, profiles?, changes?);
    let scopes = scope.all_like(&profiles);
    let asked = join_all(scopes.iter().map(|scope| model::entry(backend, caller, scope, name))).await;
    let (mut places, mut here, mut tag) = (Vec::new(), None, None);
    for (of, entry) in scopes.into_iter().zip(asked) {
        let Some(answer) = entry? else { continue };
        if of == *scope {
            (here, tag) = (Some(answer.body.clone()), answer.tag);
        }
        places.push((of, answer.body));
    }
    let key = keys.into_iter().find(|key| key.name == name);
    Ok(entry::Found {
        scope: scope.clone(),
        name: name.to_owned(),
        key,
        here,
        tag,
        places,
        changes: changes.changes,
    })
}
