//! What this crate counts.

use std::sync::LazyLock;
use std::time::Instant;

use telemetry::metrics::{self, Histogram, HistogramVec, IntCounterVec, LATENCY_SECONDS};

use crate::{Error, Fault};

const FAILURES_NAME: &str = "parceltrack_view_store_failures_total";
const SECONDS_NAME: &str = "parceltrack_view_store_request_seconds";

/// What was tried, as a label.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Operation {
    Connect,
    Read,
    Write,
}

impl Operation {
    const ALL: [Self; 3] = [Self::Connect, Self::Read, Self::Write];

    const fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

static FAILURES: LazyLock<IntCounterVec> = LazyLock::new(|| {
    let help = "Tries that the database failed: `retry` is away or busy, `value` what it will never take, `fatal` what \
                waiting doesn't mend.";
    let failures = metrics::counter_vec(FAILURES_NAME, help, &["operation", "fault"]);
    for operation in Operation::ALL {
        for fault in [Fault::Retry, Fault::Value, Fault::Fatal] {
            failures.with_label_values(&[operation.name(), name_of(fault)]);
        }
    }
    failures
});
static SECONDS: LazyLock<HistogramVec> = LazyLock::new(|| {
    let help = "One request to the database, the failed ones too.";
    metrics::histogram_vec(SECONDS_NAME, help, &["operation"], LATENCY_SECONDS)
});
/// Seconds of one request that reads.
pub(crate) static READ_SECONDS: LazyLock<Histogram> =
    LazyLock::new(|| SECONDS.with_label_values(&[Operation::Read.name()]));
/// Seconds of one request that writes.
pub(crate) static WRITE_SECONDS: LazyLock<Histogram> =
    LazyLock::new(|| SECONDS.with_label_values(&[Operation::Write.name()]));

telemetry::catalogue!(FAILURES, SECONDS, READ_SECONDS, WRITE_SECONDS);

/// Counts a try that failed.
pub(crate) fn failed(operation: Operation, error: &Error) {
    if !matches!(error, Error::Cancelled) {
        FAILURES.with_label_values(&[operation.name(), name_of(error.fault())]).inc();
    }
}

/// What takes its time, measured.
pub(crate) trait Timed {
    /// The same, measured until it is done. One that is dropped before isn't.
    fn of<F: Future>(&self, request: F) -> impl Future<Output = F::Output>;
}

impl Timed for Histogram {
    async fn of<F: Future>(&self, request: F) -> F::Output {
        let began = Instant::now();
        let done = request.await;
        self.observe(began.elapsed().as_secs_f64());
        done
    }
}

fn name_of(fault: Fault) -> &'static str {
    match fault {
        Fault::Retry => "retry",
        Fault::Value => "value",
        Fault::Fatal => "fatal",
    }
}
