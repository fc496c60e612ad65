//! What identifies a request in logs, in the answer and in the records that come of it.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use telemetry::TraceContext;
use uuid::Uuid;

/// The request's id and its place in a trace. Handlers take it as an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestContext {
    /// The caller's `X-Request-Id`, or one of ours.
    pub request_id: String,
    /// The caller's trace continued, or a new one.
    pub trace: TraceContext,
}

/// A caller's id goes into logs and headers: no longer than this, and plain characters only.
const LONGEST_ID: usize = 128;

impl RequestContext {
    /// The header's name, in requests and answers.
    pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

    /// Reads the caller's headers; what is missing or not valid is made new.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let request_id = text(Self::HEADER.as_str())
            .filter(|id| is_plain(id))
            .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned);
        Self { request_id, trace: TraceContext::continue_or_start(text(TraceContext::HEADER)) }
    }

    /// The value of the answer's `X-Request-Id`.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.request_id).ok()
    }
}

fn is_plain(id: &str) -> bool {
    (1..=LONGEST_ID).contains(&id.len())
        && id.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:/+=".contains(c))
}

impl<S: Sync> FromRequestParts<S> for RequestContext {
    type Rejection = Infallible;

    /// From the middleware where there is one, else from the headers.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let noted = parts.extensions.get::<Self>().cloned();
        Ok(noted.unwrap_or_else(|| Self::from_headers(&parts.headers)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callers_id_and_trace_are_kept() {
        let mut headers = HeaderMap::new();
        headers.insert("x-request-id", HeaderValue::from_static("order-17/3"));
        headers.insert(
            "traceparent",
            HeaderValue::from_static("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        );
        let context = RequestContext::from_headers(&headers);
        assert_eq!(context.request_id, "order-17/3");
        assert_eq!(context.trace.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_ne!(context.trace.span_id(), "00f067aa0ba902b7");
    }

    #[test]
    fn an_id_that_could_spoil_a_log_is_replaced() {
        for bad in ["", "a b", "a\tb", "{\"a\":1}", &"x".repeat(129)] {
            let mut headers = HeaderMap::new();
            headers.insert("x-request-id", HeaderValue::from_str(bad).unwrap());
            assert!(Uuid::parse_str(&RequestContext::from_headers(&headers).request_id).is_ok(), "{bad}");
        }
    }
}
