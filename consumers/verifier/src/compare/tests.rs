//! Tables of what may be wrong, and what is said then.

mod of_log;
mod of_rows;
mod of_snapshots;

use bytes::Bytes;
use proptest::prelude::*;
use shipment_events::{
    AcceptedCommand, EventBody, Sequence, ShipmentEvent, ShipmentId, ShipmentSnapshot, Status, fold,
};
use tracking_view::{EventRow, ModelStore, PhoneKey, Projection, ShipmentRow, entries_of};
use uuid::Uuid;

use super::row::Projected;
use super::{EventRecord, History, entries, event_rows, log, row, snapshot};
use histories::{Step, history, steps};

#[path = "../../../tracking-view/tests/it/histories.rs"]
#[allow(dead_code, reason = "shared with the tests of tracking-view, which use all of it")]
mod histories;

fn id() -> ShipmentId {
    ShipmentId::new(Uuid::from_u128(7))
}

fn phones() -> PhoneKey {
    PhoneKey::new(b"a key")
}

/// Six events of one shipment.
fn journey() -> Vec<ShipmentEvent> {
    let scan = |status| Step::Scan { status, hours: 0 };
    let register = Step::Register { phone: Some(1), number: Some(1), reference: true };
    let steps = [
        register,
        scan(Status::PickedUp),
        Step::AmendWeight(7),
        scan(Status::InTransit),
        scan(Status::OnHold),
        scan(Status::Delivered),
    ];
    history(id(), &steps)
}

fn value(event: &ShipmentEvent) -> Bytes {
    format!("{} {}", event.key(), event.revision.get()).into()
}

/// As they lie in a topic, from offset 100 on.
fn records(events: &[ShipmentEvent]) -> Vec<EventRecord> {
    let record = |(n, event): (usize, &ShipmentEvent)| EventRecord {
        offset: 100 + n as i64,
        sequence: event.sequence,
        value: value(event),
        event: Ok(event.clone()),
    };
    events.iter().enumerate().map(record).collect()
}

/// The tables after these events.
fn tables(events: &[ShipmentEvent]) -> (Option<ShipmentRow>, Vec<EventRow>) {
    let (mut model, projection) = (ModelStore::default(), Projection::new(phones()));
    for event in events {
        projection.project(event, &value(event)).iter().for_each(|write| model.apply(write));
    }
    (model.shipment(id()).unwrap(), model.history(id()).unwrap())
}

fn snapshot_of(events: &[ShipmentEvent]) -> ShipmentSnapshot {
    let requests = events.iter().filter(|event| !matches!(event.body, EventBody::ScanRecorded(_)));
    let accepted: Vec<_> = requests
        .map(|e| AcceptedCommand { command_id: e.command_id, fingerprint: 1, version: e.sequence })
        .collect();
    let forgotten = accepted.len().saturating_sub(ShipmentSnapshot::REMEMBERED);
    ShipmentSnapshot {
        shipment_id: id(),
        state: fold(events),
        accepted: accepted[forgotten..].to_vec(),
        command_topic_id: String::new(),
        command_offset: 0,
    }
}

fn all() -> Projected {
    Projected { offset: i64::MAX }
}

proptest! {
    /// Whatever happened, and however far the projector and the handler have come with it: nothing is amiss, and the
    /// entries that must be there are those that the row is listed under.
    #[test]
    fn a_right_system_is_right_at_every_version(steps in steps(), cut in 0_usize..14) {
        let events = history(id(), &steps);
        let (records, cut) = (records(&events), cut.min(events.len()));
        let history = History::of(id(), &records);
        prop_assert_eq!(log::compare(id(), 0, &records), vec![]);
        let (row, rows) = tables(&events[..cut]);
        let projected = Projected { offset: 100 + cut as i64 };
        prop_assert_eq!(row::compare(&history, row.as_ref(), projected, &phones()), None);
        prop_assert_eq!(event_rows::compare(&history, &rows, row.as_ref(), projected), vec![]);
        let listed = row.as_ref().map(entries_of).unwrap_or_default();
        let version = row.map_or(Sequence::NONE, |row| row.version);
        prop_assert_eq!(entries::expected(&history, version, &phones()), listed);
        if cut > 0 {
            let snapshot = Ok(snapshot_of(&events[..cut]));
            prop_assert_eq!(snapshot::compare(&history, Some(&snapshot), version), None);
        }
    }
}
