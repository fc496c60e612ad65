//! An API from its routes: limits, middleware, health, documentation and fallbacks in one router.

use axum::{Router, middleware};
use serde_json::Value;
use telemetry::Readiness;

use crate::bounds::Bounds;
use crate::catalogue::ErrorDoc;
use crate::{bounds, docs, fallbacks, observe, openapi};

/// How much an API takes at once.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Requests whose handlers run at once.
    pub max_in_flight: usize,
    /// Bytes of a request body.
    pub max_body_bytes: usize,
}

/// An API in the making.
#[derive(Debug)]
pub struct Api {
    routes: Router,
    limits: Limits,
    openapi: Value,
    readiness: Readiness,
    error_docs: Vec<ErrorDoc>,
}

impl Api {
    /// An API with these routes, which its OpenAPI document describes.
    pub fn new(routes: Router, limits: Limits, openapi: Value, readiness: Readiness) -> Self {
        crate::metrics::register();
        Self { routes, limits, openapi, readiness, error_docs: crate::HTTP_ERRORS.to_vec() }
    }

    /// Adds the pages of this API's own error codes.
    #[must_use]
    pub fn error_docs(mut self, docs: impl IntoIterator<Item = ErrorDoc>) -> Self {
        self.error_docs.extend(docs);
        self
    }

    /// The whole as one router, ready to be served.
    ///
    /// Health, metrics and documentation answer also when the limit on requests is reached.
    pub fn into_router(self) -> Router {
        // Few layers that do much: each is a boxed future and a cloned service for every request.
        self.routes
            .layer(middleware::from_fn_with_state(Bounds::new(self.limits), bounds::keep))
            .merge(telemetry::ops_router(self.readiness))
            .merge(docs::router(&openapi::with_shared_components(self.openapi), self.error_docs))
            .fallback(fallbacks::no_such_address)
            .method_not_allowed_fallback(fallbacks::method_not_allowed)
            .layer(middleware::from_fn(observe::observe))
    }
}
