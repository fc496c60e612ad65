//! Answers that the gateway makes itself.

use axum::body::to_bytes;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_api::Problem;
use pingora_core::Result;
use pingora_http::ResponseHeader;

use crate::exchange::Exchange;
use crate::headers;

/// The largest of our own pages is a script of one and a half megabytes.
const LARGEST: usize = 8 * 1024 * 1024;

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// Without a body.
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new() }
    }

    /// One without a body that somebody else made.
    pub(crate) fn of_head(response: Response) -> Self {
        let (parts, _) = response.into_parts();
        Self { headers: parts.headers, ..Self::empty(parts.status) }
    }

    /// A problem (RFC 9457) that says for which request it is.
    pub(crate) async fn of(mut problem: Problem, path: Option<&str>, request_id: &str) -> Self {
        if let Some(path) = path {
            problem = problem.member("instance", path);
        }
        let problem = problem.member("request_id", request_id);
        Self::taken(problem.into_response()).await
    }

    /// What one of our own pages answered.
    pub(crate) async fn taken(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, LARGEST).await.unwrap_or_default();
        Self { status: parts.status, headers: parts.headers, body }
    }

    /// Its head, with what every answer has.
    pub(crate) fn head(&self, exchange: &Exchange) -> Result<ResponseHeader> {
        let mut head = ResponseHeader::build(self.status, Some(self.headers.len() + 12))?;
        for (name, value) in &self.headers {
            head.append_header(name.clone(), value.clone())?;
        }
        if !self.headers.contains_key(header::CACHE_CONTROL) {
            head.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))?;
        }
        if self.status != StatusCode::NO_CONTENT {
            head.insert_header(header::CONTENT_LENGTH, self.body.len())?;
        }
        headers::for_caller(&mut head, exchange.request_id(), exchange.tls)?;
        exchange.add_to(&mut head)?;
        Ok(head)
    }
}
