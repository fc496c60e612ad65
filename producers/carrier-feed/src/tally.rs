//! Counts of what became of commands.

use std::collections::BTreeMap;

use serde::Serialize;
use shipment_events::{CommandReply, Outcome};

/// What became of one kind of command.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Tally {
    /// Done.
    pub accepted: u64,
    /// Known already: nothing changed.
    pub duplicate: u64,
    /// Refused by a rule.
    pub rejected: u64,
    /// Nobody knows yet: no reply in time, or no acknowledgement. Sending them again is safe.
    pub unanswered: u64,
    /// The rules that refused, by code.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rejections: BTreeMap<String, u64>,
}

/// What became of one command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fate {
    /// Done, with so many events.
    Accepted(u32),
    /// Known already.
    Duplicate,
    /// Refused: the rule's code and words.
    Rejected {
        /// Such as `PT-1004`.
        code: String,
        /// For people.
        text: String,
    },
    /// No reply.
    Unanswered,
}

impl Fate {
    /// What a reply says.
    pub fn of(reply: CommandReply) -> Self {
        match reply.outcome {
            Outcome::Accepted(accepted) if accepted.events == 0 => Self::Duplicate,
            Outcome::Accepted(accepted) => Self::Accepted(accepted.events.unsigned_abs()),
            Outcome::Rejected(rejected) => Self::Rejected { code: rejected.code, text: rejected.text },
        }
    }
}

impl Tally {
    /// Counts one.
    pub fn count(&mut self, fate: &Fate) {
        match fate {
            Fate::Accepted(_) => self.accepted += 1,
            Fate::Duplicate => self.duplicate += 1,
            Fate::Rejected { code, .. } => {
                self.rejected += 1;
                *self.rejections.entry(code.clone()).or_default() += 1;
            }
            Fate::Unanswered => self.unanswered += 1,
        }
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.accepted + self.duplicate + self.rejected + self.unanswered
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} accepted, {} known already", self.accepted, self.duplicate)?;
        if self.rejected > 0 {
            let codes: Vec<_> = self.rejections.iter().map(|(code, n)| format!("{code}: {n}")).collect();
            write!(f, ", {} rejected ({})", self.rejected, codes.join(", "))?;
        }
        if self.unanswered > 0 {
            write!(f, ", {} without an answer", self.unanswered)?;
        }
        Ok(())
    }
}
