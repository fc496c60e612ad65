//! What this crate counts.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use telemetry::metrics::{self, GaugeVec, IntCounter, IntGauge, OptionalGauge};

use crate::Instance;

const HEARTBEATS_NAME: &str = "parceltrack_service_registry_heartbeats_total";
const HEARTBEATS_FAILED_NAME: &str = "parceltrack_service_registry_heartbeats_failed_total";
const LAST_HEARTBEAT_NAME: &str = "parceltrack_service_registry_last_heartbeat_timestamp_seconds";
const INSTANCES_NAME: &str = "parceltrack_service_registry_instances";
const LEASE_AGE_NAME: &str = "parceltrack_service_registry_lease_age_seconds";
const PROTECTING_NAME: &str = "parceltrack_service_registry_protecting";
const SILENT_NAME: &str = "parceltrack_service_registry_silent_seconds";
const LOST_NAME: &str = "parceltrack_service_registry_tail_lost_total";
const UNREADABLE_NAME: &str = "parceltrack_service_registry_unreadable_total";

/// Services of ours, as labels; anybody may register under any other name.
const SERVICES: [&str; 8] = [
    "command-api",
    "command-handler",
    "config-service",
    "console",
    "discovery-service",
    "gateway",
    "projector",
    "query-api",
];

/// The label of a service that is none of ours.
const OTHER: &str = "other";

/// Heartbeats that Kafka has.
pub(crate) static HEARTBEATS: LazyLock<IntCounter> =
    LazyLock::new(|| metrics::counter(HEARTBEATS_NAME, "Heartbeats of this process that Kafka has."));
/// Heartbeats that it didn't take in time.
pub(crate) static HEARTBEATS_FAILED: LazyLock<IntCounter> = LazyLock::new(|| {
    metrics::counter(HEARTBEATS_FAILED_NAME, "Heartbeats of this process that Kafka did not take in time.")
});
/// When Kafka took the last one.
pub(crate) static LAST_HEARTBEAT: LazyLock<OptionalGauge> = LazyLock::new(|| {
    let help = "When Kafka took the last heartbeat of this process: its lease is as old as that.";
    metrics::optional_gauge(LAST_HEARTBEAT_NAME, help)
});
/// Instances in the local copy.
pub(crate) static INSTANCES: LazyLock<IntGauge> =
    LazyLock::new(|| metrics::gauge(INSTANCES_NAME, "Instances in this process's copy of the registry."));
/// Seconds since the lease of each service that is the oldest was renewed.
static LEASE_AGE: LazyLock<GaugeVec> = LazyLock::new(|| {
    let help =
        "Since when the instance of a service that was silent for the longest hasn't renewed its lease.";
    metrics::float_gauge_vec(LEASE_AGE_NAME, help, &["service"])
});
/// Whether self-preservation is on: 1 or 0.
pub(crate) static PROTECTING: LazyLock<IntGauge> = LazyLock::new(|| {
    metrics::gauge(PROTECTING_NAME, "1 while so many instances are silent that none is given up, else 0.")
});
/// Seconds since the local copy was known to be whole.
pub(crate) static SILENT: LazyLock<OptionalGauge> = LazyLock::new(|| {
    let help = "Since when this process's copy of the registry has not been known to be whole.";
    metrics::optional_gauge(SILENT_NAME, help)
});
/// How often the topic had to be opened again.
pub(crate) static LOST: LazyLock<IntCounter> =
    LazyLock::new(|| metrics::counter(LOST_NAME, "Times that the tail of the registry was lost."));
/// Records that are none of ours.
pub(crate) static UNREADABLE: LazyLock<IntCounter> =
    LazyLock::new(|| metrics::counter(UNREADABLE_NAME, "Records of the registry that could not be read."));

telemetry::catalogue!(
    of_registrar: HEARTBEATS,
    HEARTBEATS_FAILED,
    LAST_HEARTBEAT,
);
telemetry::catalogue!(
    of_directory: INSTANCES,
    LEASE_AGE,
    PROTECTING,
    SILENT,
    LOST,
    UNREADABLE,
);

/// Shows how old leases are at this time, in milliseconds since 1970.
pub(crate) fn show_leases(instances: impl Iterator<Item = Instance>, now: i64) {
    LEASE_AGE.reset();
    for (service, age) in oldest(instances, now) {
        LEASE_AGE.with_label_values(&[service]).set(age);
    }
}

fn oldest(instances: impl Iterator<Item = Instance>, now: i64) -> BTreeMap<&'static str, f64> {
    let mut oldest = BTreeMap::new();
    for instance in instances {
        let name = instance.lease.service.as_str();
        let service = SERVICES.into_iter().find(|service| *service == name).unwrap_or(OTHER);
        let age = (now - instance.renewed_at).max(0) as f64 / 1_000.0;
        let so_far = oldest.entry(service).or_insert(age);
        *so_far = so_far.max(age);
    }
    oldest
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::book::tests::lease;

    #[test]
    fn the_oldest_lease_counts_and_strangers_share_a_label() {
        let of = |id, renewed_at| Instance { lease: Arc::new(lease(id)), taken_out: None, renewed_at };
        let instances =
            [of("gateway/a", 9_000), of("gateway/b", 4_000), of("acme/a", 8_000), of("31/b", 11_000)];
        let oldest = oldest(instances.into_iter(), 10_000);
        assert_eq!(oldest, BTreeMap::from([("gateway", 6.0), (OTHER, 2.0)]));
    }
}
