//! What became of the records of a batch, counted for the metrics.

use std::collections::BTreeMap;

use shipment_events::Outcome;

/// At or below the command offset of its shipment's snapshot.
pub(super) const ALREADY_DECIDED: &str = "already_decided";

/// Counts of one batch.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Tally {
    /// Commands, by type and by outcome: accepted, repeated, rejected, `already_decided`.
    pub commands: BTreeMap<(&'static str, &'static str), u64>,
    /// Records parked, by reason.
    pub parked: BTreeMap<&'static str, u64>,
    /// Records sent on to their own partition.
    pub rerouted: u64,
}

impl Tally {
    pub(super) fn count(&mut self, kind: &'static str, outcome: &'static str) {
        *self.commands.entry((kind, outcome)).or_default() += 1;
    }

    pub(super) fn park(&mut self, code: &'static str) {
        *self.parked.entry(code).or_default() += 1;
    }
}

pub(super) fn outcome(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted(accepted) if accepted.events == 0 => "repeated",
        Outcome::Accepted(_) => "accepted",
        Outcome::Rejected(_) => "rejected",
    }
}
