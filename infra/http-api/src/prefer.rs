//! The `Prefer` header (RFC 7240): what the caller would like, and the server may ignore.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// The preferences that an API knows. Others, and malformed ones, are ignored, as the standard asks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Prefer {
    /// `respond-async`: answer 202 at once.
    pub respond_async: bool,
    /// `wait=N`: answer within so many seconds.
    pub wait: Option<Duration>,
}

impl Prefer {
    /// The request's header.
    pub const HEADER: HeaderName = HeaderName::from_static("prefer");
    /// The answer's header, which says what was followed.
    pub const APPLIED: HeaderName = HeaderName::from_static("preference-applied");

    /// Reads the preferences; of one given twice, the first counts.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let mut prefer = Self::default();
        let lines = headers.get_all(Self::HEADER).iter().filter_map(|line| line.to_str().ok());
        for preference in lines.flat_map(|line| line.split(',')) {
            let without_parameters = preference.split(';').next().unwrap_or_default();
            let (name, value) = without_parameters.split_once('=').unwrap_or((without_parameters, ""));
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "respond-async" if value.is_empty() => prefer.respond_async = true,
                "wait" if prefer.wait.is_none() => {
                    prefer.wait = value.parse().ok().map(Duration::from_secs);
                }
                _ => {}
            }
        }
        prefer
    }

    /// How long to wait for an outcome, given how long the server would at most: not at all with
    /// `respond-async` alone, and with `wait` no longer than that.
    pub fn patience(&self, at_most: Duration) -> Duration {
        match (self.respond_async, self.wait) {
            (_, Some(wait)) => wait.min(at_most),
            (true, None) => Duration::ZERO,
            (false, None) => at_most,
        }
    }

    /// The value of `Preference-Applied`, where a preference was followed.
    pub fn applied(&self) -> Option<HeaderValue> {
        match (self.respond_async, self.wait) {
            (true, None) => Some(HeaderValue::from_static("respond-async")),
            (false, Some(wait)) => HeaderValue::from_str(&format!("wait={}", wait.as_secs())).ok(),
            (true, Some(wait)) => {
                HeaderValue::from_str(&format!("respond-async, wait={}", wait.as_secs())).ok()
            }
            (false, None) => None,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Prefer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::from_headers(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Prefer {
        Prefer::from_headers(
            &lines.iter().map(|line| (Prefer::HEADER, HeaderValue::from_str(line).unwrap())).collect(),
        )
    }

    #[test]
    fn known_preferences_are_read_wherever_they_stand() {
        let both = Prefer { respond_async: true, wait: Some(Duration::from_secs(10)) };
        assert_eq!(read(&["respond-async, wait=10"]), both);
        assert_eq!(read(&["Respond-Async; foo=bar", "return=minimal, wait=\"10\""]), both);
        assert_eq!(read(&["wait=3, wait=9"]).wait, Some(Duration::from_secs(3)));
    }

    #[test]
    fn unknown_and_malformed_preferences_are_ignored() {
        assert_eq!(read(&["", "handling=lenient", "wait=soon", "respond-asynchronously"]), Prefer::default());
    }

    #[test]
    fn patience_is_never_longer_than_the_servers() {
        let most = Duration::from_secs(5);
        assert_eq!(read(&[]).patience(most), most);
        assert_eq!(read(&["respond-async"]).patience(most), Duration::ZERO);
        assert_eq!(read(&["respond-async, wait=2"]).patience(most), Duration::from_secs(2));
        assert_eq!(read(&["wait=60"]).patience(most), most);
    }
}
