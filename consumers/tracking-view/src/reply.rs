use std::time::Duration;

use shipment_events::{CommandReply, Outcome, Timestamp};

/// How long an outcome can be asked for.
pub const OUTCOME_LIFE: Duration = Duration::from_hours(7 * 24);

/// A command's outcome, to be written under the command's id.
#[derive(Clone, PartialEq, Debug)]
pub struct OutcomeWrite {
    /// The outcome. It is one cell, so that of two answers one wins as a whole.
    pub reply: CommandReply,
    /// The write timestamp: the time of the decision in microseconds. A command posted twice is answered twice, and
    /// the later answer counts, whatever order they are projected in; but no refusal counts against an acceptance, see
    /// [`project_reply`].
    pub timestamp: i64,
    /// When it is forgotten.
    pub expires_at: Timestamp,
}

impl OutcomeWrite {
    /// The one cell it is kept in.
    pub fn cell(&self) -> String {
        // A plain struct: the ways for serde_json to fail don't arise.
        serde_json::to_string(&self.reply).unwrap_or_default()
    }

    /// Reads that cell; `None` when it holds something else.
    pub fn read_cell(cell: &str) -> Option<CommandReply> {
        serde_json::from_str(cell).ok()
    }
}

/// What to write for an answer. A refusal is stamped as if it were older by the life of an outcome, so that it never hides an
/// acceptance that is still remembered: what was done stays done, even if another command came under the same id later, or
/// the same one so late that a rule refused it.
pub fn project_reply(reply: &CommandReply) -> OutcomeWrite {
    let decided = reply.decided_at.as_millis();
    let life = OUTCOME_LIFE.as_millis() as i64;
    let stamped = match reply.outcome {
        Outcome::Accepted(_) => decided,
        Outcome::Rejected(_) => decided.saturating_sub(life),
    };
    OutcomeWrite {
        reply: reply.clone(),
        timestamp: stamped.saturating_mul(1000),
        expires_at: Timestamp::from_millis(decided.saturating_add(life)),
    }
}
