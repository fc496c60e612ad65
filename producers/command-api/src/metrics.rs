//! Names of this crate's metrics.

use std::sync::LazyLock;
use std::time::Duration;

use shipment_domain::CommandBody;
use telemetry::metrics::{self, IntCounterVec, IntGauge, TracedHistogramVec};

const COMMANDS: &str = "parceltrack_command_api_commands_total";
const SECONDS: &str = "parceltrack_command_api_outcome_seconds";
const WAITING: &str = "parceltrack_command_api_commands_waiting";
const STREAMS: &str = "parceltrack_command_api_streams_open";
const LINES: &str = "parceltrack_command_api_stream_lines_total";

const TYPE: &str = "type";
const OUTCOME: &str = "outcome";

/// Within this a command should have its outcome; `docs/operations.md` says why.
pub(crate) const IN_TIME: Duration = Duration::from_millis(500);

/// The values of the label `outcome`.
pub(crate) mod outcome {
    /// It made an event.
    pub(crate) const ACCEPTED: &str = "accepted";
    /// It was known already, and made no event.
    pub(crate) const REPEATED: &str = "repeated";
    /// A rule refused it.
    pub(crate) const REJECTED: &str = "rejected";
    /// It was sent, and had no outcome when it should have had one.
    pub(crate) const UNDECIDED: &str = "undecided";
    /// It was sent, and its sender didn't wait as long as it may take.
    pub(crate) const NOT_AWAITED: &str = "not_awaited";
    /// It was not sent, or nobody knows whether it was.
    pub(crate) const FAILED: &str = "failed";
    /// It is larger than any command may be.
    pub(crate) const REFUSED: &str = "refused";

    /// All of them.
    pub(super) const ALL: [&str; 7] = [ACCEPTED, REPEATED, REJECTED, UNDECIDED, NOT_AWAITED, FAILED, REFUSED];
}

/// Commands by type and by what became of them.
pub(crate) static POSTED: LazyLock<IntCounterVec> = LazyLock::new(|| {
    let posted =
        metrics::counter_vec(COMMANDS, "Commands by type and by what became of them.", &[TYPE, OUTCOME]);
    for type_name in CommandBody::TYPE_NAMES {
        for outcome in outcome::ALL {
            posted.with_label_values(&[type_name, outcome]);
        }
    }
    posted
});

/// Seconds from sending a command to its reply, by type.
pub(crate) static DECIDED_AFTER: LazyLock<TracedHistogramVec> = LazyLock::new(|| {
    let help = "Seconds from sending a command to its reply.";
    let seconds = metrics::traced_histogram_vec(SECONDS, help, &[TYPE], metrics::LATENCY_SECONDS);
    for type_name in CommandBody::TYPE_NAMES {
        seconds.with_label_values(&[type_name]);
    }
    seconds
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
