//! The names of this crate's metrics.

use std::sync::LazyLock;

use telemetry::metrics::{self, IntGauge};

const VERSION: &str = "parceltrack_live_config_version";
const RESTART_NEEDED: &str = "parceltrack_live_config_restart_needed_keys";
const FROM_COPY: &str = "parceltrack_live_config_from_copy";
const REFUSED: &str = "parceltrack_live_config_refused";

/// The version of the config topic that this process runs on.
pub(crate) static RUNS_ON: LazyLock<IntGauge> =
    LazyLock::new(|| metrics::gauge(VERSION, "Version of the config topic that this process runs on."));

/// Settings that differ from the topic and need a restart.
pub(crate) static WAITING: LazyLock<IntGauge> = LazyLock::new(|| {
    metrics::gauge(
        RESTART_NEEDED,
        "Settings that differ from the config topic until the process is restarted.",
    )
});

/// 1 while the process runs on its last copy of the topic.
pub(crate) static ON_COPY: LazyLock<IntGauge> = LazyLock::new(|| {
    metrics::gauge(FROM_COPY, "1 while the process runs on its last copy of the config topic, else 0.")
});

/// 1 while what the topic says makes no sense beside file and environment, and is not applied.
pub(crate) static NOT_APPLIED: LazyLock<IntGauge> = LazyLock::new(|| {
    metrics::gauge(REFUSED, "1 while what the config topic says can't be applied in this process, else 0.")
});

telemetry::catalogue!(RUNS_ON, WAITING, ON_COPY, NOT_APPLIED);
