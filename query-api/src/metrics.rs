//! What the query API counts.

use std::sync::LazyLock;

use telemetry::metrics::{self, HistogramVec, IntCounter, IntCounterVec, IntGauge, TracedHistogram};

const READ_SECONDS_NAME: &str = "parceltrack_query_api_read_seconds";
const READ_FAILURES_NAME: &str = "parceltrack_query_api_read_failures_total";
const SSE_CLIENTS_NAME: &str = "parceltrack_query_api_sse_clients";
const SSE_LIMIT_NAME: &str = "parceltrack_query_api_sse_clients_limit";
const PUSHES_NAME: &str = "parceltrack_query_api_pushes_total";
const PUSH_SECONDS_NAME: &str = "parceltrack_query_api_push_seconds";
const LIVE_CACHE_NAME: &str = "parceltrack_query_api_live_cache_total";
const LIVE_READS_NAME: &str = "parceltrack_query_api_live_reads_total";
const WAKES_NAME: &str = "parceltrack_query_api_wakes_total";
const TAIL_LOST_NAME: &str = "parceltrack_query_api_tail_lost_total";

const KIND: &str = "kind";

/// The values of the label `result`.
pub(crate) const HIT: &str = "hit";
pub(crate) const MISS: &str = "miss";

/// Seconds that reads of the database took, by kind.
pub(crate) static READ_SECONDS: LazyLock<HistogramVec> = LazyLock::new(|| {
    let help = "Seconds that reads of the database took, the failed ones too.";
    metrics::histogram_vec(READ_SECONDS_NAME, help, &[KIND], metrics::LATENCY_SECONDS)
});
/// Reads that failed, by kind.
pub(crate) static READ_FAILURES: LazyLock<IntCounterVec> =
    LazyLock::new(|| metrics::counter_vec(READ_FAILURES_NAME, "Reads of the database that failed.", &[KIND]));
/// Live streams just now.
pub(crate) static SSE_CLIENTS: LazyLock<IntGauge> =
    LazyLock::new(|| metrics::gauge(SSE_CLIENTS_NAME, "Live streams that are open."));
/// How many there may be.
pub(crate) static SSE_LIMIT: LazyLock<IntGauge> =
    LazyLock::new(|| metrics::gauge(SSE_LIMIT_NAME, "Live streams that may be open at once."));
/// Rows sent to live streams.
pub(crate) static PUSHES: LazyLock<IntCounter> =
    LazyLock::new(|| metrics::counter(PUSHES_NAME, "Rows sent to live streams, the first of each included."));
/// From command to push.
pub(crate) static PUSH_SECONDS: LazyLock<TracedHistogram> = LazyLock::new(|| {
    let help = "From a command's being received by Kafka to its row's being sent to a live stream that waited for it.";
    metrics::traced_histogram(PUSH_SECONDS_NAME, help, metrics::VISIBLE_SECONDS)
});
/// Whether who came to watch found the row read.
pub(crate) static LIVE_CACHE: LazyLock<IntCounterVec> = LazyLock::new(|| {
    let help =
        "Live streams that found their shipment's row read just now for somebody else (hit), or not (miss).";
    let cache = metrics::counter_vec(LIVE_CACHE_NAME, help, &["result"]);
    for result in [HIT, MISS] {
        cache.with_label_values(&[result]);
    }
    cache
});
/// Reads for live streams: each serves all streams of its shipment.
pub(crate) static LIVE_READS: LazyLock<IntCounter> =
    LazyLock::new(|| metrics::counter(LIVE_READS_NAME, "Reads of rows for live streams."));
/// Events that woke somebody.
pub(crate) static WAKES: LazyLock<IntCounter> =
    LazyLock::new(|| metrics::counter(WAKES_NAME, "Events of shipments that somebody watches."));
/// How often the tail of events was lost.
pub(crate) static TAIL_LOST: LazyLock<IntCounter> =
    LazyLock::new(|| metrics::counter(TAIL_LOST_NAME, "Times that the tail of events was lost."));

telemetry::catalogue!(
    READ_SECONDS,
    READ_FAILURES,
    SSE_CLIENTS,
    SSE_LIMIT,
    PUSHES,
    PUSH_SECONDS,
    LIVE_CACHE,
    LIVE_READS,
    WAKES,
    TAIL_LOST,
);
