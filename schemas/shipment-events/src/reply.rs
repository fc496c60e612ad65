//! The answer to a command, as it lies in the replies topic under the command's id.

use serde::{Deserialize, Serialize};

use crate::{CommandId, Sequence, ShipmentId, Timestamp};

/// What became of a command.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CommandReply {
    /// The command answered.
    pub command_id: CommandId,
    /// The shipment it was for.
    pub shipment_id: ShipmentId,
    /// When it was decided: the append time of the command's record.
    pub decided_at: Timestamp,
    /// Accepted or rejected.
    pub outcome: Outcome,
}

/// Accepted or rejected.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Outcome {
    /// It was done.
    #[serde(alias = "parceltrack.shipment.Accepted")]
    Accepted(Accepted),
    /// A rule refused it, and nothing changed.
    #[serde(alias = "parceltrack.shipment.Rejected")]
    Rejected(Rejected),
}

/// The command was done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Accepted {
    /// The shipment's version after it.
    pub version: Sequence,
    /// The partition of the shipment's events.
    pub partition: i32,
    /// How many events this very record led to: 0 when the command, or the scan, was already known.
    pub events: i32,
}

/// A rule refused the command.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rejected {
    /// The rule's stable code, such as `PT-1004`.
    pub code: String,
    /// The rule in words, for people.
    pub text: String,
    /// The shipment's version, which the rule was held against.
    pub version: Sequence,
}
