//! What the gateway counts.

use std::sync::LazyLock;

use telemetry::metrics::{
    self, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, OptionalGauge, TracedHistogramVec,
};

const REQUESTS_NAME: &str = "parceltrack_gateway_requests_total";
const SECONDS_NAME: &str = "parceltrack_gateway_request_seconds";
const RETRIES_NAME: &str = "parceltrack_gateway_retries_total";
const FAILURES_NAME: &str = "parceltrack_gateway_upstream_failures_total";
const BREAKERS_NAME: &str = "parceltrack_gateway_breakers";
const OPENED_NAME: &str = "parceltrack_gateway_breaker_opened_total";
const LIMITED_NAME: &str = "parceltrack_gateway_limited_total";
const CONNECTIONS_NAME: &str = "parceltrack_gateway_connections_open";
const REFUSED_NAME: &str = "parceltrack_gateway_heads_refused_total";
const CERTIFICATE_NAME: &str = "parceltrack_gateway_certificate_faults_total";
const EXPIRY_NAME: &str = "parceltrack_gateway_certificate_expiry_timestamp_seconds";

/// Requests answered, by route template, method and class of status.
pub(crate) static REQUESTS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    metrics::counter_vec(REQUESTS_NAME, "Requests answered.", &["route", "method", "status_class"])
});
/// Seconds until an answer began, by route template and method.
pub(crate) static SECONDS: LazyLock<TracedHistogramVec> = LazyLock::new(|| {
    let help = "Seconds until an answer began.";
    metrics::traced_histogram_vec(SECONDS_NAME, help, &["route", "method"], metrics::LATENCY_SECONDS)
});
/// Requests sent again, by service and reason.
pub(crate) static RETRIES: LazyLock<IntCounterVec> =
    LazyLock::new(|| metrics::counter_vec(RETRIES_NAME, "Requests sent again.", &["service", "reason"]));
/// Requests that an instance did not answer, by service and reason.
pub(crate) static FAILURES: LazyLock<IntCounterVec> = LazyLock::new(|| {
    metrics::counter_vec(FAILURES_NAME, "Requests that an instance did not answer.", &["service", "reason"])
});
/// Instances, by service and by how their breaker stands.
pub(crate) static BREAKERS: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    let help = "Instances that were asked, by how their circuit breaker stands: while it is open they are passed over.";
    metrics::gauge_vec(BREAKERS_NAME, help, &["service", "state"])
});
/// Times that a breaker opened, by service.
pub(crate) static OPENED: LazyLock<IntCounterVec> = LazyLock::new(|| {
    metrics::counter_vec(OPENED_NAME, "Times that the circuit breaker of an instance opened.", &["service"])
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

/// Until when the certificate is good.
pub(crate) static CERTIFICATE_EXPIRY: LazyLock<OptionalGauge> = LazyLock::new(|| {
    let help = "Until when the listener's certificate is good.";
    metrics::optional_gauge(EXPIRY_NAME, help)
});

telemetry::catalogue!(
    REQUESTS,
    SECONDS,
    RETRIES,
    FAILURES,
    BREAKERS,
    OPENED,
    LIMITED,
    CONNECTIONS,
    REFUSED,
    CERTIFICATE_FAULTS,
    CERTIFICATE_EXPIRY,
);
