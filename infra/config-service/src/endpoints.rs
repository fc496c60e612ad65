//! One file for each group of addresses.

mod entries;
mod histories;
mod instances;
mod keys;
mod profiles;
mod spring;

use std::sync::Arc;

use http_api::{Problem, Routes, codes};

use crate::state::Api;

/// Every address that is served.
pub(crate) fn routes() -> Routes<Arc<Api>> {
    Routes::new()
        .get("/api/v1/config", profiles::all)
        .get("/api/v1/config-keys", keys::get)
        .get("/api/v1/config-instances", instances::get)
        .get("/api/v1/config/{application}/{profile}", profiles::get)
        .post("/api/v1/config/{application}/{profile}", profiles::import)
        .get("/api/v1/config/{application}/{profile}/entries/{name}", entries::get)
        .put("/api/v1/config/{application}/{profile}/entries/{name}", entries::put)
        .delete("/api/v1/config/{application}/{profile}/entries/{name}", entries::delete)
        .get("/api/v1/config/{application}/{profile}/history", histories::get)
        .get("/api/v1/config/{application}/{profile}/diff", histories::diff)
        .post("/api/v1/config/{application}/{profile}/rollback", histories::rollback)
        .get("/{application}/{profile}", spring::get)
        .get("/{application}/{profile}/{label}", spring::get_labelled)
}

/// There is no such entry.
fn not_found(what: impl Into<String>) -> Problem {
    Problem::http(codes::NOT_FOUND).detail(what)
}
