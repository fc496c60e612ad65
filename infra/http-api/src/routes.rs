//! Routes declared once: for the router, and for the check that each is documented.

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter, on};

/// One method of one path template, as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// The method.
    pub method: Method,
    /// The path template: `/api/v1/shipments/{id}`.
    pub path: &'static str,
}

/// An API's routes: a router that remembers what is in it.
///
/// ```
/// use http_api::Routes;
///
/// let routes: Routes = Routes::new().get("/api/v1/shipments/{id}", || async { "a shipment" });
/// assert_eq!(routes.declared()[0].path, "/api/v1/shipments/{id}");
/// ```
#[derive(Debug, Clone)]
pub struct Routes<S = ()> {
    router: Router<S>,
    declared: Vec<Declared>,
}

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Self {
        Self { router: Router::new(), declared: Vec::new() }
    }
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// `GET` (and `HEAD`) of a path.
    #[must_use]
    pub fn get<H: Handler<T, S>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.route(Method::GET, path, on(MethodFilter::GET, handler))
    }

    /// `POST` to a path.
    #[must_use]
    pub fn post<H: Handler<T, S>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.route(Method::POST, path, on(MethodFilter::POST, handler))
    }

    /// `PUT` to a path.
    #[must_use]
    pub fn put<H: Handler<T, S>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.route(Method::PUT, path, on(MethodFilter::PUT, handler))
    }

    /// `PATCH` of a path.
    #[must_use]
    pub fn patch<H: Handler<T, S>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.route(Method::PATCH, path, on(MethodFilter::PATCH, handler))
    }

    /// `DELETE` of a path.
    #[must_use]
    pub fn delete<H: Handler<T, S>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.route(Method::DELETE, path, on(MethodFilter::DELETE, handler))
    }

    /// One method of a path with layers of its own, such as another body limit.
    #[must_use]
    pub fn route(mut self, method: Method, path: &'static str, handler: MethodRouter<S>) -> Self {
        self.declared.push(Declared { method, path });
        self.router = self.router.route(path, handler);
        self
    }

    /// What was declared.
    pub fn declared(&self) -> &[Declared] {
        &self.declared
    }

    /// The router with its state.
    pub fn with_state(self, state: S) -> Router {
        self.router.with_state(state)
    }
}
