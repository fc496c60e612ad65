//! Bodies and parameters as typed values, or a problem that says what is wrong and where.

use std::fmt::Write;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_path_to_error::Segment;

use crate::catalogue::codes;
use crate::problem::Problem;

/// How long a whole JSON body may take to arrive.
const BODY_DEADLINE: Duration = Duration::from_secs(30);

/// Bytes that a body may have, noted on each request so that a refusal can name the number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyLimit(pub(crate) usize);

/// A JSON body, read into `T`.
#[derive(Debug, Clone)]
pub struct JsonBody<T>(pub T);

/// A JSON body, or none at all, which then needs no `Content-Type` either and reads as `T`'s default.
#[derive(Debug, Clone)]
pub struct OptionalJsonBody<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        require_json(request.headers())?;
        from_json(&whole_body(request, state).await?).map(Self)
    }
}

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalJsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let is_json = require_json(request.headers());
        let bytes = whole_body(request, state).await?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        is_json?;
        from_json(&bytes).map(Self)
    }
}

async fn whole_body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    let limit = request.extensions().get::<BodyLimit>().copied();
    let bytes = tokio::time::timeout(BODY_DEADLINE, Bytes::from_request(request, state)).await;
    bytes.map_err(|_| Problem::http(codes::BODY_TOO_SLOW))?.map_err(|error| unread(&error, limit))
}

/// Path parameters.
#[derive(Debug, Clone)]
pub struct PathParams<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for PathParams<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = Path::<T>::from_request_parts(parts, state).await;
        read.map(|Path(value)| Self(value)).map_err(|error| {
            let text = error.body_text();
            Problem::http(codes::INVALID_PARAMETER)
                .detail(text.strip_prefix("Invalid URL: ").unwrap_or(&text))
        })
    }
}

/// Query parameters. With `#[serde(deny_unknown_fields)]` on `T` the problem says which are known.
#[derive(Debug, Clone)]
pub struct QueryParams<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for QueryParams<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Query::try_from_uri(&parts.uri).map(|Query(value)| Self(value)).map_err(|error| {
            let text = error.body_text();
            let plain = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text);
            Problem::http(codes::INVALID_PARAMETER).detail(plain)
        })
    }
}

/// Reads JSON, with a pointer to what does not fit.
pub fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    if bytes.is_empty() {
        return Err(Problem::http(codes::MALFORMED_BODY).detail("the body is empty"));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let pointer = pointer(error.path());
        let text = error.inner().to_string();
        match error.inner().classify() {
            Category::Data => Problem::invalid_field(pointer, without_position(&text)),
            Category::Syntax | Category::Eof | Category::Io => {
                Problem::http(codes::MALFORMED_BODY).detail(text)
            }
        }
    })?;
    json.end().map_err(|error| Problem::http(codes::MALFORMED_BODY).detail(error.to_string()))?;
    Ok(value)
}

fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = media_type == "application/json"
        || media_type.strip_prefix("application/").is_some_and(|subtype| subtype.ends_with("+json"));
    if is_json {
        return Ok(());
    }
    let said = if given.is_empty() { "no Content-Type was sent" } else { "another Content-Type was sent" };
    Err(Problem::http(codes::UNSUPPORTED_MEDIA_TYPE)
        .detail(format!("{said}; this address takes application/json")))
}

fn unread(error: &BytesRejection, limit: Option<BodyLimit>) -> Problem {
    match error {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
            let problem = Problem::http(codes::BODY_TOO_LARGE);
            match limit {
                Some(BodyLimit(bytes)) => problem
                    .detail(format!("this address takes bodies of at most {bytes} bytes"))
                    .member("max_bytes", bytes),
                None => problem,
            }
        }
        _ => Problem::http(codes::MALFORMED_BODY).detail("the body could not be read to its end"),
    }
}

/// RFC 6901; an enum's variant is not a step of the document.
fn pointer(path: &serde_path_to_error::Path) -> String {
    path.iter().fold(String::new(), |mut pointer, segment| {
        match segment {
            Segment::Seq { index } => {
                let _ = write!(pointer, "/{index}");
            }
            Segment::Map { key } => {
                let _ = write!(pointer, "/{}", key.replace('~', "~0").replace('/', "~1"));
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
        pointer
    })
}

/// With a pointer, line and column say nothing more.
fn without_position(text: &str) -> &str {
    text.rsplit_once(" at line ").map_or(text, |(text, _)| text)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Parcel {
        #[serde(rename = "weight/grams")]
        _weight: u32,
        #[serde(default, rename = "scans")]
        _scans: Vec<Scan>,
    }

    #[derive(Debug, Deserialize)]
    struct Scan {
        #[serde(rename = "city")]
        _city: String,
    }

    fn refusal(body: &str) -> serde_json::Value {
        from_json::<Parcel>(body.as_bytes()).unwrap_err().to_json()
    }

    #[test]
    fn the_pointer_leads_to_the_field() {
        let said = refusal(r#"{"weight/grams": 5, "scans": [{"city": "Ulm"}, {"city": 7}]}"#);
        assert_eq!(said["code"], codes::INVALID_FIELD);
        assert_eq!(
            said["errors"],
            json!([{"pointer": "/scans/1/city", "detail": "invalid type: integer `7`, expected a string"}])
        );
        assert_eq!(refusal(r#"{"weight/grams": -1}"#)["errors"][0]["pointer"], "/weight~1grams");
    }

    #[test]
    fn missing_and_unknown_fields_are_named() {
        assert_eq!(refusal("{}")["detail"], "missing field `weight/grams`");
        assert!(
            refusal(r#"{"wieght": 1}"#)["detail"].as_str().unwrap().starts_with("unknown field `wieght`")
        );
    }

    #[test]
    fn what_is_not_json_is_said_so() {
        for bad in ["", "{", "nonsense", "{} {}", "{\"weight/grams\": 5} x"] {
            let code = from_json::<Parcel>(bad.as_bytes()).unwrap_err().code().to_owned();
            assert!([codes::MALFORMED_BODY, codes::INVALID_FIELD].contains(&code.as_str()), "{bad}");
        }
    }
}
