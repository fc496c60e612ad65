//! Whether the caller takes JSON.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use http_api::{Problem, codes};

/// The caller takes JSON, or does not say. Eureka's own server answers such a one with XML; we have none.
pub(super) struct TakesJson;

impl<S: Sync> FromRequestParts<S> for TakesJson {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let accepted = parts.headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let accepted: Vec<&str> = accepted.flat_map(|value| value.split(',')).collect();
        let json = |range: &&str| {
            let range = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            range.contains("json") || range == "*/*" || range == "application/*"
        };
        if accepted.is_empty() || accepted.iter().any(json) {
            return Ok(Self);
        }
        Err(Problem::http(codes::NOT_ACCEPTABLE)
            .detail("only JSON is spoken here: send Accept: application/json"))
    }
}
