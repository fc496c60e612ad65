//! The metrics of the handler.

use std::sync::LazyLock;

use telemetry::metrics::{
    self, Histogram, HistogramVec, IntCounter, IntCounterVec, IntGaugeVec, LATENCY_SECONDS,
};

const COMMANDS_TOTAL: &str = "parceltrack_command_handler_commands_total";
const BATCH_RECORDS: &str = "parceltrack_command_handler_batch_records";
const PHASE_SECONDS: &str = "parceltrack_command_handler_phase_seconds";
const ABORTS_TOTAL: &str = "parceltrack_command_handler_aborts_total";
const DISCARDS_TOTAL: &str = "parceltrack_command_handler_producer_discards_total";
const PARKED_TOTAL: &str = "parceltrack_command_handler_parked_records_total";
const REROUTED_TOTAL: &str = "parceltrack_command_handler_rerouted_records_total";
const RESTORE_REMAINING_OFFSETS: &str = "parceltrack_command_handler_restore_remaining_offsets";
const PARTITIONS_RUNNING: &str = "parceltrack_command_handler_partitions_running";

pub(crate) static COMMANDS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    metrics::counter_vec(COMMANDS_TOTAL, "Commands decided and committed.", &["type", "outcome"])
});
pub(crate) static BATCH: LazyLock<Histogram> = LazyLock::new(|| {
    let buckets = [1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1_000.0, 3_000.0, 10_000.0];
    metrics::histogram(BATCH_RECORDS, "Records in a committed transaction.", &buckets)
});
pub(crate) static PHASES: LazyLock<HistogramVec> = LazyLock::new(|| {
    metrics::histogram_vec(PHASE_SECONDS, "Time of each phase of a batch.", &["phase"], LATENCY_SECONDS)
});
pub(crate) static ABORTS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    metrics::counter_vec(ABORTS_TOTAL, "Batches given up, to be decided again.", &["reason"])
});
pub(crate) static DISCARDS: LazyLock<IntCounter> =
    LazyLock::new(|| metrics::counter(DISCARDS_TOTAL, "Times that a worker threw its producers away."));
pub(crate) static PARKED: LazyLock<IntCounterVec> =
    LazyLock::new(|| metrics::counter_vec(PARKED_TOTAL, "Records put among the dead letters.", &["code"]));
pub(crate) static REROUTED: LazyLock<IntCounter> = LazyLock::new(|| {
    metrics::counter(REROUTED_TOTAL, "Commands sent on to the partition of their shipment.")
});
pub(crate) static RESTORE_REMAINING: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    metrics::gauge_vec(RESTORE_REMAINING_OFFSETS, "Snapshot offsets left to read.", &["partition"])
});
pub(crate) static RUNNING: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    metrics::gauge_vec(PARTITIONS_RUNNING, "Partitions that commands are decided on.", &["worker"])
});

telemetry::catalogue!(
    COMMANDS,
    BATCH,
    PHASES,
    ABORTS,
    DISCARDS,
    PARKED,
    REROUTED,
    RESTORE_REMAINING,
    RUNNING
);
