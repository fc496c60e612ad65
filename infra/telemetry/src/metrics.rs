//! The process's metrics, in Prometheus's text form.
//!
//! Each crate keeps its names as constants in one `metrics.rs`, in the form
//! `parceltrack_<crate>_<what>_<unit>`, and makes its metrics once:
//!
//! ```
//! use std::sync::LazyLock;
//! use telemetry::metrics::{self, IntCounterVec};
//!
//! const EVENTS: &str = "parceltrack_projector_events_total";
//!
//! static EVENTS_WRITTEN: LazyLock<IntCounterVec> =
//!     LazyLock::new(|| metrics::counter_vec(EVENTS, "Events written to the views.", &["type"]));
//!
//! EVENTS_WRITTEN.with_label_values(&["ScanRecorded"]).inc();
//! assert!(metrics::render().contains(EVENTS));
//! ```

use std::sync::LazyLock;

use prometheus::core::Collector;
use prometheus::{HistogramOpts, Opts, Registry, TextEncoder};

pub use prometheus::{
    Gauge, GaugeVec, Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec,
    exponential_buckets,
};

/// What every name begins with.
pub const PREFIX: &str = "parceltrack_";

/// Whether each condition of readiness holds: 1 or 0.
pub(crate) const CONDITION_READY: &str = "parceltrack_telemetry_condition_ready";

/// Spans of sampled traces, by what became of them.
pub(crate) const SPANS: &str = "parceltrack_telemetry_spans_total";

/// Seconds, from half a millisecond to half a minute: right for requests and for transactions.
pub const LATENCY_SECONDS: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// `Content-Type` of [`render`]'s text.
pub const CONTENT_TYPE: &str = prometheus::TEXT_FORMAT;

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    let registry = Registry::new();
    let process = prometheus::process_collector::ProcessCollector::for_self();
    registry.register(Box::new(process)).expect("the first collector of an empty registry");
    registry
});

/// The process's registry, which has the process's own metrics (memory, CPU, open files) from the start.
pub fn registry() -> &'static Registry {
    &REGISTRY
}

/// All metrics as text.
pub fn render() -> String {
    TextEncoder::new().encode_to_string(&REGISTRY.gather()).unwrap_or_else(|error| {
        tracing::error!(%error, "metrics can't be written as text");
        String::new()
    })
}

/// Makes and registers a counter.
pub fn counter(name: &'static str, help: &str) -> IntCounter {
    registered(name, IntCounter::new(name, help))
}

/// Makes and registers a counter with labels.
pub fn counter_vec(name: &'static str, help: &str, labels: &[&str]) -> IntCounterVec {
    registered(name, IntCounterVec::new(Opts::new(name, help), labels))
}

/// Makes and registers a gauge of whole numbers.
pub fn gauge(name: &'static str, help: &str) -> IntGauge {
    registered(name, IntGauge::new(name, help))
}

/// Makes and registers a gauge of whole numbers with labels.
pub fn gauge_vec(name: &'static str, help: &str, labels: &[&str]) -> IntGaugeVec {
    registered(name, IntGaugeVec::new(Opts::new(name, help), labels))
}

/// Makes and registers a histogram with these bucket limits.
pub fn histogram(name: &'static str, help: &str, buckets: &[f64]) -> Histogram {
    registered(name, Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets.to_vec())))
}

/// Makes and registers a histogram with labels and these bucket limits.
pub fn histogram_vec(name: &'static str, help: &str, labels: &[&str], buckets: &[f64]) -> HistogramVec {
    registered(name, HistogramVec::new(HistogramOpts::new(name, help).buckets(buckets.to_vec()), labels))
}

/// A bad or repeated name is a mistake in the program, found by the first run that makes the metric.
fn registered<M: Collector + Clone + 'static>(name: &'static str, metric: prometheus::Result<M>) -> M {
    assert!(name.starts_with(PREFIX), "metric {name} does not begin with {PREFIX}");
    let metric = metric.unwrap_or_else(|error| panic!("metric {name}: {error}"));
    REGISTRY.register(Box::new(metric.clone())).unwrap_or_else(|error| panic!("metric {name}: {error}"));
    metric
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_process_is_measured_from_the_start() {
        let text = render();
        for name in ["process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds"] {
            assert!(text.contains(name), "{text}");
        }
    }

    #[test]
    fn what_is_made_is_shown() {
        counter("parceltrack_telemetry_made_total", "Made by a test.").inc_by(3);
        let latency = histogram_vec(
            "parceltrack_telemetry_test_seconds",
            "Made by a test.",
            &["route"],
            LATENCY_SECONDS,
        );
        latency.with_label_values(&["/a"]).observe(0.003);
        let text = render();
        assert!(text.contains("parceltrack_telemetry_made_total 3"), "{text}");
        assert!(
            text.contains(r#"parceltrack_telemetry_test_seconds_bucket{route="/a",le="0.005"} 1"#),
            "{text}"
        );
    }

    #[test]
    #[should_panic(expected = "does not begin with parceltrack_")]
    fn a_name_without_the_prefix_is_a_mistake() {
        counter("events_total", "Made by a test.");
    }
}
