use std::collections::BTreeSet;

use shipment_events::{ShipmentEvent, ShipmentId, Status, Timestamp};
use tracking_view::{
    Bucket, CellWrite, Change, Column, List, ListEntry, ModelStore, PhoneKey, Projection, RowKey, Stamp,
    Value, merge, parked, unparked,
};
use uuid::Uuid;

use crate::histories::{Step, erased, history};

const REGISTER: Step = Step::Register { phone: Some(1), number: Some(1), reference: false };

fn id() -> ShipmentId {
    ShipmentId::new(Uuid::from_u128(1))
}

fn scan(status: Status) -> Step {
    Step::Scan { status, hours: 0 }
}

fn store<'a>(events: impl IntoIterator<Item = &'a ShipmentEvent>) -> ModelStore {
    let mut store = ModelStore::default();
    for event in events {
        for write in Projection::new(PhoneKey::new(b"k")).project(event, b"payload") {
            store.apply(&write);
        }
    }
    store
}

fn statuses(store: &ModelStore) -> BTreeSet<Status> {
    let buckets = store.entries().into_iter().map(|entry| entry.bucket);
    buckets
        .filter_map(|bucket| if let Bucket::Status(status, ..) = bucket { Some(status) } else { None })
        .collect()
}

#[test]
fn a_status_may_come_back() {
    let steps = [REGISTER, scan(Status::InTransit), scan(Status::OnHold), scan(Status::InTransit)];
    let events = history(id(), &steps);
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [3, 0, 2, 1], [1, 3, 0, 2]] {
        let store = store(order.map(|n| &events[n]));
        assert_eq!(statuses(&store), BTreeSet::from([Status::InTransit]), "{order:?}");
    }
}

#[test]
fn an_insertion_that_comes_late_stays_deleted() {
    let events = history(id(), &[REGISTER, scan(Status::Delivered)]);
    let store = store([&events[1], &events[0]]);
    assert_eq!(statuses(&store), BTreeSet::from([Status::Delivered]));
}

#[test]
fn scans_before_the_registration_are_listed_by_it() {
    let events = history(id(), &[scan(Status::InTransit), REGISTER]);
    let before = store(&events[..1]);
    assert!(before.entries().is_empty());
    assert_eq!(before.shipment(id()).unwrap().unwrap().registered_at, None);
    let after = store(&events);
    assert_eq!(statuses(&after), BTreeSet::from([Status::InTransit]));
    let lists: BTreeSet<List> = after.entries().iter().map(|entry| entry.bucket.list()).collect();
    assert_eq!(lists.len(), 5, "all but the archive: {lists:?}");
}

#[test]
fn buckets_go_by_the_day_of_registration_whatever_happens_later() {
    let steps = [vec![REGISTER], vec![scan(Status::InTransit); 30], vec![scan(Status::Delivered)]].concat();
    let events = history(id(), &steps);
    let day = events[0].recorded_at.date();
    assert_ne!(events.last().unwrap().recorded_at.date(), day);
    for entry in store(&events).entries() {
        if let Bucket::Status(_, of, _) | Bucket::Day(of, _) = entry.bucket {
            assert_eq!(of, day);
        }
    }
}

#[test]
fn a_ghost_is_dropped() {
    let events = history(id(), &[REGISTER, scan(Status::Delivered)]);
    // The first event alone is listed, the second only reached the row: as between the parts of a write.
    let mut store = store(&events[..1]);
    for merged in merge(Projection::new(PhoneKey::new(b"k")).project(&events[1], b"payload")) {
        for statement in merged.first.iter().chain(&merged.row) {
            store.apply(statement);
        }
    }
    assert_eq!(statuses(&store), BTreeSet::from([Status::Registered, Status::Delivered]));
    let seen = store.visible_entries().unwrap();
    assert!(!seen.iter().any(|e| matches!(e.bucket, Bucket::Status(Status::Registered, ..))));
    assert!(seen.iter().any(|e| matches!(e.bucket, Bucket::Status(Status::Delivered, ..))));
}

#[test]
fn what_an_amendment_sets_stands_though_it_set_it_before() {
    let steps = [REGISTER, Step::AmendRecipient { phone: Some(1) }, Step::AmendNumber(1)];
    let events = history(id(), &steps);
    // The registration is rewritten without the telephone, and its first revision was compacted away.
    let store = store([&erased(&events[0]), &events[1], &events[2]]);
    let row = store.shipment(id()).unwrap().unwrap();
    assert!(row.recipient_phone_hash.is_some());
    let seen = store.visible_entries().unwrap();
    for list in [List::Phone, List::TrackingNumber] {
        assert_eq!(seen.iter().filter(|entry| entry.bucket.list() == list).count(), 1, "{list:?}");
    }
}

#[test]
fn a_merge_breaks_ties_as_the_database_does() {
    let stamp = Stamp::from_raw(10);
    let entry = RowKey::Entry(ListEntry {
        bucket: Bucket::Day(Timestamp::from_millis(0).date(), 0),
        at: Timestamp::from_millis(0),
        shipment_id: id(),
    });
    let cells = |value: Option<i64>| Change::Cells(vec![(Column::Version, value.map(Value::BigInt))]);
    for (row, changes, winner) in [
        (entry, [Change::Insert, Change::Delete], Change::Delete),
        (RowKey::Shipment(id()), [cells(Some(1)), cells(None)], cells(None)),
        (RowKey::Shipment(id()), [cells(Some(1)), cells(Some(2))], cells(Some(2))),
    ] {
        let [first, second] = changes.map(|change| CellWrite { row: row.clone(), stamp, change });
        for order in [[first.clone(), second.clone()], [second, first]] {
            let merged = merge(order).remove(0);
            let left = [merged.first, merged.row, merged.last].concat();
            assert_eq!(left, [CellWrite { row: row.clone(), stamp, change: winner.clone() }]);
        }
    }
}

#[test]
fn a_parked_event_marks_the_row_until_it_is_mended() {
    let events = history(id(), &[REGISTER, scan(Status::InTransit), scan(Status::Delivered)]);
    let at = Timestamp::from_millis(1000);
    let mut store = store([&events[0], &events[2]]);
    store.apply(&parked(id(), events[1].sequence, at));
    assert_eq!(store.shipment(id()).unwrap().unwrap().parked_since(), Some(at));
    store.apply(&unparked(id(), events[1].sequence));
    assert_eq!(store.shipment(id()).unwrap().unwrap().parked_since(), None);
    // Delivered once more, the parked record doesn't bring the mark back.
    store.apply(&parked(id(), events[1].sequence, at));
    assert_eq!(store.shipment(id()).unwrap().unwrap().parked_since(), None);
}

#[test]
fn a_shipment_of_which_only_a_parked_event_is_known_has_a_row_that_is_not_shown() {
    let mut store = ModelStore::default();
    store.apply(&parked(id(), shipment_events::Sequence::new(1), Timestamp::from_millis(5)));
    let row = store.shipment(id()).unwrap().unwrap();
    assert_eq!((row.registered_at, row.version.get()), (None, 0));
}
