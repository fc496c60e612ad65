//! What there is not.

use axum::http::StatusCode;
use axum::response::Response;
use http_api::Routes;
use maud::html;

use super::State;
use crate::caller::Caller;
use crate::layout::{Page, Section};
use crate::parts;

pub(super) fn routes(routes: Routes<State>) -> Routes<State> {
    routes.get("/console/{*rest}", show)
}

async fn show(caller: Caller) -> Response {
    let content = parts::empty(
        "There is no such page",
        html! { p { "The address may be misspelt, or of another version. " a href="/console" { "The overview" } " leads everywhere." } },
    );
    Page::new(Section::Elsewhere, "Not found").status(StatusCode::NOT_FOUND).of(&caller, &content)
}
