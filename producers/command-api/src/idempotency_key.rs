//! The sender's name for a command, by which a repeat is known.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use http_api::{Problem, codes};
use uuid::Uuid;

use crate::limits::KEY_CHARACTERS;

/// The `Idempotency-Key`: 1 to 255 visible ASCII characters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct IdempotencyKey(String);

/// What a key must look like.
pub(crate) const FORM: &str = "an idempotency key is 1 to 255 visible ASCII characters, without spaces";

impl IdempotencyKey {
    /// The header's name.
    pub(crate) const HEADER: HeaderName = HeaderName::from_static("idempotency-key");

    /// The key, if it has the form of one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let fits = (1..=KEY_CHARACTERS).contains(&text.len());
        (fits && text.bytes().all(|byte| byte.is_ascii_graphic())).then(|| Self(text.to_owned()))
    }

    /// The request's key; none where the header is missing.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        let mut values = headers.get_all(Self::HEADER).iter();
        let Some(value) = values.next() else { return Ok(None) };
        let problem = |detail: String| Problem::http(codes::INVALID_HEADER).detail(detail);
        if values.next().is_some() {
            return Err(problem("Idempotency-Key was sent more than once".to_owned()));
        }
        let key = value.to_str().ok().and_then(Self::parse);
        key.map(Some).ok_or_else(|| problem(format!("{FORM}; Idempotency-Key is not")))
    }

    /// A new one, for a sender who gave none.
    pub(crate) fn generate() -> Self {
        Self(Uuid::now_v7().to_string())
    }

    /// The key of one line of a stream that has a key itself, if that isn't too long.
    pub(crate) fn of_line(&self, line: u64) -> Option<Self> {
        Self::parse(&format!("{}:{line}", self.0))
    }

    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// As the value of a header.
    pub(crate) fn header(&self) -> HeaderValue {
        // Visible ASCII always is one.
        HeaderValue::from_str(&self.0).unwrap_or(HeaderValue::from_static(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&[u8]]) -> Result<Option<IdempotencyKey>, String> {
        let header = |value: &&[u8]| (IdempotencyKey::HEADER, HeaderValue::from_bytes(value).unwrap());
        let headers = values.iter().map(header).collect();
        IdempotencyKey::from_headers(&headers).map_err(|problem| problem.code().to_owned())
    }

    #[test]
    fn one_visible_key_is_taken_as_it_is() {
        assert_eq!(of(&[]), Ok(None));
        assert_eq!(of(&[b"order-17/3"]).unwrap().unwrap().as_str(), "order-17/3");
        assert!(of(&["x".repeat(255).as_bytes()]).is_ok());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for bad in [&b""[..], b"a b", b"a\tb", b"caf\xc3\xa9", "x".repeat(256).as_bytes()] {
            assert_eq!(of(&[bad]), Err(codes::INVALID_HEADER.to_owned()), "{bad:?}");
        }
        assert_eq!(of(&[b"a", b"b"]), Err(codes::INVALID_HEADER.to_owned()));
    }

    #[test]
    fn lines_have_keys_of_their_own() {
        let key = IdempotencyKey::parse("upload-9").unwrap();
        assert_eq!(key.of_line(3).unwrap().as_str(), "upload-9:3");
        assert_eq!(IdempotencyKey::parse(&"x".repeat(254)).unwrap().of_line(3), None);
        assert_ne!(IdempotencyKey::generate(), IdempotencyKey::generate());
    }
}
