use std::collections::BTreeMap;

use serde::Serialize;
use tracking_view::List;

use crate::compare::entries;
use crate::finding::Finding;

/// What was looked at, and what came of it. The fields' names are for scripts and never change.
#[derive(Clone, PartialEq, Default, Debug, Serialize)]
pub struct Summary {
    /// Nothing was found, or all of it was repaired.
    pub clean: bool,
    /// The generation of the tables.
    pub generation: u32,
    /// Partitions of the events topic.
    pub partitions: i32,
    /// Shipments in the log.
    pub shipments: u64,
    /// Records of events.
    pub events: u64,
    /// Shipments with a snapshot.
    pub snapshots: u64,
    /// Rows of shipments compared.
    pub rows: u64,
    /// Rows of histories compared.
    pub event_rows: u64,
    /// Entries found where they must be, by list.
    pub entries: BTreeMap<&'static str, u64>,
    /// Entries where shipments were once, by list. They are legal: readers drop them.
    pub ghosts: BTreeMap<&'static str, u64>,
    /// What the projector has before it.
    pub lag: Lag,
    /// Parked records that nobody has dealt with.
    pub dead_letters: DeadLettersWaiting,
    /// How many shipments were looked at again, because they had changed meanwhile or seemed wrong.
    pub looked_again: u64,
    /// How many of them changed at each look, so that nothing can be said of their lists.
    pub unsettled: u64,
    /// Findings that stand.
    pub findings: u64,
    /// Findings that were repaired.
    pub repaired: u64,
    /// Findings that stand, by kind.
    pub by_kind: BTreeMap<&'static str, u64>,
    /// How long it took.
    pub seconds: f64,
}

/// What the projector has before it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize)]
pub struct Lag {
    /// Shipments whose row isn't up to the log yet. So far as they go, their rows were compared.
    pub shipments: u64,
    /// Events that aren't in those rows.
    pub events: u64,
}

/// Parked records that nobody has dealt with. They aren't findings: each says itself what is to be done.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize)]
pub struct DeadLettersWaiting {
    /// How many.
    pub waiting: u64,
    /// By the role that parked them and its reason, as in `command-handler/undecodable`.
    pub by_reason: BTreeMap<String, u64>,
}

impl Summary {
    pub(crate) fn count(&mut self, finding: &Finding) {
        if finding.repaired {
            self.repaired += 1;
        } else {
            self.findings += 1;
            *self.by_kind.entry(finding.kind.as_str()).or_default() += 1;
        }
    }
}

/// Counts of lists under their names.
pub(crate) fn by_list(counts: [u64; List::ALL.len()]) -> BTreeMap<&'static str, u64> {
    List::ALL.into_iter().map(|list| (entries::name(list), counts[list as usize])).collect()
}
