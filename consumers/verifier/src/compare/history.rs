//! The events of one shipment, as they were read.

use std::collections::BTreeMap;

use bytes::Bytes;
use shipment_events::{Revision, Sequence, Shipment, ShipmentEvent, ShipmentId, fold};

/// A record under a shipment's key.
#[derive(Clone, Debug)]
pub(crate) struct EventRecord {
    /// Where it lies in the shipment's partition.
    pub(crate) offset: i64,
    /// The sequence that its key tells.
    pub(crate) sequence: Sequence,
    /// Its value as it lies there.
    pub(crate) value: Bytes,
    /// What the value says.
    pub(crate) event: Result<ShipmentEvent, Unreadable>,
}

/// Why a record isn't an event that can be projected: the same words as in dead letters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Unreadable {
    pub(crate) code: &'static str,
}

impl EventRecord {
    pub(crate) fn readable(&self) -> Option<&ShipmentEvent> {
        self.event.as_ref().ok()
    }
}

/// The history that a shipment's records make: of each sequence the highest revision.
#[derive(Clone, Debug)]
pub(crate) struct History<'a> {
    pub(crate) shipment_id: ShipmentId,
    events: BTreeMap<Sequence, (&'a ShipmentEvent, &'a EventRecord)>,
    /// Of the last record that rewrites an event, the offset.
    last_rewrite: Option<i64>,
}

impl<'a> History<'a> {
    pub(crate) fn of(shipment_id: ShipmentId, records: &'a [EventRecord]) -> Self {
        let mut events: BTreeMap<Sequence, (&ShipmentEvent, &EventRecord)> = BTreeMap::new();
        let mut last_rewrite = None;
        for record in records {
            let Some(event) = record.readable() else { continue };
            let known = events.entry(event.sequence).or_insert((event, record));
            if event.revision > known.0.revision {
                *known = (event, record);
            }
            if event.revision > Revision::FIRST {
                last_rewrite = last_rewrite.max(Some(record.offset));
            }
        }
        Self { shipment_id, events, last_rewrite }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The sequence of the last event.
    pub(crate) fn version(&self) -> Sequence {
        self.events.last_key_value().map_or(Sequence::NONE, |(sequence, _)| *sequence)
    }

    /// The version that whoever has dealt with everything before this offset must have.
    pub(crate) fn due(&self, offset: i64) -> Sequence {
        let due = self.events.iter().rev().find(|(_, (_, record))| record.offset < offset);
        due.map_or(Sequence::NONE, |(sequence, _)| *sequence)
    }

    /// Whether events were rewritten at or after this offset: whoever stands there may have either form of them.
    pub(crate) fn is_rewritten_from(&self, offset: i64) -> bool {
        self.last_rewrite.is_some_and(|last| last >= offset)
    }

    /// Whether all events up to a version are there. What they fold to can't be told otherwise.
    pub(crate) fn is_whole_to(&self, version: Sequence) -> bool {
        self.events.range(..=version).zip(1..).all(|((sequence, _), n)| sequence.get() == n)
            && self.events.range(..=version).count() as i64 == version.get()
    }

    /// The events up to a version, in order.
    pub(crate) fn to(&self, version: Sequence) -> impl Iterator<Item = &'a ShipmentEvent> {
        self.events.range(..=version).map(|(_, (event, _))| *event)
    }

    /// The state after the events up to a version.
    pub(crate) fn fold_to(&self, version: Sequence) -> Shipment {
        fold(self.to(version))
    }

    /// All events, in order.
    pub(crate) fn events(&self) -> impl Iterator<Item = &'a ShipmentEvent> {
        self.events.values().map(|(event, _)| *event)
    }

    /// An event and the value of its record.
    pub(crate) fn event(&self, sequence: Sequence) -> Option<(&'a ShipmentEvent, &'a Bytes)> {
        self.events.get(&sequence).map(|(event, record)| (*event, &record.value))
    }

    /// The sequences up to a version.
    pub(crate) fn sequences_to(&self, version: Sequence) -> impl Iterator<Item = Sequence> {
        self.events.range(..=version).map(|(sequence, _)| *sequence)
    }
}
