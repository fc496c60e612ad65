//! Where a partition's state stands, and whether it can be continued from there.

use std::ops::RangeInclusive;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Grows by one whenever what lies in the store is laid out differently.
const FORMAT: u32 = 1;

/// The topic that a store was read from: the same name on another cluster, or made anew, is another topic.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Origin {
    /// The Kafka cluster's id.
    pub cluster_id: String,
    /// The snapshots topic's id (KIP-516).
    pub topic_id: String,
}

/// Where a partition's state stands. It lies in the store beside the state, written in the same batch.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Standing {
    format: u32,
    /// What it was read from.
    pub origin: Origin,
    /// Every snapshot below this offset is in the store.
    pub next_offset: i64,
    /// When this was written, in milliseconds since the epoch.
    pub written_at: i64,
}

impl Standing {
    /// Says that everything of `origin` below `next_offset` is in the store.
    pub fn new(origin: Origin, next_offset: i64, written_at: i64) -> Self {
        Self { format: FORMAT, origin, next_offset, written_at }
    }

    /// Why reading can't go on from here, if it can't.
    ///
    /// `offsets` are the partition's first and its end now. The age counts because a deleted snapshot's tombstone
    /// goes away after `delete.retention.ms`: whoever stood still for longer may have missed it.
    pub fn objection(
        &self,
        origin: &Origin,
        offsets: &RangeInclusive<i64>,
        now: i64,
        tombstones_kept: Duration,
    ) -> Option<&'static str> {
        let age = now.saturating_sub(self.written_at);
        if self.format != FORMAT {
            Some("it has another format")
        } else if self.origin.cluster_id != origin.cluster_id {
            Some("it is of another cluster")
        } else if self.origin.topic_id != origin.topic_id {
            Some("the snapshots topic was made anew")
        } else if !offsets.contains(&self.next_offset) {
            Some("it stands outside the snapshots that there are")
        } else if u128::try_from(age).is_ok_and(|age| age > tombstones_kept.as_millis()) {
            Some("it is older than delete.retention.ms")
        } else {
            None
        }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("strings and numbers are always JSON")
    }

    /// `None` when another version wrote it in a form of its own.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}
