//! What a run left behind: the ledger on one side, the log and the tables on the other.

use std::collections::BTreeMap;

use serde::Serialize;
use shipment_events::{CommandId, CommandReply, ShipmentEvent, ShipmentId, ShipmentSnapshot};
use tracking_view::{EventRow, ShipmentRow};

use crate::ledger::Op;

/// A record of a topic, decoded.
#[derive(Clone, PartialEq, Debug)]
pub struct Logged<T> {
    /// Where it lies.
    pub partition: i32,
    /// Where in that.
    pub offset: i64,
    /// What it holds.
    pub value: T,
}

/// A record of the commands topic.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Posted {
    /// Where it lies.
    pub partition: i32,
    /// Where in that.
    pub offset: i64,
    /// Who waits for its reply.
    pub reply_to: Option<String>,
    /// The command; none if it can't be read.
    pub command_id: Option<CommandId>,
    /// The poison it is, by its mark.
    pub mark: Option<String>,
    /// It lies where its shipment belongs, under the right key: it is decided here. Otherwise it is posted on or parked.
    pub at_home: bool,
}

/// A record of the replies topic.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replied {
    /// Whom it is for.
    pub reply_to: Option<String>,
    /// What it says.
    pub reply: CommandReply,
}

/// A dead letter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parked {
    /// Who parked it.
    pub by: String,
    /// Why.
    pub code: String,
    /// The poison it is, by its mark.
    pub mark: Option<String>,
    /// Where the record came from, `topic[partition]@offset`.
    pub from: String,
}

/// A record that is of no use, posted on purpose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Poison {
    /// Its mark.
    pub mark: String,
    /// Kafka said that it has it; otherwise it may or may not.
    pub acknowledged: bool,
}

/// A shipment that was read after a write.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Read {
    /// Which.
    pub shipment_id: ShipmentId,
    /// The version that was asked for: that of the write.
    pub at_least: i64,
    /// What was shown; none if nothing ever was.
    pub seen: Option<Seen>,
}

/// What a reader was shown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// The shipment.
    Shipment {
        /// At this version.
        version: i64,
        /// At this status.
        status: String,
    },
    /// What makes no sense.
    Nonsense {
        /// What it says.
        text: String,
    },
}

/// The tables.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Views {
    /// Each shipment's row.
    pub rows: BTreeMap<ShipmentId, ShipmentRow>,
    /// Each shipment's history.
    pub histories: BTreeMap<ShipmentId, Vec<EventRow>>,
    /// For each list by name, which shipments readers see in it, and how often.
    pub lists: BTreeMap<String, BTreeMap<ShipmentId, usize>>,
}

/// Everything.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Observed {
    /// What was asked and answered.
    pub ops: Vec<Op>,
    /// What was read after writes.
    pub reads: Vec<Read>,
    /// The commands topic.
    pub commands: Vec<Posted>,
    /// The events topic, by partition and offset.
    pub events: Vec<Logged<ShipmentEvent>>,
    /// The values of the events' records, framing and all, by shipment and sequence.
    pub payloads: BTreeMap<(ShipmentId, i64), Vec<u8>>,
    /// The snapshots topic, by partition and offset.
    pub snapshots: Vec<Logged<ShipmentSnapshot>>,
    /// The replies topic.
    pub replies: Vec<Replied>,
    /// The dead letters.
    pub dead_letters: Vec<Parked>,
    /// The poison.
    pub poison: Vec<Poison>,
    /// The tables.
    pub views: Views,
}

impl Observed {
    /// Each shipment's events as they lie in the log.
    pub fn histories(&self) -> BTreeMap<ShipmentId, Vec<&Logged<ShipmentEvent>>> {
        let mut histories: BTreeMap<ShipmentId, Vec<_>> = BTreeMap::new();
        for event in &self.events {
            histories.entry(event.value.shipment_id).or_default().push(event);
        }
        histories
    }
}
