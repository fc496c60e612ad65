//! What this crate counts.

use std::sync::LazyLock;

use telemetry::metrics::{self, IntCounter, IntGauge};

const HEARTBEATS_NAME: &str = "parceltrack_service_registry_heartbeats_total";
const HEARTBEATS_FAILED_NAME: &str = "parceltrack_service_registry_heartbeats_failed_total";
const INSTANCES_NAME: &str = "parceltrack_service_registry_instances";
const PROTECTING_NAME: &str = "parceltrack_service_registry_protecting";
const SILENT_NAME: &str = "parceltrack_service_registry_silent_ms";
const LOST_NAME: &str = "parceltrack_service_registry_tail_lost_total";
const UNREADABLE_NAME: &str = "parceltrack_service_registry_unreadable_total";

/// Heartbeats that Kafka has.
pub(crate) static HEARTBEATS: LazyLock<IntCounter> =
    LazyLock::new(|| metrics::counter(HEARTBEATS_NAME, "Heartbeats of this process that Kafka has."));
/// Heartbeats that it didn't take in time.
pub(crate) static HEARTBEATS_FAILED: LazyLock<IntCounter> = LazyLock::new(|| {
    metrics::counter(HEARTBEATS_FAILED_NAME, "Heartbeats of this process that Kafka did not take in time.")
});
/// Instances in the local copy.
pub(crate) static INSTANCES: LazyLock<IntGauge> =
    LazyLock::new(|| metrics::gauge(INSTANCES_NAME, "Instances in this process's copy of the registry."));
/// Whether self-preservation is on: 1 or 0.
pub(crate) static PROTECTING: LazyLock<IntGauge> = LazyLock::new(|| {
    metrics::gauge(PROTECTING_NAME, "1 while so many instances are silent that none is given up, else 0.")
});
/// Milliseconds since the local copy was known to be whole.
pub(crate) static SILENT: LazyLock<IntGauge> = LazyLock::new(|| {
    metrics::gauge(
        SILENT_NAME,
        "Milliseconds since this process's copy of the registry was known to be whole.",
    )
});
/// How often the topic had to be opened again.
pub(crate) static LOST: LazyLock<IntCounter> =
    LazyLock::new(|| metrics::counter(LOST_NAME, "Times that the tail of the registry was lost."));
/// Records that are none of ours.
pub(crate) static UNREADABLE: LazyLock<IntCounter> =
    LazyLock::new(|| metrics::counter(UNREADABLE_NAME, "Records of the registry that could not be read."));
