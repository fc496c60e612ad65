//! The spans of a live update: from its event to the first client that it is sent to.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use event_codec::headers::{CE_ID, TRACEPARENT};
use event_log::Received;
use telemetry::TraceContext;
use telemetry::spans::{Kind, Span};

/// What woke a shipment's watchers, where its trace is sampled.
pub(super) struct Woken {
    version: i64,
    event: Span,
}

impl Woken {
    /// An event's record, which made this version.
    pub(super) fn by(record: &Received, version: i64) -> Option<Self> {
        let trace = record.headers.get(TRACEPARENT).and_then(TraceContext::parse_sampled)?;
        let event =
            Span::of_record(&trace.child(), Kind::Consumer, "process", &record.topic, SystemTime::now())
                .at(record.partition, record.offset)
                .about_named(record.headers.get_str(CE_ID));
        Some(Self { version, event })
    }
}

/// The last of a shipment's updates that are traced.
#[derive(Default)]
pub(super) struct Pushing {
    /// Whether there is one: most often there is none.
    any: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    woken: Option<Woken>,
    /// What woke, and the time since which its row is there.
    read: Option<(Woken, SystemTime)>,
}

impl Pushing {
    /// There is an event.
    pub(super) fn woken(&self, woken: Woken) {
        self.state().woken = Some(woken);
        self.any.store(true, Ordering::Release);
    }

    /// The row was read, from then on, and has this version.
    pub(super) fn read(&self, version: i64, began: SystemTime) {
        if !self.any.load(Ordering::Acquire) {
            return;
        }
        let mut state = self.state();
        if let Some(woken) = state.woken.take_if(|woken| woken.version <= version) {
            let now = SystemTime::now();
            Span::begun(&woken.event.context.child(), Kind::Client, "SELECT shipment view", began)
                .with("db.system.name", "cassandra")
                .with("db.operation.name", "SELECT")
                .ended(now);
            state.read = Some((woken, now));
        }
    }

    /// That version had been shown before.
    pub(super) fn nothing_new(&self) {
        if self.any.load(Ordering::Acquire) {
            self.state().read = None;
        }
    }

    /// A client is being sent this version. The first counts, there may be thousands; it is told the trace.
    pub(super) fn pushed(&self, version: i64) -> Option<TraceContext> {
        if !self.any.load(Ordering::Acquire) {
            return None;
        }
        let mut state = self.state();
        let (woken, since) = state.read.take_if(|(woken, _)| woken.version <= version)?;
        self.any.store(state.woken.is_some(), Ordering::Release);
        drop(state);
        let now = SystemTime::now();
        Span::begun(&woken.event.context.child(), Kind::Producer, "push shipment", since)
            .with("network.protocol.name", "sse")
            .with("parceltrack.shipment.version", version)
            .ended(now);
        let trace = woken.event.context;
        woken.event.ended(now);
        Some(trace)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
