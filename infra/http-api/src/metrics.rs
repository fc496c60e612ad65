//! Names of this crate's metrics.

use std::sync::LazyLock;

use telemetry::metrics::{self, IntCounter, IntCounterVec, IntGauge, TracedHistogramVec};

const REQUESTS: &str = "parceltrack_http_api_requests_total";
const LATENCY: &str = "parceltrack_http_api_request_seconds";
const IN_FLIGHT: &str = "parceltrack_http_api_requests_in_flight";
const SHED: &str = "parceltrack_http_api_shed_total";
const CONNECTIONS: &str = "parceltrack_http_api_connections_open";

const METHOD: &str = "method";
const ROUTE: &str = "route";
const STATUS: &str = "status";

/// Requests answered, by method, route template and status.
pub(crate) static ANSWERED: LazyLock<IntCounterVec> =
    LazyLock::new(|| metrics::counter_vec(REQUESTS, "Requests answered.", &[METHOD, ROUTE, STATUS]));

/// Seconds until an answer began, by method and route template.
pub(crate) static SECONDS: LazyLock<TracedHistogramVec> = LazyLock::new(|| {
    metrics::traced_histogram_vec(
        LATENCY,
        "Seconds until an answer began.",
        &[METHOD, ROUTE],
        metrics::LATENCY_SECONDS,
    )
});

/// Requests whose handlers run.
pub(crate) static RUNNING: LazyLock<IntGauge> =
    LazyLock::new(|| metrics::gauge(IN_FLIGHT, "Requests whose handlers run."));

/// Requests turned away because too many were under way.
pub(crate) static TURNED_AWAY: LazyLock<IntCounter> =
    LazyLock::new(|| metrics::counter(SHED, "Requests turned away because too many were under way."));

/// Connections open.
pub(crate) static OPEN: LazyLock<IntGauge> =
    LazyLock::new(|| metrics::gauge(CONNECTIONS, "Connections open."));

telemetry::catalogue!(ANSWERED, SECONDS, RUNNING, TURNED_AWAY, OPEN);

/// Counted in a gauge as long as it lives, also where a future is dropped midway.
pub(crate) struct Counted(&'static IntGauge);

impl Counted {
    pub(crate) fn by(gauge: &'static IntGauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}
