//! Who may read answers in a browser (Fetch standard, CORS protocol).
//!
//! Callers show their credentials in a header that their own script sets, never in a cookie: so
//! `Access-Control-Allow-Credentials` is sent to nobody, and `*` gives away nothing that a script could not have without it.

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

/// What a script may send.
const REQUEST_HEADERS: HeaderValue = HeaderValue::from_static(
    "accept, authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id, prefer, traceparent, \
     x-request-id",
);

/// What a script may read, besides what it always may.
const ANSWER_HEADERS: HeaderValue = HeaderValue::from_static(
    "allow, etag, link, location, preference-applied, ratelimit, ratelimit-policy, retry-after, www-authenticate, \
     x-request-id",
);

/// Seconds for which a browser need not ask again.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

const ORIGIN: HeaderValue = HeaderValue::from_static("Origin");

/// Headers to put into an answer.
pub(crate) type Added = Vec<(HeaderName, HeaderValue)>;

/// What the answer to a request with these headers says, given the origins that may read it (commas between; `*` for all).
pub(crate) fn of_answer(allowed: &str, headers: &HeaderMap) -> Added {
    if allowed.is_empty() {
        return Vec::new();
    }
    // Also without Origin: what is kept for one origin is not for another.
    let mut added = vec![(header::VARY, ORIGIN)];
    if let Some(origin) = permitted(allowed, headers) {
        added.push((header::ACCESS_CONTROL_ALLOW_ORIGIN, origin));
        added.push((header::ACCESS_CONTROL_EXPOSE_HEADERS, ANSWER_HEADERS));
    }
    added
}

/// Whether a browser asks beforehand, from an origin that may.
pub(crate) fn is_preflight(allowed: &str, method: &Method, headers: &HeaderMap) -> bool {
    *method == Method::OPTIONS
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
        && permitted(allowed, headers).is_some()
}

/// What it is answered besides [`of_answer`], where the path has these methods.
pub(crate) fn of_preflight(methods: &str) -> Added {
    let methods = HeaderValue::from_str(methods).unwrap_or(HeaderValue::from_static("GET"));
    vec![
        (header::ACCESS_CONTROL_ALLOW_METHODS, methods),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS),
        (header::ACCESS_CONTROL_MAX_AGE, MAX_AGE),
    ]
}

/// The origin as it is to be named in the answer.
fn permitted(allowed: &str, headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    let mut origins = allowed.split(',').map(str::trim);
    origins.any(|allowed| allowed == "*" || allowed.as_bytes() == origin.as_bytes()).then(|| origin.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(origin: &'static str) -> HeaderMap {
        [(header::ORIGIN, HeaderValue::from_static(origin))].into_iter().collect()
    }

    fn allows(allowed: &str, headers: &HeaderMap) -> Option<HeaderValue> {
        let added = of_answer(allowed, headers);
        added
            .into_iter()
            .find(|(name, _)| name == header::ACCESS_CONTROL_ALLOW_ORIGIN)
            .map(|(_, value)| value)
    }

    #[test]
    fn origins_are_compared_whole() {
        let allowed = "https://shop.example, https://b.example:8443";
        assert_eq!(allows(allowed, &from("https://shop.example")).unwrap(), "https://shop.example");
        assert_eq!(allows(allowed, &from("https://b.example:8443")).unwrap(), "https://b.example:8443");
        for other in ["https://shop.example.evil", "http://shop.example", "https://b.example", "null"] {
            assert_eq!(allows(allowed, &from(other)), None, "{other}");
        }
        assert_eq!(allows("", &from("https://shop.example")), None);
        assert!(of_answer("", &HeaderMap::new()).is_empty());
    }

    #[test]
    fn everybody_may_be_let_in_but_never_with_cookies() {
        assert!(allows("*", &from("https://any.example")).is_some());
        let all = [of_answer("*", &from("https://any.example")), of_preflight("GET")].concat();
        assert!(all.iter().all(|(name, _)| name != header::ACCESS_CONTROL_ALLOW_CREDENTIALS));
    }

    #[test]
    fn only_a_browsers_question_is_a_preflight() {
        let mut headers = from("https://a.example");
        assert!(!is_preflight("*", &Method::OPTIONS, &headers));
        headers.insert(header::ACCESS_CONTROL_REQUEST_METHOD, HeaderValue::from_static("POST"));
        assert!(is_preflight("*", &Method::OPTIONS, &headers));
        assert!(!is_preflight("*", &Method::POST, &headers));
        assert!(!is_preflight("https://b.example", &Method::OPTIONS, &headers));
    }
}
