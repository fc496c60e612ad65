//! What Kafka's client tells of itself, and of the brokers as it sees them.

use std::sync::LazyLock;

use telemetry::metrics::{self, HistogramVec, IntCounterVec, IntGaugeVec, LATENCY_SECONDS};

const RTT_NAME: &str = "parceltrack_event_log_broker_rtt_seconds";
const ERRORS_NAME: &str = "parceltrack_event_log_request_errors_total";
const RETRIES_NAME: &str = "parceltrack_event_log_request_retries_total";
const DISCONNECTS_NAME: &str = "parceltrack_event_log_disconnects_total";
const QUEUE_MESSAGES_NAME: &str = "parceltrack_event_log_queue_messages";
const QUEUE_BYTES_NAME: &str = "parceltrack_event_log_queue_bytes";

/// A kind of client: a fixed word.
const CLIENT: &str = "client";

/// Round trips, by client.
pub(crate) static RTT: LazyLock<HistogramVec> = LazyLock::new(|| {
    let help =
        "Round trips of requests to a broker: the mean of some seconds each, as the client measured it.";
    metrics::histogram_vec(RTT_NAME, help, &[CLIENT], LATENCY_SECONDS)
});
/// Requests that failed, by client and kind.
pub(crate) static ERRORS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    let help =
        "Requests to brokers that could not be sent, whose answer could not be read, or that timed out.";
    metrics::counter_vec(ERRORS_NAME, help, &[CLIENT, "kind"])
});
/// Requests sent again, by client.
pub(crate) static RETRIES: LazyLock<IntCounterVec> =
    LazyLock::new(|| metrics::counter_vec(RETRIES_NAME, "Requests to brokers sent again.", &[CLIENT]));
/// Connections lost, by client.
pub(crate) static DISCONNECTS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    let help =
        "Connections to brokers that had been working and broke; the same again within 30 s is not counted.";
    metrics::counter_vec(DISCONNECTS_NAME, help, &[CLIENT])
});
/// Records to be written, by client.
pub(crate) static QUEUE_MESSAGES: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    let help = "Records given to the client and not acknowledged yet, as of some seconds ago.";
    metrics::gauge_vec(QUEUE_MESSAGES_NAME, help, &[CLIENT])
});
/// Their bytes, by client.
pub(crate) static QUEUE_BYTES: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    let help = "Bytes of the records given to the client and not acknowledged yet, as of some seconds ago.";
    metrics::gauge_vec(QUEUE_BYTES_NAME, help, &[CLIENT])
});

telemetry::catalogue!(RTT, ERRORS, RETRIES, DISCONNECTS, QUEUE_MESSAGES, QUEUE_BYTES);
