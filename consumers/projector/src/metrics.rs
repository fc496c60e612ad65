//! The metrics of the projector.

use std::sync::LazyLock;

use telemetry::metrics::{
    self, GaugeVec, Histogram, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, LATENCY_SECONDS,
    OptionalGauge, TracedHistogramVec, VISIBLE_SECONDS,
};

const EVENTS_TOTAL: &str = "parceltrack_projector_events_total";
const OUTCOMES_TOTAL: &str = "parceltrack_projector_outcomes_total";
const STATEMENTS_TOTAL: &str = "parceltrack_projector_statements_total";
const REQUESTS_TOTAL: &str = "parceltrack_projector_requests_total";
const RETRIES_TOTAL: &str = "parceltrack_projector_retries_total";
const PARKED_TOTAL: &str = "parceltrack_projector_parked_records_total";
const DEAD_LETTERS_NAME: &str = "parceltrack_projector_dead_letters";
const COMMIT_FAILURES_TOTAL: &str = "parceltrack_projector_commit_failures_total";
const BATCH_RECORDS: &str = "parceltrack_projector_batch_records";
const BATCH_SECONDS: &str = "parceltrack_projector_batch_seconds";
const WRITE_SECONDS: &str = "parceltrack_projector_write_seconds";
const VISIBLE_NAME: &str = "parceltrack_projector_visible_seconds";
const LAG_RECORDS: &str = "parceltrack_projector_lag_records";
const LAG_SECONDS: &str = "parceltrack_projector_lag_seconds";
const NEXT_OFFSET: &str = "parceltrack_projector_next_offset";
const GENERATION: &str = "parceltrack_projector_generation";

/// What the label `type` of [`VISIBLE`] says of a scan, and of everything else.
pub(crate) const SCAN: &str = "scan";
pub(crate) const OTHER: &str = "other";

pub(crate) static EVENTS: LazyLock<IntCounterVec> =
    LazyLock::new(|| metrics::counter_vec(EVENTS_TOTAL, "Events written to the views.", &["type"]));
pub(crate) static OUTCOMES: LazyLock<IntCounter> =
    LazyLock::new(|| metrics::counter(OUTCOMES_TOTAL, "Command outcomes written."));
pub(crate) static STATEMENTS: LazyLock<IntCounter> =
    LazyLock::new(|| metrics::counter(STATEMENTS_TOTAL, "Statements (a row and a timestamp each) written."));
pub(crate) static REQUESTS: LazyLock<IntCounter> =
    LazyLock::new(|| metrics::counter(REQUESTS_TOTAL, "Requests to the database, retries not counted."));
pub(crate) static RETRIES: LazyLock<IntCounter> = LazyLock::new(|| {
    metrics::counter(RETRIES_TOTAL, "Requests sent again because the database was away or busy.")
});
pub(crate) static PARKED: LazyLock<IntCounterVec> =
    LazyLock::new(|| metrics::counter_vec(PARKED_TOTAL, "Records put among the dead letters.", &["code"]));
pub(crate) static DEAD_LETTERS: LazyLock<OptionalGauge> = LazyLock::new(|| {
    let help = "Records among the dead letters, the command handler's too, that nobody has dealt with.";
    metrics::optional_gauge(DEAD_LETTERS_NAME, help)
});
pub(crate) static COMMIT_FAILURES: LazyLock<IntCounter> = LazyLock::new(|| {
    metrics::counter(COMMIT_FAILURES_TOTAL, "Commits of offsets that failed; they are repeated.")
});
pub(crate) static BATCH: LazyLock<Histogram> = LazyLock::new(|| {
    let buckets = [1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1_000.0, 3_000.0, 10_000.0, 30_000.0];
    metrics::histogram(BATCH_RECORDS, "Records in a batch.", &buckets)
});
pub(crate) static BATCH_TIME: LazyLock<Histogram> = LazyLock::new(|| {
    metrics::histogram(BATCH_SECONDS, "From a batch's arrival to its rows being durable.", LATENCY_SECONDS)
});
pub(crate) static WRITE_TIME: LazyLock<Histogram> = LazyLock::new(|| {
    metrics::histogram(
        WRITE_SECONDS,
        "Writing a batch's rows, waits for the database included.",
        LATENCY_SECONDS,
    )
});
pub(crate) static VISIBLE: LazyLock<TracedHistogramVec> = LazyLock::new(|| {
    let help = "From a command's being received by Kafka to the rows of its event being durable.";
    let visible = metrics::traced_histogram_vec(VISIBLE_NAME, help, &["type"], VISIBLE_SECONDS);
    for of in [SCAN, OTHER] {
        visible.with_label_values(&[of]);
    }
    visible
});
pub(crate) static LAG: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    metrics::gauge_vec(LAG_RECORDS, "Offsets of the events topic not dealt with yet.", &["partition"])
});
pub(crate) static LAG_TIME: LazyLock<GaugeVec> = LazyLock::new(|| {
    let help = "Age of the oldest event not dealt with yet.";
    metrics::float_gauge_vec(LAG_SECONDS, help, &["partition"])
});
pub(crate) static NEXT: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    let help = "Offset of the next event to deal with: it stands still while there is a lag only where something is stuck.";
    metrics::gauge_vec(NEXT_OFFSET, help, &["partition"])
});
pub(crate) static LIVE: LazyLock<IntGauge> =
    LazyLock::new(|| metrics::gauge(GENERATION, "The generation of tables that is written."));

telemetry::catalogue!(
    EVENTS,
    OUTCOMES,
    STATEMENTS,
    REQUESTS,
    RETRIES,
    PARKED,
    DEAD_LETTERS,
    COMMIT_FAILURES,
    BATCH,
    BATCH_TIME,
    WRITE_TIME,
    VISIBLE,
    LAG,
    LAG_TIME,
    NEXT,
    LIVE,
);
