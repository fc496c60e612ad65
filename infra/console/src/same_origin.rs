//! Forms come from our own pages.
//!
//! The cookie is `SameSite=Strict`, so that browsers leave it out of what other sites make them send. This is the second lock:
//! whatever changes something must say that it comes from here.

use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::layout;

/// Refuses what changes something and does not come from a page of ours. A program, which shows its credentials itself, is no
/// browser that another site could send.
pub(crate) async fn check(request: Request, next: Next) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    if changes && !auth::shows_credentials(request.headers()) && !is_from_here(request.headers()) {
        let told = "This form did not come from a page of this console, so nothing was done. If you filled it in yourself, \
                    open the page again and send it from there; if a proxy stands before the gateway, it must pass on the \
                    Host, Origin and Sec-Fetch-Site headers.";
        return layout::alone(StatusCode::FORBIDDEN, "Not from here", told);
    }
    next.run(request).await
}

/// Browsers say it in `Sec-Fetch-Site`; where that is left out, as over plain HTTP to another machine, `Origin` must be the
/// address that was asked.
fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    let origin = text(header::ORIGIN.as_str()).and_then(|origin| origin.split_once("://"));
    let host = text("forwarded").and_then(forwarded_host).or_else(|| text(header::HOST.as_str()));
    match (origin, host) {
        (Some((_, origin)), Some(host)) => origin.eq_ignore_ascii_case(host),
        _ => false,
    }
}

/// The host that the gateway was asked for (RFC 7239).
fn forwarded_host(forwarded: &str) -> Option<&str> {
    let host = forwarded.split(';').find_map(|part| part.trim().strip_prefix("host="))?;
    Some(host.trim_matches('"'))
}

/// Whether the caller reached the gateway by TLS.
pub(crate) fn came_by_tls(headers: &HeaderMap) -> bool {
    let forwarded = headers.get(header::FORWARDED).and_then(|value| value.to_str().ok()).unwrap_or_default();
    forwarded.split(';').any(|part| part.trim() == "proto=https")
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let of = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(of).collect()
    }

    #[test]
    fn a_form_is_from_here_if_the_browser_says_so() {
        for (pairs, expected) in [
            (&[("sec-fetch-site", "same-origin")][..], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", "http://h"), ("host", "h")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("origin", "http://h:8080"), ("host", "h:8080")], true),
            (
                &[
                    ("origin", "https://h"),
                    ("host", "inside:8096"),
                    ("forwarded", "for=1.2.3.4;host=\"h\";proto=https"),
                ],
                true,
            ),
            (&[("origin", "http://evil"), ("host", "h")], false),
            (&[("origin", "null"), ("host", "null")], false),
            (&[("host", "h")], false),
            (&[], false),
        ] {
            assert_eq!(is_from_here(&headers(pairs)), expected, "{pairs:?}");
        }
    }

    #[test]
    fn tls_is_what_the_gateway_says() {
        assert!(came_by_tls(&headers(&[("forwarded", "for=1.2.3.4;host=\"h\";proto=https")])));
        assert!(!came_by_tls(&headers(&[("forwarded", "for=1.2.3.4;host=\"h\";proto=http")])));
        assert!(!came_by_tls(&headers(&[])));
    }
}
