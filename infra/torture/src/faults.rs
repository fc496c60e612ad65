//! The faults: which, drawn from a seed ([`Plan`]), and how they are inflicted ([`Tormentor`]).

mod brokers;
mod inflict;
mod kinds;
mod outages;
mod plan;
mod requests;
mod roles;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use inflict::Tormentor;
pub use kinds::{Broker, Fault, KINDS};
pub use plan::{Plan, Planned};

/// What became of a fault.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Inflicted {
    /// Its number in the plan.
    pub number: usize,
    /// Its kind.
    pub kind: String,
    /// All of it, in words.
    pub text: String,
    /// Why it was left out, if it was.
    pub skipped: Option<String>,
    /// When it began, in milliseconds of the ledger.
    pub began: u64,
    /// When its cause was gone.
    pub ended: u64,
    /// When each partition answered at once again, or was no longer waited for.
    pub settled: u64,
    /// Whether each partition did.
    pub quick_again: bool,
    /// From when on recovery is counted: from its beginning where the system has what it needs to go on without what is
    /// gone, and from its end where it hasn't.
    pub counted_from: u64,
    /// How long a command waited at most, in milliseconds, by partition; none of a partition that never answered.
    pub recovery: BTreeMap<i32, Option<u64>>,
    /// How long until rows were as new as the answers again, in milliseconds, counted from when it ended.
    pub views: Option<u64>,
}

impl Inflicted {
    /// The longest recovery; none if a partition never answered, or the fault was left out.
    pub fn slowest(&self) -> Option<u64> {
        self.recovery.values().copied().collect::<Option<Vec<_>>>()?.into_iter().max()
    }
}
