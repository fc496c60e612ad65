//! Problem details for HTTP APIs (RFC 9457).

use std::borrow::Cow;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::catalogue::{ErrorDoc, HTTP_ERRORS, codes};

/// The media type of a problem.
const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");

/// What went wrong with one request: a status, a stable code with a page about it, and words for this case.
///
/// The middleware adds the request's path as `instance`, and its id as `request_id`.
#[derive(Debug, Clone)]
pub struct Problem(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    status: StatusCode,
    body: Body,
    headers: Vec<(HeaderName, HeaderValue)>,
}

#[derive(Debug, Clone, Serialize)]
struct Body {
    r#type: String,
    title: Cow<'static, str>,
    status: u16,
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    code: Cow<'static, str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    #[serde(flatten)]
    members: Map<String, Value>,
}

/// One thing that is wrong with the request, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// A JSON pointer (RFC 6901) into the body; `""` is the whole of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The name of a path or query parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// What is wrong there.
    pub detail: String,
}

impl FieldError {
    /// Something wrong in the body.
    pub fn at_pointer(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: Some(pointer.into()), parameter: None, detail: detail.into() }
    }

    /// Something wrong with a path or query parameter.
    pub fn of_parameter(parameter: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: None, parameter: Some(parameter.into()), detail: detail.into() }
    }
}

impl Problem {
    /// A problem with this code, whose page is under `/docs/errors/`.
    pub fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        title: impl Into<Cow<'static, str>>,
    ) -> Self {
        let code = code.into();
        let body = Body {
            r#type: format!("/docs/errors/{code}"),
            title: title.into(),
            status: status.as_u16(),
            detail: String::new(),
            instance: None,
            code,
            errors: Vec::new(),
            members: Map::new(),
        };
        Self(Box::new(Inner { status, body, headers: Vec::new() }))
    }

    /// A problem of a documented kind.
    pub fn of(doc: &ErrorDoc) -> Self {
        let status = StatusCode::from_u16(doc.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::new(status, doc.code, doc.title)
    }

    /// A problem with one of [`codes`](crate::codes); any other code is the server's own defect, and says so.
    pub fn http(code: &'static str) -> Self {
        let known = HTTP_ERRORS.iter().find(|doc| doc.code == code);
        let internal = || HTTP_ERRORS.iter().find(|doc| doc.code == codes::INTERNAL);
        known.or_else(internal).map_or_else(
            || Self::new(StatusCode::INTERNAL_SERVER_ERROR, codes::INTERNAL, "The server failed"),
            Self::of,
        )
    }

    /// A field of the body that is not valid.
    pub fn invalid_field(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self::http(codes::INVALID_FIELD).detail(detail.clone()).error(FieldError::at_pointer(pointer, detail))
    }

    /// A path or query parameter that is not valid.
    pub fn invalid_parameter(parameter: impl Into<String>, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let error = FieldError::of_parameter(parameter, detail.clone());
        Self::http(codes::INVALID_PARAMETER).detail(detail).error(error)
    }

    /// Something that the server depends on is away; worth another try after `retry_after`.
    pub fn unavailable(detail: impl Into<String>, retry_after: Duration) -> Self {
        Self::http(codes::UNAVAILABLE).detail(detail).retry_after(retry_after)
    }

    /// A defect of ours. The cause goes to the log, not to the caller.
    pub fn internal() -> Self {
        Self::http(codes::INTERNAL)
    }

    /// Words for this very case.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.body.detail = detail.into();
        self
    }

    /// Adds one thing that is wrong with the request.
    #[must_use]
    pub fn error(mut self, error: FieldError) -> Self {
        self.0.body.errors.push(error);
        self
    }

    /// Adds a member of this problem's own, such as the version now.
    #[must_use]
    pub fn member(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.0.body.members.insert(name.into(), value.into());
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// Says when another try is worth it; whole seconds, at least one.
    #[must_use]
    pub fn retry_after(self, wait: Duration) -> Self {
        let seconds = wait.as_millis().div_ceil(1000).max(1);
        self.header(header::RETRY_AFTER, HeaderValue::from(u64::try_from(seconds).unwrap_or(u64::MAX)))
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        &self.0.body.code
    }

    /// What went wrong, in a few words: the same for each problem with its code.
    pub fn title(&self) -> &str {
        &self.0.body.title
    }

    /// The words for this very case; empty where there are none.
    pub fn words(&self) -> &str {
        &self.0.body.detail
    }

    /// The headers of its own.
    pub fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.0.headers
    }

    /// The members as JSON, for answers that carry several outcomes.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(&self.0.body).unwrap_or_default()
    }

    /// What only the middleware knows.
    pub(crate) fn located(mut self, path: &str, request_id: &str) -> Self {
        let body = &mut self.0.body;
        body.instance.get_or_insert_with(|| path.to_owned());
        body.members.entry("request_id").or_insert_with(|| request_id.into());
        self
    }
}

impl IntoResponse for Problem {
    /// The problem also travels as an extension, for the middleware to add what it knows.
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self.0.body).unwrap_or_default();
        let mut response = (self.0.status, body).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, MEDIA_TYPE);
        for (name, value) in &self.0.headers {
            response.headers_mut().append(name, value.clone());
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_problem_has_the_members_of_the_standard_and_its_own() {
        let problem =
            Problem::new(StatusCode::PRECONDITION_FAILED, "PT-0012", "The resource is at another version")
                .detail("the shipment is at version 8")
                .member("version", 8)
                .located("/api/v1/shipments/1", "r1");
        assert_eq!(
            problem.to_json(),
            json!({
                "type": "/docs/errors/PT-0012",
                "title": "The resource is at another version",
                "status": 412,
                "detail": "the shipment is at version 8",
                "instance": "/api/v1/shipments/1",
                "code": "PT-0012",
                "version": 8,
                "request_id": "r1",
            })
        );
    }

    #[test]
    fn retry_after_is_in_whole_seconds_and_never_zero() {
        for (wait, seconds) in [(0, "1"), (1, "1"), (1000, "1"), (1001, "2")] {
            let response = Problem::unavailable("kafka is away", Duration::from_millis(wait)).into_response();
            assert_eq!(response.headers()[header::RETRY_AFTER], seconds);
            assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
        }
    }
}
