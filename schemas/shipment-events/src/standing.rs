//! The status function: where a shipment stands, given the set of what was said about it.

use crate::{Class, EventId, Status, Timestamp};

/// How far ahead of its recording an event time may lie before it is no longer believed: 24 hours, in milliseconds.
pub const FUTURE_TOLERANCE_MS: i64 = 24 * 60 * 60 * 1000;

/// One thing said about a shipment: that at this moment it reached this status.
///
/// The order of its fields is the order of the lattice: class, then time, then rank, then event id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Standing {
    class: Class,
    /// When it came to stand there; see [`effective_time`].
    pub since: Timestamp,
    rank: u8,
    /// The event that said so.
    pub event_id: EventId,
    /// Where it stands.
    pub status: Status,
}

impl Standing {
    /// Says that the event set this status at this (effective) time.
    pub const fn new(status: Status, since: Timestamp, event_id: EventId) -> Self {
        Self { class: status.class(), since, rank: status.rank(), event_id, status }
    }
}

/// The status of a shipment: the highest by (class, effective time, rank, event id). It depends on the set alone, not
/// on the order in which it is given. `None` when nothing was said.
pub fn status_of(said: impl IntoIterator<Item = Standing>) -> Option<Standing> {
    said.into_iter().max()
}

/// Whether an event time lies so far ahead of its recording that the clock behind it can't be right.
pub const fn is_from_the_future(event_time: Timestamp, recorded_at: Timestamp) -> bool {
    event_time.as_millis() > recorded_at.as_millis().saturating_add(FUTURE_TOLERANCE_MS)
}

/// The time by which an event is ordered: its own, or the time of its recording if its own is not to be believed.
pub const fn effective_time(event_time: Timestamp, recorded_at: Timestamp) -> Timestamp {
    if is_from_the_future(event_time, recorded_at) { recorded_at } else { event_time }
}
