//! What is said to services about a request, and to callers with every answer.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use http_api::RequestContext;
use pingora_core::Result;
use pingora_http::{RequestHeader, ResponseHeader};
use telemetry::TraceContext;

const FORWARDED: HeaderName = header::FORWARDED;

const POWERED_BY: HeaderName = HeaderName::from_static("x-powered-by");

/// What others may have said about whom they forward for: only what we say ourselves is true.
const HEARSAY: [&str; 10] = [
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-forwarded-prefix",
    "x-forwarded-server",
    "x-real-ip",
    "x-client-ip",
    "x-original-url",
];

/// Answers hold personal data, and none is to be shown within somebody else's page.
const SECURITY: [(HeaderName, HeaderValue); 2] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
];

/// Unless a service says otherwise: a page with forms must, or browsers say `Origin: null` of where a form comes from.
const REFERRER: (HeaderName, HeaderValue) =
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));

/// Once reached by TLS, always by TLS.
const HSTS: (HeaderName, HeaderValue) =
    (header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));

/// What a service gets besides what the caller sent.
pub(crate) fn for_service(
    request: &mut RequestHeader,
    request_id: &str,
    trace: TraceContext,
    caller: IpAddr,
    tls: bool,
) -> Result<()> {
    let host = host(request);
    let is_hearsay = |name: &&HeaderName| HEARSAY.contains(&name.as_str());
    while let Some(name) = request.headers.keys().find(is_hearsay).cloned() {
        request.remove_header(&name);
    }
    request.insert_header(RequestContext::HEADER, request_id)?;
    request.insert_header(TraceContext::HEADER, trace.to_string())?;
    request.insert_header(FORWARDED, forwarded(caller, host.as_deref(), tls))?;
    Ok(())
}

/// RFC 7239, section 4.
fn forwarded(caller: IpAddr, host: Option<&str>, tls: bool) -> String {
    let proto = if tls { "https" } else { "http" };
    let (open, close) = if caller.is_ipv6() { ("\"[", "]\"") } else { ("", "") };
    match host {
        Some(host) => format!("for={open}{caller}{close};host=\"{host}\";proto={proto}"),
        None => format!("for={open}{caller}{close};proto={proto}"),
    }
}

/// The host that the caller asked, where it is plain enough to be quoted.
fn host(request: &RequestHeader) -> Option<String> {
    let authority = request.uri.authority().map(http::uri::Authority::as_str);
    let host = authority.or_else(|| request.headers.get(header::HOST)?.to_str().ok())?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~[]:".contains(c);
    (!host.is_empty() && host.len() <= 255 && host.chars().all(plain)).then(|| host.to_owned())
}

/// What every answer has.
pub(crate) fn for_caller(answer: &mut ResponseHeader, request_id: &str, tls: bool) -> Result<()> {
    answer.remove_header(&header::SERVER);
    if answer.headers.contains_key(POWERED_BY) {
        answer.remove_header(&POWERED_BY);
    }
    for (name, value) in SECURITY.into_iter().chain(tls.then_some(HSTS)) {
        answer.insert_header(name, value)?;
    }
    if !answer.headers.contains_key(REFERRER.0) {
        answer.insert_header(REFERRER.0, REFERRER.1)?;
    }
    answer.insert_header(RequestContext::HEADER, request_id)?;
    Ok(())
}

/// Whether a command names itself, so that it has an effect once however often it is sent.
pub(crate) fn has_idempotency_key(headers: &HeaderMap) -> bool {
    headers.get("idempotency-key").is_some_and(|key| !key.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_forwards_for_whom_is_said_by_us_alone() {
        let mut request = RequestHeader::build("GET", b"/", None).unwrap();
        for name in HEARSAY {
            request.insert_header(name, "for=6.6.6.6").unwrap();
        }
        request.insert_header("Host", "track.example:8443").unwrap();
        let context = RequestContext::from_headers(&request.headers);
        let (id, trace) = (context.request_id.as_str(), context.trace);
        for_service(&mut request, id, trace, "10.1.2.3".parse().unwrap(), true).unwrap();
        assert_eq!(request.headers["forwarded"], "for=10.1.2.3;host=\"track.example:8443\";proto=https");
        assert_eq!(request.headers["x-request-id"], context.request_id.as_str());
        assert!(TraceContext::parse(request.headers["traceparent"].to_str().unwrap()).is_some());
        assert!(HEARSAY[1..].iter().all(|name| !request.headers.contains_key(*name)));
    }

    #[test]
    fn an_address_of_version_6_is_quoted_and_an_odd_host_is_left_out() {
        assert_eq!(forwarded("::1".parse().unwrap(), None, false), "for=\"[::1]\";proto=http");
        let mut request = RequestHeader::build("GET", b"/", None).unwrap();
        request.insert_header("Host", "a\";for=6.6.6.6").unwrap();
        assert_eq!(host(&request), None);
    }
}
