//! One lease as it ages.

use std::sync::Arc;
use std::time::Duration;

use crate::timing::LONGEST_PROTECTION;
use crate::{Lease, Moment};

/// A lease, and how old it is.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) lease: Arc<Lease>,
    /// When it was renewed, by the broker's clock.
    pub(super) appended_at: i64,
    renewed: Renewed,
    ended: Option<Moment>,
}

/// When a lease was renewed last, by the reader's clock.
#[derive(Clone, Copy, Debug)]
pub(super) enum Renewed {
    /// Before the reader began; it isn't known yet how long before.
    Read,
    /// As the broker's times have it: nobody saw it happen.
    Dated(Moment),
    /// As it was seen.
    Seen(Moment),
}

impl Held {
    pub(super) fn new(lease: Lease, appended_at: i64, renewed: Renewed) -> Self {
        Self { lease: Arc::new(lease), appended_at, renewed, ended: None }
    }

    /// Now that the last record's time is known, so is how old the others are. A broker's clock that was set back makes
    /// none older than it is.
    pub(super) fn date(&mut self, last_appended_at: i64, now: Moment) {
        if matches!(self.renewed, Renewed::Read) {
            self.renewed = Renewed::Dated(now.back((last_appended_at - self.appended_at).max(0)));
        }
    }

    /// A while of which nothing is known doesn't count.
    pub(super) fn begin_anew(&mut self, now: Moment) {
        self.renewed = match self.renewed {
            Renewed::Seen(_) => Renewed::Seen(now),
            Renewed::Dated(_) => Renewed::Dated(now),
            Renewed::Read => Renewed::Read,
        };
    }

    /// Ends the lease if its time is over. Protection holds only what was once seen alive: what is merely left in the topic
    /// by an earlier fleet is no loss.
    pub(super) fn end_if_over(&mut self, now: Moment, protecting: bool) {
        let held_on = if protecting && self.was_seen() { LONGEST_PROTECTION } else { Duration::ZERO };
        if !self.has_ended() && self.age(now) > self.lease.ttl() + held_on {
            self.ended = Some(now);
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended.is_some()
    }

    /// Whether it has ended so long ago.
    pub(super) fn ended_before(&self, now: Moment, ago: Duration) -> bool {
        self.ended.is_some() && self.age(now) > self.lease.ttl() + ago
    }

    pub(super) fn was_seen(&self) -> bool {
        matches!(self.renewed, Renewed::Seen(_))
    }

    pub(super) fn age(&self, now: Moment) -> Duration {
        match self.renewed {
            Renewed::Read => Duration::ZERO,
            Renewed::Dated(at) | Renewed::Seen(at) => now.since(at),
        }
    }
}
