//! What is known of one request, from its head to the end of its answer.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use auth::{Call, Class};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use http_api::{Problem, RequestContext};
use pingora_core::Result;
use pingora_http::ResponseHeader;
use telemetry::TraceContext;

use crate::limit::Verdict;
use crate::metrics;
use crate::pool::Slot;
use crate::streams::OpenStream;
use crate::traced::Traced;

/// The route of what matches none: a path itself may hold anything, a phone too.
const UNMATCHED: &str = "unmatched";

/// The status in the log when the caller was gone before an answer began, as nginx has it.
const GONE: u16 = 499;

/// What is known of one request. Its line in the access log is written when it is dropped, however it ended.
pub(crate) struct Exchange {
    pub(crate) began: Instant,
    pub(crate) tls: bool,
    pub(crate) address: IpAddr,
    pub(crate) method: &'static str,
    pub(crate) route: &'static str,
    pub(crate) context: Option<RequestContext>,
    /// Its spans, where its trace is sampled.
    traced: Option<Traced>,
    pub(crate) call: Option<&'static Call>,
    /// Whether a second time has the effect of once.
    pub(crate) repeatable: bool,
    /// Bytes of the body so far, and at most.
    pub(crate) body: u64,
    pub(crate) max_body: Option<u64>,
    /// Whether all of the body has come.
    pub(crate) body_done: bool,
    /// Until when the body must have come.
    pub(crate) body_until: Option<Instant>,
    pub(crate) slot: Option<Slot>,
    #[allow(dead_code, reason = "held as long as the stream goes on")]
    pub(crate) stream: Option<OpenStream>,
    pub(crate) tried: Vec<SocketAddr>,
    /// What is to be answered where an error alone does not say it.
    pub(crate) problem: Option<Problem>,
    pub(crate) status: Option<u16>,
    pub(crate) answered_after: Option<Duration>,
    added: Vec<(HeaderName, HeaderValue)>,
}

impl Exchange {
    pub(crate) fn new(tls: bool) -> Self {
        Self {
            began: Instant::now(),
            tls,
            address: Ipv6Addr::UNSPECIFIED.into(),
            method: "other",
            route: UNMATCHED,
            context: None,
            traced: None,
            call: None,
            repeatable: false,
            body: 0,
            max_body: None,
            body_done: false,
            body_until: None,
            slot: None,
            stream: None,
            tried: Vec::new(),
            problem: None,
            status: None,
            answered_after: None,
            added: Vec::new(),
        }
    }

    /// Notes what stands in the request's head.
    pub(crate) fn begin(&mut self, method: &Method, headers: &HeaderMap, address: Option<IpAddr>) {
        self.method = label(method);
        let context = RequestContext::from_headers(headers);
        self.traced = Traced::begin(&context.trace);
        self.context = Some(context);
        if let Some(address) = address {
            self.address = address;
        }
    }

    /// The request's id.
    pub(crate) fn request_id(&self) -> &str {
        self.context.as_ref().map_or("", |context| &context.request_id)
    }

    /// The service that answers; our own name for what we answer ourselves.
    pub(crate) fn service(&self) -> &'static str {
        self.call.map_or("gateway", |call| call.service.name())
    }

    /// By whom callers without credentials are told apart: an address, of version 6 the network that one customer has.
    pub(crate) fn origin(&self) -> String {
        match self.address.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("{}/64", Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        }
    }

    /// Puts headers into the answer, whoever makes it.
    pub(crate) fn add(&mut self, headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>) {
        self.added.extend(headers);
    }

    /// Says in the answer what is left of the caller's quota (draft-ietf-httpapi-ratelimit-headers-10).
    pub(crate) fn add_quota(&mut self, class: Class, verdict: Verdict) {
        let (name, seconds) = (class.name(), verdict.more_in.as_nanos().div_ceil(1_000_000_000));
        let policy = format!("\"{name}\";q={};w=60", verdict.quota);
        let left = format!("\"{name}\";r={};t={seconds}", verdict.left);
        let header =
            |name, text: String| Some((HeaderName::from_static(name), HeaderValue::try_from(text).ok()?));
        self.added.extend(header("ratelimit-policy", policy));
        self.added.extend(header("ratelimit", left));
    }

    /// Puts them in.
    pub(crate) fn add_to(&self, head: &mut ResponseHeader) -> Result<()> {
        for (name, value) in &self.added {
            head.append_header(name.clone(), value.clone())?;
        }
        Ok(())
    }

    /// Notes that it goes to an instance now. What that is told: the request's id, and its place in the trace.
    pub(crate) fn goes(&mut self) -> Option<(&str, TraceContext)> {
        let context = self.context.as_ref()?;
        let trace = match (&mut self.traced, self.tried.last()) {
            (Some(traced), Some(instance)) => traced.goes(*instance, self.tried.len() - 1),
            _ => context.trace,
        };
        Some((&context.request_id, trace))
    }

    /// Notes how a try at an instance ended: with an answer of this status, or with none.
    pub(crate) fn came_back(&mut self, status: Option<u16>) {
        if let Some(traced) = &mut self.traced {
            traced.came_back(self.method, self.route, status);
        }
    }

    /// Notes that an answer begins.
    pub(crate) fn answers(&mut self, status: u16) {
        self.status = Some(status);
        self.answered_after.get_or_insert_with(|| self.began.elapsed());
    }
}

impl Drop for Exchange {
    /// Paths' values, queries and addresses are in no log and in no label.
    fn drop(&mut self) {
        let Some(context) = &self.context else { return };
        let status = self.status.unwrap_or(GONE);
        let (route, method) = (self.route, self.method);
        if let Some(traced) = self.traced.take().filter(|_| route != "/livez") {
            traced.end(method, route, status, self.tls);
        }
        metrics::REQUESTS.with_label_values(&[route, method, class_of(status)]).inc();
        if let Some(after) = self.answered_after {
            let seconds = metrics::SECONDS.with_label_values(&[route, method]);
            let trace = Some(&context.trace).filter(|_| route != "/livez");
            seconds.observe(after.as_secs_f64(), trace);
        }
        let elapsed_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (service, request_id) = (self.service(), context.request_id.as_str());
        let class = self.call.map_or("own", |call| call.class.name());
        let (trace_id, sent_again) = (context.trace.trace_id(), self.tried.len().saturating_sub(1));
        if route == "/livez" {
            tracing::debug!(method, route, status, elapsed_ms, request_id, "passed");
        } else if status >= 500 && status != 503 {
            tracing::warn!(
                method, route, status, class, service, elapsed_ms, sent_again, request_id, trace_id, "passed"
            );
        } else {
            tracing::info!(
                method, route, status, class, service, elapsed_ms, sent_again, request_id, trace_id, "passed"
            );
        }
    }
}

/// As a label: what each status means is counted by the service that gave it.
const fn class_of(status: u16) -> &'static str {
    match status / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

/// Anyone can make up a method: a label must not.
fn label(method: &Method) -> &'static str {
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        .into_iter()
        .find(|known| *known == method.as_str())
        .unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customers_network_is_one_caller() {
        let mut exchange = Exchange::new(false);
        for (address, origin) in [
            ("10.1.2.3", "10.1.2.3"),
            ("::ffff:10.1.2.3", "10.1.2.3"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ] {
            exchange.address = address.parse().unwrap();
            assert_eq!(exchange.origin(), origin);
        }
    }
}
