//! The metrics of the handler.

use std::sync::LazyLock;

use telemetry::metrics::{
    self, GaugeVec, Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec,
    LATENCY_SECONDS,
};

const COMMANDS_TOTAL: &str = "parceltrack_command_handler_commands_total";
const BATCH_RECORDS: &str = "parceltrack_command_handler_batch_records";
const PHASE_SECONDS: &str = "parceltrack_command_handler_phase_seconds";
const ABORTS_TOTAL: &str = "parceltrack_command_handler_aborts_total";
const DISCARDS_TOTAL: &str = "parceltrack_command_handler_producer_discards_total";
const PARKED_TOTAL: &str = "parceltrack_command_handler_parked_records_total";
const REROUTED_TOTAL: &str = "parceltrack_command_handler_rerouted_records_total";
const RESTORE_REMAINING_OFFSETS: &str = "parceltrack_command_handler_restore_remaining_offsets";
const RESTORE_TOTAL_OFFSETS: &str = "parceltrack_command_handler_restore_total_offsets";
const RESTORE_STARTED: &str = "parceltrack_command_handler_restore_started_timestamp_seconds";
const RESTORE_SECONDS: &str = "parceltrack_command_handler_restore_seconds";
const LAG_RECORDS: &str = "parceltrack_command_handler_lag_records";
const LAG_SECONDS: &str = "parceltrack_command_handler_lag_seconds";
const NEXT_OFFSET: &str = "parceltrack_command_handler_next_offset";
const STORE_BYTES_NAME: &str = "parceltrack_command_handler_store_bytes";
const PARTITIONS_RESTORING: &str = "parceltrack_command_handler_partitions_restoring";
const PARTITIONS_RUNNING: &str = "parceltrack_command_handler_partitions_running";

/// Why a batch is given up.
const ABORT_REASONS: [&str; 7] =
    ["too_large", "abortable", "indefinite", "poisoned", "fenced", "fatal", "registry"];

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
    let help = "Batches given up, to be decided again.";
    let aborts = metrics::counter_vec(ABORTS_TOTAL, help, &["reason"]);
    for reason in ABORT_REASONS {
        aborts.with_label_values(&[reason]);
    }
    aborts
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

pub(crate) static RESTORE_TOTAL: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    let help = "Snapshot offsets that the restore under way has to read in all.";
    metrics::gauge_vec(RESTORE_TOTAL_OFFSETS, help, &["partition"])
});
pub(crate) static RESTORE_STARTED_AT: LazyLock<GaugeVec> = LazyLock::new(|| {
    let help = "When the partition came whose state is being restored.";
    metrics::float_gauge_vec(RESTORE_STARTED, help, &["partition"])
});
pub(crate) static RESTORE_TIME: LazyLock<Histogram> = LazyLock::new(|| {
    let buckets = [0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0];
    metrics::histogram(RESTORE_SECONDS, "From a partition's coming to its commands being decided.", &buckets)
});
pub(crate) static RESTORING: LazyLock<IntGauge> = LazyLock::new(|| {
    metrics::gauge(PARTITIONS_RESTORING, "Partitions whose state is being restored, or waits for that.")
});
pub(crate) static LAG: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    metrics::gauge_vec(LAG_RECORDS, "Offsets of the commands topic not decided yet.", &["partition"])
});
pub(crate) static LAG_TIME: LazyLock<GaugeVec> = LazyLock::new(|| {
    let help = "Age of the oldest command not decided yet.";
    metrics::float_gauge_vec(LAG_SECONDS, help, &["partition"])
});
pub(crate) static NEXT: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    let help = "Offset of the next command to decide: it stands still while there is a lag only where something is stuck.";
    metrics::gauge_vec(NEXT_OFFSET, help, &["partition"])
});
pub(crate) static STORE_BYTES: LazyLock<IntGauge> =
    LazyLock::new(|| metrics::gauge(STORE_BYTES_NAME, "What the state store takes on disk."));

telemetry::catalogue!(
    COMMANDS,
    BATCH,
    PHASES,
    ABORTS,
    DISCARDS,
    PARKED,
    REROUTED,
    RESTORE_REMAINING,
    RESTORE_TOTAL,
    RESTORE_STARTED_AT,
    RESTORE_TIME,
    RESTORING,
    LAG,
    LAG_TIME,
    NEXT,
    STORE_BYTES,
    RUNNING,
);
