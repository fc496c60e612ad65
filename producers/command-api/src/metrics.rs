//! Names of this crate's metrics.

use std::sync::LazyLock;

use telemetry::metrics::{self, IntCounterVec, IntGauge, TracedHistogramVec};

const COMMANDS: &str = "parceltrack_command_api_commands_total";
const SECONDS: &str = "parceltrack_command_api_outcome_seconds";
const WAITING: &str = "parceltrack_command_api_commands_waiting";
const STREAMS: &str = "parceltrack_command_api_streams_open";
const LINES: &str = "parceltrack_command_api_stream_lines_total";

const TYPE: &str = "type";
const OUTCOME: &str = "outcome";

/// The values of the label `outcome`.
pub(crate) mod outcome {
    /// It made an event.
    pub(crate) const ACCEPTED: &str = "accepted";
    /// It was known already, and made no event.
    pub(crate) const REPEATED: &str = "repeated";
    /// A rule refused it.
    pub(crate) const REJECTED: &str = "rejected";
    /// It was written, and answered before its outcome was known.
    pub(crate) const UNDECIDED: &str = "undecided";
    /// It was not sent, or nobody knows whether it was.
    pub(crate) const FAILED: &str = "failed";
}

/// Commands by type and by what became of them.
pub(crate) static POSTED: LazyLock<IntCounterVec> = LazyLock::new(|| {
    metrics::counter_vec(COMMANDS, "Commands by type and by what became of them.", &[TYPE, OUTCOME])
});

/// Seconds from sending a command to its reply, by type.
pub(crate) static DECIDED_AFTER: LazyLock<TracedHistogramVec> = LazyLock::new(|| {
    metrics::traced_histogram_vec(
        SECONDS,
        "Seconds from sending a command to its reply.",
        &[TYPE],
        metrics::LATENCY_SECONDS,
    )
});

/// Commands that wait for their reply.
pub(crate) static IN_FLIGHT: LazyLock<IntGauge> =
    LazyLock::new(|| metrics::gauge(WAITING, "Commands that wait for their reply."));

/// NDJSON streams open.
pub(crate) static STREAMS_OPEN: LazyLock<IntGauge> =
    LazyLock::new(|| metrics::gauge(STREAMS, "NDJSON streams open."));

/// Lines of NDJSON streams, by the status of their outcome.
pub(crate) static STREAM_LINES: LazyLock<IntCounterVec> = LazyLock::new(|| {
    metrics::counter_vec(LINES, "Lines of NDJSON streams, by the status of their outcome.", &["status"])
});

telemetry::catalogue!(POSTED, DECIDED_AFTER, IN_FLIGHT, STREAMS_OPEN, STREAM_LINES);
