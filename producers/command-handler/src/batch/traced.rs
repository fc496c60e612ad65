//! Where the work on a command stands in the command's trace.

use event_codec::headers::TRACEPARENT;
use event_log::Headers;
use telemetry::TraceContext;

/// The work's steps. Their numbers stay: a command decided again must give identical bytes, headers included.
const DECIDING: u64 = 1;
const WRITING: u64 = 2;

/// The work on one command, and the writing of what follows from it, which is a part of that.
pub(crate) struct Place {
    pub(crate) deciding: TraceContext,
    pub(crate) writing: TraceContext,
}

/// Of a command with these headers; none unless its trace is sampled.
pub(crate) fn place(headers: &Headers) -> Option<Place> {
    let deciding = TraceContext::parse_sampled(headers.get(TRACEPARENT)?)?.step(DECIDING);
    Some(Place { deciding, writing: deciding.step(WRITING) })
}
