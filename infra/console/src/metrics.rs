//! What the console counts.

use std::sync::LazyLock;

use telemetry::metrics::{self, IntCounterVec};

const UNANSWERED_NAME: &str = "parceltrack_console_unanswered_total";

/// Questions to other services that were not answered.
pub(crate) static UNANSWERED: LazyLock<IntCounterVec> = LazyLock::new(|| {
    metrics::counter_vec(
        UNANSWERED_NAME,
        "Questions to other services that they refused or did not answer, by why.",
        &["service", "reason"],
    )
});

telemetry::catalogue!(UNANSWERED);
