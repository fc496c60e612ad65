//! What there is not.

use axum::http::StatusCode;
use axum::response::Response;
use http_api::Routes;
use maud::html;

use super::{State, see_other};
use crate::caller::Caller;
use crate::layout::{Page, Section};
use crate::parts;

pub(super) fn routes(routes: Routes<State>) -> Routes<State> {
    routes.get("/console/", without_slash).get("/console/{*rest}", show)
}

/// As people type it.
async fn without_slash() -> Response {
    see_other("/console")
}

async fn show(caller: Caller) -> Response {
    let content = parts::empty(
        "There is no such page",
        html! { p { "The address may be misspelt, or of another version. " a href="/console" { "The overview" } " leads everywhere." } },
    );
    Page::new(Section::Elsewhere, "Not found").status(StatusCode::NOT_FOUND).of(&caller, &content)
}
