//! Records that leave as they came: to the right partition, or to the dead letters.

use event_codec::headers::PT_REROUTED;
use event_log::{Outgoing, Parked, Received};
use shipment_events::Timestamp;

use super::Circumstances;
use super::intake::Reason;

/// The same command, to the partition where its shipment is.
pub(super) fn rerouted(record: &Received, partition: i32, given: &Circumstances) -> Outgoing {
    Outgoing {
        topic: given.topics.commands.clone(),
        partition,
        key: record.key.clone(),
        value: record.value.clone(),
        headers: record.headers.clone().with(PT_REROUTED, record.partition.to_string()),
        timestamp: None,
    }
}

/// The record with why it is of no use, for people to look at.
pub(super) fn parked(record: &Received, reason: &Reason, given: &Circumstances, now: Timestamp) -> Outgoing {
    let text = reason.to_string();
    let parked = Parked { by: "command-handler", code: reason.code(), text: &text, at: now };
    parked.letter(&given.topics.dead_letters, record)
}
