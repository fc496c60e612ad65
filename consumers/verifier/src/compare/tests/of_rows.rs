use shipment_events::{CommandId, EventBody, EventId, Place, Revision, Sequence, Status, Timestamp};
use tracking_view::{EventRow, ShipmentRow};
use uuid::Uuid;

use super::histories::erased;
use super::{all, id, journey, phones, records, tables};
use crate::compare::row::Projected;
use crate::compare::{History, event_rows, row};
use crate::finding::Kind;

type Change<T> = fn(&mut T);

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
    let columns: &[(&str, Change<ShipmentRow>)] = &[
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

    let columns: &[(&str, Change<EventRow>)] = &[
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
