//! What the gateway counts.

use std::sync::LazyLock;

use telemetry::metrics::{self, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec};

const REQUESTS_NAME: &str = "parceltrack_gateway_requests_total";
const SECONDS_NAME: &str = "parceltrack_gateway_request_seconds";
const RETRIES_NAME: &str = "parceltrack_gateway_retries_total";
const FAILURES_NAME: &str = "parceltrack_gateway_upstream_failures_total";
const OPEN_NAME: &str = "parceltrack_gateway_circuits_open";
const LIMITED_NAME: &str = "parceltrack_gateway_limited_total";
const CONNECTIONS_NAME: &str = "parceltrack_gateway_connections_open";
const REFUSED_NAME: &str = "parceltrack_gateway_heads_refused_total";
const CERTIFICATE_NAME: &str = "parceltrack_gateway_certificate_faults_total";

/// Requests answered, by route template, method and status.
pub(crate) static REQUESTS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    metrics::counter_vec(REQUESTS_NAME, "Requests answered.", &["route", "method", "status"])
});
/// Seconds until an answer began, by route template and method.
pub(crate) static SECONDS: LazyLock<HistogramVec> = LazyLock::new(|| {
    let help = "Seconds until an answer began.";
    metrics::histogram_vec(SECONDS_NAME, help, &["route", "method"], metrics::LATENCY_SECONDS)
});
/// Requests sent again, by service and reason.
pub(crate) static RETRIES: LazyLock<IntCounterVec> =
    LazyLock::new(|| metrics::counter_vec(RETRIES_NAME, "Requests sent again.", &["service", "reason"]));
/// Requests that an instance did not answer, by service and reason.
pub(crate) static FAILURES: LazyLock<IntCounterVec> = LazyLock::new(|| {
    metrics::counter_vec(FAILURES_NAME, "Requests that an instance did not answer.", &["service", "reason"])
});
/// Instances passed over because they don't answer, by service.
pub(crate) static OPEN: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    metrics::gauge_vec(OPEN_NAME, "Instances passed over because they don't answer.", &["service"])
});
/// Requests turned away because their caller had used up its quota, by kind of call.
pub(crate) static LIMITED: LazyLock<IntCounterVec> = LazyLock::new(|| {
    let help = "Requests turned away because their caller had used up its quota.";
    metrics::counter_vec(LIMITED_NAME, help, &["class"])
});
/// Connections open.
pub(crate) static CONNECTIONS: LazyLock<IntGauge> =
    LazyLock::new(|| metrics::gauge(CONNECTIONS_NAME, "Connections open."));
/// Requests whose head was refused before it was looked at further, by reason.
pub(crate) static REFUSED: LazyLock<IntCounterVec> = LazyLock::new(|| {
    metrics::counter_vec(
        REFUSED_NAME,
        "Requests whose head was malformed, too large or too slow.",
        &["reason"],
    )
});
/// Times that a changed certificate could not be used.
pub(crate) static CERTIFICATE_FAULTS: LazyLock<IntCounter> = LazyLock::new(|| {
    metrics::counter(
        CERTIFICATE_NAME,
        "Times that a changed certificate could not be used; the one before stays.",
    )
});
