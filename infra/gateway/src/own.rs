//! The gateway's own pages: whether it lives, one OpenAPI document for all services, and pages to read it and try it. Its root leads
//! to the tracking page.

use auth::Service;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::get;
use http::header::{ALLOW, LOCATION};
use http::{HeaderValue, Method, StatusCode};
use http_api::{ErrorDoc, Problem, codes};
use tower::ServiceExt;

use crate::answer::Answer;
use crate::openapi;

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD");

/// Pages by their route, the part of the path that is fixed last.
const PAGES: [(&str, &str); 7] = [
    ("/docs/assets/", "/docs/assets/{file}"),
    ("/docs/errors/", "/docs/errors/{code}"),
    ("/docs/errors", "/docs/errors"),
    ("/docs/runbooks/", "/docs/runbooks/{alert}"),
    ("/docs/runbooks", "/docs/runbooks"),
    ("/docs", "/docs"),
    ("/openapi.json", "/openapi.json"),
];

/// The gateway's own pages.
pub(crate) struct Own {
    pages: Router,
}

impl Own {
    /// Of the documents of all services.
    pub(crate) fn new() -> Self {
        let document = openapi::merged(&Service::ALL.map(|service| (service, openapi::of(service))));
        let errors: Vec<ErrorDoc> =
            http_api::HTTP_ERRORS.iter().cloned().chain(command_api::error_docs()).collect();
        let pages = http_api::docs::router(&document, errors)
            .route("/", get(|| async { (StatusCode::SEE_OTHER, [(LOCATION, "/track")]) }))
            .route("/livez", get(|| async { "live\n" }))
            .fallback(|| async { Problem::http(codes::NO_SUCH_ADDRESS) });
        Self { pages }
    }

    /// What the page at a path says.
    pub(crate) async fn answer(&self, method: &Method, path: &str) -> Result<Answer, Problem> {
        if !matches!(*method, Method::GET | Method::HEAD) {
            return Err(Problem::http(codes::METHOD_NOT_ALLOWED).header(ALLOW, METHODS));
        }
        let request = Request::builder().method(method).uri(path).body(Body::empty());
        let Ok(request) = request else { return Err(Problem::http(codes::NO_SUCH_ADDRESS)) };
        match self.pages.clone().oneshot(request).await {
            Ok(mut response) => match response.extensions_mut().remove::<Problem>() {
                Some(problem) => Err(problem),
                None => Ok(Answer::taken(response).await),
            },
            Err(never) => match never {},
        }
    }
}

/// The route of a path, if it is one of these pages.
pub(crate) fn route(path: &str) -> Option<&'static str> {
    if let Some(exact) = ["/", "/livez"].into_iter().find(|exact| path == *exact) {
        return Some(exact);
    }
    let is_at = |start: &str| path == start || (start.ends_with('/') && path.starts_with(start));
    PAGES.iter().find(|(start, _)| is_at(start)).map(|(_, route)| *route)
}
