//! Answers that the gateway makes itself.

use auth::browser;
use axum::body::to_bytes;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_api::{Problem, html};
use pingora_core::Result;
use pingora_http::{RequestHeader, ResponseHeader};

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

    /// What a request is refused with: a problem for programs, a page for people.
    pub(crate) async fn refused(problem: Problem, request: &RequestHeader, exchange: &Exchange) -> Self {
        let (uri, headers) = (&request.uri, &request.headers);
        let is_away = matches!(problem.status().as_u16(), 502..=504);
        match exchange.route {
            // The tracking page says so itself, and looks as always, also while the service is away that has it.
            "/track" | "/track/{number}" if is_away && browser::wants_html(headers) => {
                Self::taken(query_api::page_away(&problem, uri, headers)).await
            }
            "/track/assets/{file}" if is_away => {
                let file = uri.path().rsplit('/').next().unwrap_or_default();
                Self::taken(query_api::page_file(file)).await
            }
            _ if browser::wants_html(headers) => {
                let again = uri.path_and_query().map(http::uri::PathAndQuery::as_str);
                let again = again.filter(|_| matches!(request.method, Method::GET | Method::HEAD));
                Self::taken(html::problem(&problem, again, exchange.request_id())).await
            }
            _ => Self::of(problem, Some(uri.path()), exchange.request_id()).await,
        }
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
