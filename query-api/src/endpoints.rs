//! One file for each group of addresses.

mod commands;
mod histories;
mod lists;
mod live;
mod moment;
mod page;
mod page_live;
mod shipments;
mod tracking;

pub(crate) use self::lists::CursorKey;
pub use self::page::{away as page_away, file as page_file};
pub(crate) use self::shipments::unregistered;
#[cfg(test)]
pub(crate) use self::tracking::LONGEST;

use std::sync::Arc;

use http_api::{Problem, Routes, codes};

use crate::state::Api;

/// Every address that is served.
pub(crate) fn routes() -> Routes<Arc<Api>> {
    Routes::new()
        .get("/api/v1/shipments", lists::get)
        .get("/api/v1/shipments/{id}", shipments::get)
        .get("/api/v1/shipments/{id}/history", histories::get)
        .get("/api/v1/shipments/{id}/live", live::get)
        .get("/api/v1/commands/{command_id}", commands::get)
        .get("/api/v1/tracking/{number}", tracking::get)
        .post("/api/v1/tracking", tracking::several)
        .get("/track", page::several)
        .get("/track/{number}", page::one)
        .get("/track/live", page_live::get)
        .get("/track/assets/{file}", page::asset)
}

/// There is no such thing, or not yet.
fn not_found(what: impl Into<String>) -> Problem {
    Problem::http(codes::NOT_FOUND).detail(what)
}
