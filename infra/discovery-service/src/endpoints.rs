//! One file for each group of addresses.

mod changes;
mod eureka;
mod prometheus;
mod services;
mod status;

use std::sync::Arc;

use http_api::{Problem, Routes, codes};

use crate::state::Api;

/// Every address that is served.
pub(crate) fn routes() -> Routes<Arc<Api>> {
    let ours = Routes::new()
        .get("/api/v1/services", services::all)
        .get("/api/v1/services/{service}", services::of_one)
        .get("/api/v1/services/{service}/{instance}", services::instance)
        .put("/api/v1/services/{service}/{instance}/status", status::take_out)
        .delete("/api/v1/services/{service}/{instance}/status", status::put_back)
        .get("/api/v1/changes", changes::get)
        .get("/prometheus/targets", prometheus::targets);
    eureka::routes(ours)
}

/// There is no such thing.
pub(crate) fn not_found(what: impl Into<String>) -> Problem {
    Problem::http(codes::NOT_FOUND).detail(what)
}
