//! Answers for what no route takes, and for handlers that panic.

use axum::http::Method;
use axum::response::{IntoResponse, Response};

use crate::catalogue::codes;
use crate::problem::Problem;

pub(crate) async fn no_such_address() -> Problem {
    Problem::http(codes::NO_SUCH_ADDRESS)
}

pub(crate) async fn method_not_allowed(method: Method) -> Problem {
    Problem::http(codes::METHOD_NOT_ALLOWED).detail(format!("{method} is not taken here"))
}

/// The panic's text may hold anything, personal data too, so it is not logged here.
pub(crate) fn panicked() -> Response {
    tracing::error!("a handler panicked");
    Problem::internal().into_response()
}
