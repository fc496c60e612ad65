//! What the query API counts.

use std::sync::LazyLock;

use telemetry::metrics::{self, HistogramVec, IntCounter, IntCounterVec, IntGauge};

const READ_SECONDS_NAME: &str = "parceltrack_query_api_read_seconds";
const READ_FAILURES_NAME: &str = "parceltrack_query_api_read_failures_total";
const SSE_CLIENTS_NAME: &str = "parceltrack_query_api_sse_clients";
const LIVE_READS_NAME: &str = "parceltrack_query_api_live_reads_total";
const WAKES_NAME: &str = "parceltrack_query_api_wakes_total";
const TAIL_LOST_NAME: &str = "parceltrack_query_api_tail_lost_total";

const KIND: &str = "kind";

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
/// Reads for live streams: each serves all streams of its shipment.
pub(crate) static LIVE_READS: LazyLock<IntCounter> =
    LazyLock::new(|| metrics::counter(LIVE_READS_NAME, "Reads of rows for live streams."));
/// Events that woke somebody.
pub(crate) static WAKES: LazyLock<IntCounter> =
    LazyLock::new(|| metrics::counter(WAKES_NAME, "Events of shipments that somebody watches."));
/// How often the tail of events was lost.
pub(crate) static TAIL_LOST: LazyLock<IntCounter> =
    LazyLock::new(|| metrics::counter(TAIL_LOST_NAME, "Times that the tail of events was lost."));

telemetry::catalogue!(READ_SECONDS, READ_FAILURES, SSE_CLIENTS, LIVE_READS, WAKES, TAIL_LOST);
