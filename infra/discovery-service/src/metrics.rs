//! What the discovery service counts.

use std::sync::LazyLock;

use telemetry::metrics::{self, IntCounter, IntGauge};

const STREAMS_NAME: &str = "parceltrack_discovery_service_streams_open";
const BURIED_NAME: &str = "parceltrack_discovery_service_buried_total";
const WRITES_FAILED_NAME: &str = "parceltrack_discovery_service_writes_failed_total";

/// Streams of changes that are open.
pub(crate) static STREAMS: LazyLock<IntGauge> =
    LazyLock::new(|| metrics::gauge(STREAMS_NAME, "Streams of changes that are open."));
/// Tombstones written for what nobody will come back for.
pub(crate) static BURIED: LazyLock<IntCounter> =
    LazyLock::new(|| metrics::counter(BURIED_NAME, "Tombstones written for leases and overrides long over."));
/// Records that Kafka did not take.
pub(crate) static WRITES_FAILED: LazyLock<IntCounter> =
    LazyLock::new(|| metrics::counter(WRITES_FAILED_NAME, "Records that Kafka did not take in time."));

telemetry::catalogue!(STREAMS, BURIED, WRITES_FAILED);
