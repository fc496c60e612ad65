//! The spans of one request: its own, and one for each try at an instance (OpenTelemetry's conventions for HTTP). Neither a path
//! nor a query is in them: both hold phones and tracking numbers.

use std::net::SocketAddr;
use std::time::SystemTime;

use telemetry::TraceContext;
use telemetry::spans::{Kind, Span};

/// What becomes of a request whose trace is sampled.
pub(crate) struct Traced {
    trace: TraceContext,
    began: SystemTime,
    sent: Option<Span>,
}

impl Traced {
    /// Of a request that begins now; none where its trace isn't sampled.
    pub(crate) fn begin(trace: &TraceContext) -> Option<Self> {
        trace.is_sampled().then(|| Self { trace: *trace, began: SystemTime::now(), sent: None })
    }

    /// It goes to an instance now, which takes the place in the trace that is given back.
    pub(crate) fn goes(&mut self, instance: SocketAddr, resent: usize) -> TraceContext {
        let trace = self.trace.child();
        let span = Span::begin(&trace, Kind::Client, "")
            .with("server.address", instance.ip().to_string())
            .with("server.port", i32::from(instance.port()));
        self.sent = Some(if resent == 0 { span } else { span.with("http.request.resend_count", resent) });
        trace
    }

    /// The answer from there begins, or there is none.
    pub(crate) fn came_back(&mut self, method: &'static str, route: &'static str, status: Option<u16>) {
        let Some(mut span) = self.sent.take() else { return };
        span.name = format!("{method} {route}").into();
        let span = span.with("http.request.method", method).with("url.template", route);
        match status {
            // To a client, a refusal is a failure, too.
            Some(status) => {
                span.with("http.response.status_code", i32::from(status)).failed(status >= 400).end();
            }
            None => span.failed(true).end(),
        }
    }

    /// All of it is over.
    pub(crate) fn end(mut self, method: &'static str, route: &'static str, status: u16, tls: bool) {
        self.came_back(method, route, None);
        Span::begun(&self.trace, Kind::Server, format!("{method} {route}"), self.began)
            .with("http.request.method", method)
            .with("http.route", route)
            .with("http.response.status_code", i32::from(status))
            .with("url.scheme", if tls { "https" } else { "http" })
            .failed(status >= 500)
            .end();
    }
}
