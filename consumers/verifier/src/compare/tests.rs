//! Tables of what may be wrong, and what is said then.

use bytes::Bytes;
use proptest::prelude::*;
use shipment_events::{
    AcceptedCommand, CommandId, EventBody, EventId, Place, Revision, Sequence, ShipmentEvent, ShipmentId,
    ShipmentSnapshot, Status, Timestamp, fold,
};
use tracking_view::{EventRow, ModelStore, PhoneKey, Projection, ShipmentRow, entries_of};
use uuid::Uuid;

use super::row::Projected;
use super::{EventRecord, History, Unreadable, entries, event_rows, log, row, snapshot};
use crate::finding::Kind;
use histories::{Step, erased, history, steps};

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

#[test]
fn a_log_is_right_or_it_is_said_why_not() {
    type Change = fn(&mut Vec<EventRecord>);
    fn event(records: &mut [EventRecord], n: usize) -> &mut ShipmentEvent {
        records[n].event.as_mut().unwrap()
    }
    let table: &[(&str, Change, &[(Kind, Option<i64>)])] = &[
        ("as it must be", |_| (), &[]),
        ("the first is missing", |r| drop(r.remove(0)), &[(Kind::Gap, None)]),
        ("one in the middle is missing", |r| drop(r.remove(3)), &[(Kind::Gap, None)]),
        ("the last is missing: nobody can tell by the log", |r| drop(r.pop()), &[]),
        (
            "one can't be read, and is there",
            |r| r[2].event = Err(Unreadable { code: "undecodable" }),
            &[(Kind::Undecodable, Some(3))],
        ),
        ("no value", |r| r[2].event = Err(Unreadable { code: "no-value" }), &[(Kind::NoValue, Some(3))]),
        ("another key", |r| r[2].event = Err(Unreadable { code: "wrong-key" }), &[(Kind::WrongKey, Some(3))]),
        (
            "an impossible sequence",
            |r| r[2].event = Err(Unreadable { code: "bad-sequence" }),
            &[(Kind::BadSequence, Some(3))],
        ),
        ("the last one again", |r| r.push(r[5].clone()), &[(Kind::Repeat, Some(6))]),
        (
            "an earlier one again",
            |r| r.push(r[2].clone()),
            &[(Kind::Repeat, Some(3)), (Kind::OutOfOrder, Some(3))],
        ),
        (
            "the last one again, otherwise",
            |r| {
                r.push(r[5].clone());
                event(r, 6).actor = None;
            },
            &[(Kind::Repeat, Some(6))],
        ),
        (
            "a rewrite",
            |r| {
                r.push(r[2].clone());
                event(r, 6).revision = Revision::new(1);
            },
            &[],
        ),
        (
            "the same rewrite twice",
            |r| {
                for n in [6, 7] {
                    r.push(r[2].clone());
                    event(r, n).revision = Revision::new(1);
                }
            },
            &[(Kind::Repeat, Some(3))],
        ),
        ("two change places", |r| r.swap(2, 3), &[(Kind::OutOfOrder, Some(3))]),
        (
            "a command of two events",
            |r| {
                let command = event(r, 2).command_id;
                event(r, 3).command_id = command;
                event(r, 3).event_id = EventId::of_command(command, 1);
            },
            &[],
        ),
        (
            "a command decided twice, one after the other",
            |r| {
                let (command, id) = (event(r, 2).command_id, event(r, 2).event_id);
                (event(r, 3).command_id, event(r, 3).event_id) = (command, id);
            },
            &[(Kind::CommandTwice, Some(3))],
        ),
        (
            "a command decided twice, with others between",
            |r| {
                let command = event(r, 2).command_id;
                event(r, 5).command_id = command;
            },
            &[(Kind::CommandTwice, Some(3))],
        ),
        (
            "one id for the events of two commands",
            |r| event(r, 4).event_id = event(r, 0).event_id,
            &[(Kind::EventIdTwice, Some(5))],
        ),
        (
            "a scan twice",
            |r| {
                let EventBody::ScanRecorded(first) = event(r, 1).body.clone() else { unreachable!() };
                let EventBody::ScanRecorded(second) = &mut event(r, 3).body else { unreachable!() };
                second.natural_id = first.natural_id;
            },
            &[(Kind::ScanTwice, Some(4))],
        ),
        (
            "a clock that ran back",
            |r| event(r, 3).recorded_at = Timestamp::from_millis(0),
            &[(Kind::TimeBackwards, Some(4))],
        ),
        ("the same moment", |r| event(r, 3).recorded_at = event(r, 2).recorded_at, &[]),
    ];
    for (what, change, expected) in table {
        let mut records = records(&journey());
        change(&mut records);
        let found: Vec<_> = log::compare(id(), 4, &records).iter().map(|f| (f.kind, f.sequence)).collect();
        assert_eq!(found, *expected, "{what}");
    }
}

#[test]
fn gaps_are_named() {
    let mut records = records(&journey());
    records.retain(|record| [2, 6].contains(&record.sequence.get()));
    let found = log::compare(id(), 4, &records);
    assert_eq!(found[0].detail, "lacks 1, 3 to 5 of the sequences up to 6");
    assert_eq!((found[0].shipment_id, found[0].partition), (Some(id()), Some(4)));
}

#[test]
fn a_snapshot_is_the_fold_at_its_version_or_it_is_said_why_not() {
    let (events, none) = (journey(), Sequence::NONE);
    let records = records(&events);
    let history = History::of(id(), &records);
    let (last, of) = (history.version(), |n: usize| snapshot_of(&events[..n]));
    let kind = |snapshot: Option<ShipmentSnapshot>, due: Sequence| {
        snapshot::compare(&history, snapshot.map(Ok).as_ref(), due).map(|finding| finding.kind)
    };
    assert_eq!(kind(Some(of(6)), last), None);
    assert_eq!(kind(Some(of(6)), none), None);
    assert_eq!(kind(Some(of(4)), Sequence::new(4)), None, "written since");
    assert_eq!(kind(Some(of(4)), Sequence::new(5)), Some(Kind::SnapshotBehind));
    assert_eq!(kind(None, none), None);
    assert_eq!(kind(None, last), Some(Kind::SnapshotMissing));
    let mut ahead = of(6);
    ahead.state.version = last.next();
    assert_eq!(kind(Some(ahead), last), Some(Kind::SnapshotAhead));
    let unreadable = snapshot::compare(&history, Some(&Err(Unreadable { code: "undecodable" })), last);
    assert_eq!(unreadable.map(|f| f.kind), Some(Kind::SnapshotUnreadable));
    let nothing = History::of(id(), &[]);
    let extra = snapshot::compare(&nothing, Some(&Ok(of(6))), none);
    assert_eq!(extra.map(|f| f.kind), Some(Kind::SnapshotExtra));

    type Change = fn(&mut ShipmentSnapshot);
    let parts: &[(&str, Change)] = &[
        ("shipment_id", |s| s.shipment_id = ShipmentId::new(Uuid::nil())),
        ("recorded_at", |s| s.state.recorded_at = Timestamp::from_millis(0)),
        ("registration", |s| s.state.registration.as_mut().unwrap().carrier = None),
        ("registered", |s| s.state.registered = None),
        ("cancelled", |s| s.state.cancelled = s.state.registered),
        ("archived", |s| s.state.archived = s.state.registered),
        ("scans", |s| s.state.scans[1].retracted = true),
        ("scans", |s| _ = s.state.scans.pop()),
        ("accepted", |s| _ = s.accepted.remove(0)),
        ("accepted", |s| s.accepted[1].version = Sequence::new(5)),
        ("accepted", |s| s.accepted[1].command_id = CommandId::new(Uuid::nil())),
    ];
    for (part, change) in parts {
        let mut snapshot = of(6);
        change(&mut snapshot);
        let finding = snapshot::compare(&history, Some(&Ok(snapshot)), last).unwrap();
        assert_eq!(finding.kind, Kind::SnapshotDiffers);
        assert!(finding.detail.ends_with(&format!(" differs in {part}")), "{part}: {}", finding.detail);
    }
    // What lacks an event can't be folded; that it lacks one is said of the log.
    let torn = [&records[..2], &records[3..]].concat();
    let torn = History::of(id(), &torn);
    assert_eq!(snapshot::compare(&torn, Some(&Ok(of(6))), last), None);
}

#[test]
fn of_many_commands_the_last_are_remembered() {
    let mut steps = vec![Step::Register { phone: None, number: None, reference: false }];
    steps.extend((1..100).map(Step::AmendWeight));
    let events = history(id(), &steps);
    let records = records(&events);
    let history = History::of(id(), &records);
    let mut snapshot = snapshot_of(&events);
    assert_eq!(snapshot.accepted.len(), ShipmentSnapshot::REMEMBERED);
    assert_eq!(snapshot::compare(&history, Some(&Ok(snapshot.clone())), history.version()), None);
    snapshot.accepted.remove(0);
    assert!(snapshot::compare(&history, Some(&Ok(snapshot)), history.version()).is_some());
}

#[test]
fn a_row_is_the_fold_at_its_version_or_it_is_said_why_not() {
    let events = journey();
    let records = records(&events);
    let history = History::of(id(), &records);
    let kind = |row: Option<&ShipmentRow>, offset: i64| {
        row::compare(&history, row, Projected { offset }, &phones()).map(|finding| finding.kind)
    };
    for n in 1..=6 {
        let at_version = tables(&events[..n]).0;
        // The projector has committed behind event n, or before it, or nothing at all.
        for offset in [100 + n as i64, 99 + n as i64, 0] {
            assert_eq!(kind(at_version.as_ref(), offset), None, "{n} events, committed {offset}");
        }
        let committed_further = kind(at_version.as_ref(), 101 + n as i64);
        assert_eq!(committed_further, (n < 6).then_some(Kind::RowBehind));
        assert_eq!(row::lag(&history, at_version.as_ref()), 6 - n as u64);
    }
    assert_eq!(kind(None, 100), None, "not there yet");
    assert_eq!(kind(None, 101), Some(Kind::RowMissing));
    let right = tables(&events).0.unwrap();
    let changed = |change: fn(&mut ShipmentRow)| {
        let mut row = right.clone();
        change(&mut row);
        row
    };
    let ahead = changed(|row| row.version = Sequence::new(7));
    assert_eq!(kind(Some(&ahead), 0), Some(Kind::RowAhead));
    let incomplete = changed(|row| _ = row.parked.insert(Sequence::new(3), Timestamp::from_millis(0)));
    assert_eq!(kind(Some(&incomplete), i64::MAX), Some(Kind::RowIncomplete));
    let nobodys = row::compare(&History::of(id(), &[]), Some(&right), all(), &phones());
    assert_eq!(nobodys.map(|f| f.kind), Some(Kind::RowWithoutEvents));
}

#[test]
fn every_column_of_a_row_is_compared() {
    let events = journey();
    let records = records(&events);
    let history = History::of(id(), &records);
    let right = tables(&events).0.unwrap();
    type Change = fn(&mut ShipmentRow);
    let columns: &[(&str, Change)] = &[
        ("status", |row| row.status = Some(Status::Lost)),
        ("status_since", |row| row.status_since = None),
        ("deciding_scan", |row| row.deciding_scan = None),
        ("last_event_id", |row| row.last_event.as_mut().unwrap().event_id = EventId::new(Uuid::nil())),
        ("last_event_type", |row| row.last_event.as_mut().unwrap().event_type.clear()),
        ("last_occurred_at", |row| {
            row.last_event.as_mut().unwrap().occurred_at = Timestamp::from_millis(0);
        }),
        ("last_recorded_at", |row| {
            row.last_event.as_mut().unwrap().recorded_at = Timestamp::from_millis(0);
        }),
        ("registered_at", |row| row.registered_at = None),
        ("cancelled_at", |row| row.cancelled_at = row.registered_at),
        ("cancel_reason", |row| row.cancel_reason = Some(String::new())),
        ("archived_at", |row| row.archived_at = row.registered_at),
        ("archive_reason", |row| row.archive_reason = Some(String::new())),
        ("customer_id", |row| row.customer_id = None),
        ("carrier", |row| row.carrier = None),
        ("tracking_number", |row| row.tracking_number = None),
        ("customer_reference", |row| row.customer_reference = None),
        ("weight_grams", |row| row.weight_grams = None),
        ("promised_delivery", |row| row.promised_delivery = row.registered_at.map(Timestamp::date)),
        ("origin", |row| row.origin = None),
        ("destination", |row| row.destination = None),
        ("recipient_phone_hash", |row| row.recipient_phone_hash = None),
        ("sender", |row| row.sender = None),
        ("recipient", |row| row.recipient = None),
    ];
    for (column, change) in columns {
        let mut row = right.clone();
        change(&mut row);
        assert_ne!(row, right, "{column}");
        let finding = row::compare(&history, Some(&row), all(), &phones()).unwrap();
        assert_eq!(finding.kind, Kind::RowDiffers, "{column}");
        assert!(finding.detail.ends_with(&format!(" differs in {column}")), "{}", finding.detail);
    }
    // All but the version, which says of which events it is.
    assert_eq!(columns.len() + 1, tracking_view::Column::SHIPMENT.len());
}

#[test]
fn a_rewrite_that_the_projector_has_not_come_to_is_no_drift() {
    let mut events = journey();
    let before = tables(&events);
    events.push(erased(&events[0]));
    let (records, after) = (records(&events), tables(&events));
    let history = History::of(id(), &records);
    let found = |(row, rows): &(Option<ShipmentRow>, Vec<EventRow>), offset| {
        let projected = Projected { offset };
        let mut kinds: Vec<_> =
            row::compare(&history, row.as_ref(), projected, &phones()).into_iter().collect();
        kinds.extend(event_rows::compare(&history, rows, row.as_ref(), projected));
        kinds.into_iter().map(|finding| finding.kind).collect::<Vec<_>>()
    };
    assert_eq!(found(&before, 106), []);
    assert_eq!(found(&after, 106), []);
    assert_eq!(found(&after, 107), []);
    assert_eq!(found(&before, 107), [Kind::RowDiffers, Kind::EventRowDiffers]);
}

#[test]
fn a_history_has_each_event_as_it_lies_in_the_topic() {
    let events = journey();
    let records = records(&events);
    let history = History::of(id(), &records);
    let (row, rows) = tables(&events);
    let kinds = |rows: &[EventRow], row: Option<&ShipmentRow>, offset| {
        let found = event_rows::compare(&history, rows, row, Projected { offset });
        found.iter().map(|f| (f.kind, f.sequence)).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&rows, row.as_ref(), i64::MAX), []);
    assert_eq!(kinds(&rows[..4], tables(&events[..4]).0.as_ref(), 104), []);
    // Written before the row, so that there may be more of it than the row tells.
    assert_eq!(kinds(&rows, tables(&events[..2]).0.as_ref(), 0), []);
    assert_eq!(kinds(&rows[..5], row.as_ref(), 0), [(Kind::EventRowMissing, Some(6))]);
    assert_eq!(kinds(&[], None, 102), [(Kind::EventRowMissing, Some(1))]);
    assert_eq!(kinds(&[], None, 100), []);
    let mut parked = row.clone().unwrap();
    parked.parked.insert(Sequence::new(6), Timestamp::from_millis(0));
    assert_eq!(kinds(&rows[..5], Some(&parked), i64::MAX), []);
    let mut extra = rows.clone();
    extra.push(EventRow { sequence: Sequence::new(9), ..rows[0].clone() });
    assert_eq!(kinds(&extra, row.as_ref(), i64::MAX), [(Kind::EventRowExtra, Some(9))]);

    type Change = fn(&mut EventRow);
    let columns: &[(&str, Change)] = &[
        ("event_id", |row| row.event_id = EventId::new(Uuid::nil())),
        ("revision", |row| row.revision = Revision::new(1)),
        ("event_type", |row| row.event_type.clear()),
        ("occurred_at", |row| row.occurred_at = Timestamp::from_millis(0)),
        ("recorded_at", |row| row.recorded_at = Timestamp::from_millis(0)),
        ("command_id", |row| row.command_id = CommandId::new(Uuid::nil())),
        ("actor", |row| row.actor = None),
        ("status_after", |row| row.status_after = Status::Lost),
        ("payload", |row| row.payload.push(0)),
    ];
    for (column, change) in columns {
        let mut rows = rows.clone();
        change(&mut rows[3]);
        let found = event_rows::compare(&history, &rows, row.as_ref(), all());
        assert_eq!(found.len(), 1, "{column}");
        assert_eq!(found[0].detail, format!("its history's row 4 differs in {column}"));
    }
    assert_eq!(columns.len(), tracking_view::Column::EVENT.len());
}

#[test]
fn coordinates_come_back_from_json_as_they_are_held_to() {
    let mut events = journey();
    for n in 0..2_000_u32 {
        let EventBody::ScanRecorded(scan) = &mut events[5].body else { unreachable!() };
        let (latitude, longitude) = (f64::from(n) * 0.044_987_1 - 89.9, f64::from(n) / 7.0 - 143.1);
        scan.scan.place =
            Some(Place { latitude: Some(latitude), longitude: Some(longitude), ..Place::default() });
        let records = records(&events);
        let row = tables(&events).0;
        assert!(row.as_ref().unwrap().deciding_scan.is_some());
        assert_eq!(row::compare(&History::of(id(), &records), row.as_ref(), all(), &phones()), None, "{n}");
    }
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
