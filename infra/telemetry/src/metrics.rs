//! The process's metrics, in Prometheus's text form and in OpenMetrics's.
//!
//! Each crate keeps its names as constants in one `metrics.rs`, in the form
//! `parceltrack_<crate>_<what>_<unit>`, makes its metrics once, and names them all in its [`catalogue!`](crate::catalogue):
//!
//! ```
//! use std::sync::LazyLock;
//! use telemetry::metrics::{self, IntCounterVec};
//!
//! const EVENTS_NAME: &str = "parceltrack_projector_events_total";
//!
//! static EVENTS: LazyLock<IntCounterVec> =
//!     LazyLock::new(|| metrics::counter_vec(EVENTS_NAME, "Events written to the views.", &["type"]));
//!
//! telemetry::catalogue!(EVENTS);
//!
//! register();
//! EVENTS.with_label_values(&["ScanRecorded"]).inc();
//! assert!(metrics::render(metrics::Form::Text).contains("parceltrack_projector_events_total{type=\"ScanRecorded\"} 1"));
//! ```
//!
//! Labels take values that the code knows: never an id, a path or a name from outside. Where the same metric is counted often,
//! its labelled handle is looked up once.

mod build;
mod described;
mod exemplars;
mod form;
mod optional;
mod scrape;
mod traced;
mod write;

use std::sync::LazyLock;

use prometheus::core::Collector;
use prometheus::{HistogramOpts, Opts, Registry};

pub use build::{BUILD_INFO, show_build};
pub use described::{Described, Kind, described};
pub use form::Form;
pub use optional::OptionalGauge;
pub use prometheus::local::LocalHistogram;
pub use prometheus::{
    Gauge, GaugeVec, Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec,
    exponential_buckets,
};
pub use scrape::before_each_scrape;
pub use traced::{TracedHistogram, TracedHistogramVec};

/// What every name begins with.
pub const PREFIX: &str = "parceltrack_";

/// Whether each condition of readiness holds: 1 or 0.
pub(crate) const CONDITION_READY: &str = "parceltrack_telemetry_condition_ready";

/// Spans of sampled traces, by what became of them.
pub(crate) const SPANS: &str = "parceltrack_telemetry_spans_total";

/// Seconds, from half a millisecond to half a minute: right for requests and for transactions.
pub const LATENCY_SECONDS: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Seconds from a command to what is seen of it, from ten milliseconds to an hour: an objective is met at half a second, or at
/// 1, 2 or 5, and what is behind by minutes catches up.
pub const VISIBLE_SECONDS: &[f64] =
    &[0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 3_600.0];

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    let registry = Registry::new();
    let process = prometheus::process_collector::ProcessCollector::for_self();
    described::note_process();
    registry.register(Box::new(process)).expect("the first collector of an empty registry");
    registry
});

/// The process's registry, which has the process's own metrics (memory, CPU, open files) from the start.
pub fn registry() -> &'static Registry {
    &REGISTRY
}

/// All metrics, in this form.
pub fn render(form: Form) -> String {
    scrape::prepare();
    write::write(&REGISTRY.gather(), form)
}

/// Makes and registers a counter.
pub fn counter(name: &'static str, help: &str) -> IntCounter {
    registered(name, Kind::Counter, IntCounter::new(name, help))
}

/// Makes and registers a counter with labels.
pub fn counter_vec(name: &'static str, help: &str, labels: &[&str]) -> IntCounterVec {
    registered(name, Kind::Counter, IntCounterVec::new(Opts::new(name, help), labels))
}

/// Makes and registers a gauge of whole numbers.
pub fn gauge(name: &'static str, help: &str) -> IntGauge {
    registered(name, Kind::Gauge, IntGauge::new(name, help))
}

/// Makes and registers a gauge of whole numbers with labels.
pub fn gauge_vec(name: &'static str, help: &str, labels: &[&str]) -> IntGaugeVec {
    registered(name, Kind::Gauge, IntGaugeVec::new(Opts::new(name, help), labels))
}

/// Makes and registers a gauge with labels.
pub fn float_gauge_vec(name: &'static str, help: &str, labels: &[&str]) -> GaugeVec {
    registered(name, Kind::Gauge, GaugeVec::new(Opts::new(name, help), labels))
}

/// Makes and registers a gauge that is shown only while it has a value.
pub fn optional_gauge(name: &'static str, help: &str) -> OptionalGauge {
    let gauge = put(name, OptionalGauge::new(name, help));
    described::note(Kind::Gauge, &gauge, true);
    gauge
}

/// Makes and registers a histogram with these bucket limits.
pub fn histogram(name: &'static str, help: &str, buckets: &[f64]) -> Histogram {
    registered(name, Kind::Histogram, Histogram::with_opts(options(name, help, buckets)))
}

/// Makes and registers a histogram with labels and these bucket limits.
pub fn histogram_vec(name: &'static str, help: &str, labels: &[&str], buckets: &[f64]) -> HistogramVec {
    registered(name, Kind::Histogram, HistogramVec::new(options(name, help, buckets), labels))
}

/// Makes and registers a histogram with labels and these bucket limits, each bucket of which shows a trace that lately fell
/// into it. The limits are in order.
pub fn traced_histogram_vec(
    name: &'static str,
    help: &str,
    labels: &[&'static str],
    buckets: &[f64],
) -> TracedHistogramVec {
    TracedHistogramVec::new(name, histogram_vec(name, help, labels, buckets), labels, buckets)
}

/// The same without labels.
pub fn traced_histogram(name: &'static str, help: &str, buckets: &[f64]) -> TracedHistogram {
    TracedHistogram::new(name, histogram(name, help, buckets), buckets)
}

fn options(name: &str, help: &str, buckets: &[f64]) -> HistogramOpts {
    HistogramOpts::new(name, help).buckets(buckets.to_vec())
}

/// A bad or repeated name is a mistake in the program, found by the first run that makes the metric.
fn registered<M: Collector + Clone + 'static>(
    name: &'static str,
    kind: Kind,
    metric: prometheus::Result<M>,
) -> M {
    let metric = put(name, metric);
    described::note(kind, &metric, false);
    metric
}

fn put<M: Collector + Clone + 'static>(name: &'static str, metric: prometheus::Result<M>) -> M {
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
        let text = render(Form::Text);
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
        let text = render(Form::Text);
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
