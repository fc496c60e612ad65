//! Spans of sampled traces: kept for a while in memory, and handed to whoever sends them on.
//!
//! ```
//! use telemetry::TraceContext;
//! use telemetry::spans::{self, Kind, Span};
//!
//! let trace = TraceContext::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").unwrap();
//! let span = Span::begin(&trace.child(), Kind::Internal, "weigh a parcel").with("parcel.grams", 1_250);
//! span.end();
//! assert_eq!(spans::of_trace(trace.trace()).len(), 1);
//! ```

mod ring;
mod span;

use std::sync::{Arc, LazyLock, OnceLock};

use prometheus::IntCounterVec;
use tokio::sync::mpsc;

use self::ring::Ring;
use crate::metrics;

pub use self::span::{Attribute, Kind, Span};

/// Spans that are kept where nobody says how many.
const USUAL: usize = 4_096;

static RING: LazyLock<Ring> = LazyLock::new(|| Ring::new(USUAL));
static TOWARDS: OnceLock<mpsc::Sender<Arc<Span>>> = OnceLock::new();
static SPANS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    metrics::counter_vec(
        metrics::SPANS,
        "Spans of sampled traces, by what became of them: recorded, and of those exported, dropped, failed.",
        &["outcome"],
    )
});

/// Makes this module's metrics, so that they are described before anything has happened.
pub(crate) fn register() {
    LazyLock::force(&SPANS);
}

/// So many spans are kept in memory from now on.
pub fn keep(most: usize) {
    RING.keep(most);
}

/// Spans that end from now on come out here, too: for one who sends them to a trace store. When `most` wait, further ones are
/// dropped and counted; whoever records never waits. None when somebody has them already.
pub fn take(most: usize) -> Option<mpsc::Receiver<Arc<Span>>> {
    let (sender, receiver) = mpsc::channel(most);
    TOWARDS.set(sender).ok().map(|()| receiver)
}

/// Counts spans by what became of them on their way to a trace store.
pub fn sent(exported: usize, failed: usize) {
    SPANS.with_label_values(&["exported"]).inc_by(exported as u64);
    SPANS.with_label_values(&["failed"]).inc_by(failed as u64);
}

/// What is kept of a trace, in the order in which it ended.
pub fn of_trace(trace: crate::TraceId) -> Vec<Arc<Span>> {
    RING.select(|span| span.context.trace() == trace)
}

/// What is kept of the traces that a command is named in.
pub fn of_command(id: &str) -> Vec<Arc<Span>> {
    let named = RING.select(|span| span.is_about(id));
    let traces: Vec<_> = named.iter().map(|span| span.context.trace()).collect();
    RING.select(|span| traces.contains(&span.context.trace()))
}

/// The last ones.
pub fn latest(most: usize) -> Vec<Arc<Span>> {
    let mut all = RING.select(|_| true);
    all.drain(..all.len().saturating_sub(most));
    all
}

fn record(span: Span) {
    let span = Arc::new(span);
    SPANS.with_label_values(&["recorded"]).inc();
    if let Some(towards) = TOWARDS.get()
        && towards.try_send(Arc::clone(&span)).is_err()
    {
        SPANS.with_label_values(&["dropped"]).inc();
    }
    RING.push(span);
}
