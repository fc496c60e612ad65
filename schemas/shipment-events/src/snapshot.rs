//! The snapshot: the state now, and what the handler must remember to never decide a command twice.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{CommandId, EventId, Sequence, Shipment, ShipmentId, Standing, Status, Timestamp};

/// The state of one shipment, as it lies in the snapshots topic under the shipment's id.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ShipmentSnapshot {
    /// Whose state it is.
    pub shipment_id: ShipmentId,
    /// The state.
    pub state: Shipment,
    /// The last accepted commands that aren't scans, oldest first, at most [`ShipmentSnapshot::REMEMBERED`].
    pub accepted: Vec<AcceptedCommand>,
    /// The incarnation of the commands topic that `command_offset` counts in (Kafka's topic id, KIP-516).
    pub command_topic_id: String,
    /// The offset of the last command decided into this state: at or below it nothing is decided again.
    pub command_offset: i64,
}

impl ShipmentSnapshot {
    /// How many accepted commands of a shipment are remembered.
    pub const REMEMBERED: usize = 64;
}

/// A command that was accepted, and how to tell it from another under the same id.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AcceptedCommand {
    /// The command.
    #[serde(with = "crate::uuid_bytes")]
    pub command_id: CommandId,
    /// A hash of its payload: the same id with another payload is refused.
    pub fingerprint: i64,
    /// The version that it answered.
    pub version: Sequence,
}

/// What the status function and the deduplication need to know of a scan.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ScanMark {
    /// The `ScanRecorded` event.
    #[serde(with = "crate::uuid_bytes")]
    pub event_id: EventId,
    /// What makes it this scan and no other.
    #[serde(with = "crate::uuid_bytes")]
    pub natural_id: Uuid,
    /// The position of that event.
    pub sequence: Sequence,
    /// What it means.
    pub status: Status,
    /// The time that orders it.
    pub at: Timestamp,
    /// It was taken back: it no longer counts, and still isn't recorded again.
    pub retracted: bool,
}

impl ScanMark {
    /// What this scan says about the shipment.
    pub const fn standing(&self) -> Standing {
        Standing::new(self.status, self.at, self.event_id)
    }
}
