//! One file for each page.
//!
//! To add a page:
//!
//! 1. A line in the table of calls, `infra/auth/src/calls.rs`: `page(Method::GET, "/console/…", WHO_OPERATES)`, `POST` for each
//!    form. (For an answer that goes on as long as the caller likes, take `call(Console, …, Live, WHO_OPERATES)`.) Then
//!    `UPDATE_DOCS=1 cargo test --release -p auth` writes the table in `docs/security.md` anew.
//! 2. A file here with `pub(super) fn routes(routes: Routes<State>) -> Routes<State>`, and its line in [`routes`]. A test holds
//!    what is declared here against the table.
//! 3. Its handler takes `State<Arc<Desk>>` and [`Caller`](crate::caller::Caller), asks
//!    `desk.backend.ask::<T>(&caller, Question::get(Service::…, "/api/v1/…"))`, and gives what came to a pure function
//!    `fn content(…) -> Markup` that is tested with data, without, and with an [`Unanswered`](crate::backend::Unanswered).
//! 4. The answer is `Page::new(Section::…, "Title").under("Parent", "/console/…").of(&caller, &content)`.
//!
//! What a page is made of is in [`parts`](crate::parts): `live` around what changes by itself (the script asks for the whole page
//! every two seconds, and takes over those parts), `live_while` around what does so only until something is done, `notice`, `empty`,
//! `awaited` around what can't be shown for now, `unanswered` around a form's failure, `badge`, `explained` around numbers, `time`
//! around times. Addresses and forms are read by `Query` and `Form` of [`extract`], which answer with a page. Tables: `wide` around one that scrolls, numbers in `td.n`. Forms: `form.stack`, with `label`, `p.hint` and
//! `button.primary` or `button.danger`; what can't be undone stands in `details.act { summary { … } form { … } }`. No `style=`
//! and no scripts in pages: the policy refuses them. After a form has done its work answer by [`see_other`], so that a reload does
//! not do it twice. Whatever a person typed stands in the form again when it was refused.

mod config;
mod dead_letters;
mod events;
mod extract;
mod missing;
mod moment;
mod overview;
mod projections;
mod records;
mod services;
mod shipment;
mod shipment_command;
mod shipments;
mod sign_in;

use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_api::Routes;

use crate::assets;
use crate::desk::Desk;

/// What handlers have at hand.
type State = Arc<Desk>;

/// Every page.
pub(crate) fn routes() -> Routes<State> {
    let routes = Routes::new().get("/console/assets/{file}", assets::file);
    let routes = sign_in::routes(routes);
    let routes = overview::routes(routes);
    let routes = shipments::routes(routes);
    let routes = events::routes(routes);
    let routes = projections::routes(routes);
    let routes = services::routes(routes);
    let routes = config::routes(routes);
    missing::routes(routes)
}

/// Leads to another page after a form has done its work.
fn see_other(address: &str) -> Response {
    let location = HeaderValue::try_from(address).unwrap_or(HeaderValue::from_static("/console"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

#[cfg(test)]
mod tests {
    use auth::{Service, calls};

    use super::*;

    #[test]
    fn pages_and_the_table_of_calls_say_the_same() {
        let of_table = calls::CALLS.iter().filter(|call| call.service == Service::Console);
        let mut of_table: Vec<String> =
            of_table.map(|call| format!("{} {}", call.method, call.path)).collect();
        let declared = routes();
        let declared = declared.declared().iter();
        let mut declared: Vec<String> =
            declared.map(|route| format!("{} {}", route.method, route.path)).collect();
        of_table.sort();
        declared.sort();
        assert_eq!(declared, of_table);
    }
}
