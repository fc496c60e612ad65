//! What surrounds every request: its id and trace, the access log, metrics, and headers every answer has.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use telemetry::TraceContext;
use telemetry::ops::ROUTINE;
use telemetry::spans::{Kind, Span};
use tracing::Instrument;

use crate::context::RequestContext;
use crate::problem::Problem;
use crate::{fallbacks, metrics};

/// The route of a request that matched none: the path itself could be anything, a phone too.
const UNMATCHED: &str = "unmatched";

/// Answers hold personal data: they may be kept by the caller only, and are asked for again by their tag.
const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-cache");

/// The status of a request whose caller hung up before there was an answer; nobody is told it. Others call it so, too.
const HUNG_UP: u16 = 499;

/// Paths' values and query strings are in no log and in no label: they hold phones and tracking numbers.
pub(crate) async fn observe(mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let context = RequestContext::from_headers(request.headers());
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or(UNMATCHED, MatchedPath::as_str);
    let method = label(request.method());
    let uri = request.uri().clone();
    let span = tracing::info_span!(
        "request",
        method,
        route,
        request_id = context.request_id,
        trace_id = %context.trace.trace()
    );
    request.extensions_mut().insert(context.clone());
    let trace = Some(context.trace).filter(|trace| trace.is_sampled() && !ROUTINE.contains(&route));
    let traced = trace.map(|trace| Span::begin(&trace, Kind::Server, format!("{method} {route}")));
    let mut under_way = UnderWay { method, route, began, trace, traced, span: span.clone(), status: None };

    let answering = AssertUnwindSafe(next.run(request)).catch_unwind();
    let answering = answering.map(|answered| answered.unwrap_or_else(|_| fallbacks::panicked()));
    let response = telemetry::within(context.trace, answering.instrument(span)).await;
    let response = finish(response, uri.path(), &context);
    under_way.status = Some(response.status());
    response
}

/// A request until it is answered, or dropped because its caller hung up: then it is counted, and told.
struct UnderWay<'a> {
    method: &'static str,
    route: &'a str,
    began: Instant,
    trace: Option<TraceContext>,
    traced: Option<Span>,
    span: tracing::Span,
    status: Option<StatusCode>,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let Self { method, route, began, .. } = *self;
        let status = self.status.map_or(HUNG_UP, |status| status.as_u16());
        if let Some(traced) = self.traced.take() {
            traced
                .with("http.request.method", method)
                .with("http.route", route.to_owned())
                .with("http.response.status_code", i32::from(status))
                .failed(status >= 500)
                .end();
        }
        let shown = self.status.as_ref().map_or("499", StatusCode::as_str);
        metrics::ANSWERED.with_label_values(&[method, route, shown]).inc();
        let seconds = metrics::SECONDS.with_label_values(&[method, route]);
        seconds.observe(began.elapsed().as_secs_f64(), self.trace.as_ref());
        let _entered = self.span.enter();
        log(route, status, began);
    }
}

fn finish(mut response: Response, path: &str, context: &RequestContext) -> Response {
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        let allow = response.headers_mut().remove(header::ALLOW);
        response = problem.located(path, &context.request_id).into_response();
        response.extensions_mut().remove::<Problem>();
        response.headers_mut().extend(allow.map(|allow| (header::ALLOW, allow)));
    }
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(PRIVATE);
    headers.entry(header::X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    headers.extend(context.header().map(|id| (RequestContext::HEADER, id)));
    response
}

/// Health checks and scrapes come every few seconds, and are worth a line only when something is wrong.
fn log(route: &str, status: u16, began: Instant) {
    let elapsed_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let routine = ROUTINE.contains(&route) && (status < 500 || status == 503);
    if routine {
        tracing::debug!(status, elapsed_ms, "answered");
    } else if status == HUNG_UP {
        tracing::info!(status, elapsed_ms, "the caller hung up");
    } else if status >= 500 && status != 503 {
        tracing::warn!(status, elapsed_ms, "answered");
    } else {
        tracing::info!(status, elapsed_ms, "answered");
    }
}

/// Anyone can make up a method: a label must not.
fn label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
