//! The endpoints, a file for each group.

mod registration;
mod requests;
mod scans;

use axum::response::Response;
use http_api::{PathParams, Problem, Routes};
use shipment_events::ShipmentId;
use uuid::Uuid;

use crate::answer::{Answer, named};
use crate::app::App;
use crate::body::Wanted;
use crate::refusal::Within;
use crate::stream;
use crate::terms::Terms;

/// Every route but health, metrics and documentation.
pub(crate) fn routes() -> Routes<App> {
    Routes::new()
        .post("/api/v1/shipments", registration::register)
        .patch("/api/v1/shipments/{id}", registration::amend)
        .post("/api/v1/shipments/{id}/scans", scans::record)
        .post("/api/v1/shipments/{id}/scans/{event_id}/retraction", scans::retract)
        .post("/api/v1/shipments/{id}/cancellation", requests::cancel)
        .post("/api/v1/shipments/{id}/archive", requests::archive)
        .post("/api/v1/commands", stream::post)
}

/// The `{id}` of a path.
type Id = PathParams<Uuid>;

/// Posts what is wanted and answers with what became of it.
async fn execute(
    app: &App,
    terms: &Terms,
    shipment: Option<ShipmentId>,
    wanted: Wanted,
) -> Result<Response, Problem> {
    let command = app.command(&terms.principal, &terms.key, shipment, terms.expected_version, wanted);
    let answer = match app.send(&command, &terms.trace) {
        Err(failure) => Err(failure.problem()),
        Ok(sent) => {
            // Not needed while it waits.
            drop(command);
            match sent.became(&terms.prefer, app.deadline()).await {
                (what, Ok(became)) => Answer::of(app, &what, &became, Within::Request)
                    .map(|answer| answer.into_response(&terms.prefer)),
                (_, Err(failure)) => Err(failure.problem()),
            }
        }
    };
    named(answer, &terms.key, &terms.trace)
}
