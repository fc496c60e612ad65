use std::collections::BTreeSet;

use proptest::prelude::*;
use shipment_events::{EventBody, ShipmentEvent, ShipmentId, Status};
use tracking_view::{
    CellWrite, Column, FORM, ListEntry, ModelStore, PhoneKey, Projection, RowKey, ShipmentRow, entries_of,
    expected_row, merge,
};
use uuid::Uuid;

use crate::histories::{Step, erased, history, rewritten_from, steps};

/// If this fails, a generation half filled by the projection of before must not be filled up by that of now: raise
/// `tracking_view::FORM`. The number beside it follows from what is written.
#[test]
fn the_projections_form_stands_for_what_it_writes() {
    let steps = [
        Step::Scan { status: Status::PickedUp, hours: 0 },
        Step::Register { phone: Some(1), number: Some(2), reference: true },
        Step::AmendRecipient { phone: Some(3) },
        Step::AmendNumber(4),
        Step::AmendWeight(5),
        Step::Scan { status: Status::Delivered, hours: 1 },
        Step::Retract(0),
        Step::Cancel { reason: true },
        Step::Archive,
    ];
    let written: Vec<_> = history(id(), &steps).iter().flat_map(writes).collect();
    let digest = Uuid::new_v5(&Uuid::nil(), format!("{written:?}").as_bytes());
    assert_eq!((FORM, digest.to_string().as_str()), (1, "2505a3b4-da9a-592d-b77f-74672f899524"));
}

fn phones() -> PhoneKey {
    PhoneKey::new(b"a key")
}

fn id() -> ShipmentId {
    ShipmentId::new(Uuid::from_u128(7))
}

fn writes(event: &ShipmentEvent) -> Vec<CellWrite> {
    let framed = format!("{} rev {}", event.key(), event.revision.get());
    Projection::new(phones()).project(event, framed.as_bytes())
}

/// What the tables hold after these events, polled `per_poll` at a time.
fn projected<'a>(events: impl IntoIterator<Item = &'a ShipmentEvent>, per_poll: usize) -> ModelStore {
    let events: Vec<_> = events.into_iter().collect();
    let mut store = ModelStore::default();
    for poll in events.chunks(per_poll) {
        for merged in merge(poll.iter().flat_map(|event| writes(event))) {
            store.apply_merged(&merged);
        }
    }
    store
}

/// A row without the scan behind its status: after a retraction, or a rewrite of scans, only history knows that.
fn plain(row: Option<ShipmentRow>) -> Option<ShipmentRow> {
    row.map(|row| ShipmentRow { deciding_scan: None, ..row })
}

fn expected_entries(row: Option<&ShipmentRow>) -> BTreeSet<ListEntry> {
    row.map(entries_of).unwrap_or_default().into_iter().collect()
}

/// An order of delivery: shuffled, some of it twice.
fn delivery(events: Vec<ShipmentEvent>) -> impl Strategy<Value = Vec<ShipmentEvent>> {
    let again = proptest::collection::vec(any::<bool>(), events.len());
    again.prop_flat_map(move |again| {
        let twice = events.iter().zip(again).filter(|(_, again)| *again).map(|(event, _)| event.clone());
        let all: Vec<_> = events.iter().cloned().chain(twice).collect();
        Just(all).prop_shuffle()
    })
}

fn delivered() -> impl Strategy<Value = (Vec<ShipmentEvent>, Vec<ShipmentEvent>)> {
    steps().prop_flat_map(|steps| {
        let events = history(id(), &steps);
        (Just(events.clone()), delivery(events))
    })
}

/// A history, the events written in place of some of it, and an order of delivery of both.
fn rewritten() -> impl Strategy<Value = (Vec<ShipmentEvent>, Vec<ShipmentEvent>, Vec<ShipmentEvent>)> {
    (steps(), proptest::collection::vec(any::<bool>(), 14), any::<bool>(), 0_usize..14).prop_flat_map(
        |(steps, which, erase, from)| {
            let events = history(id(), &steps);
            let rewrites: Vec<_> = if erase {
                events
                    .iter()
                    .zip(which)
                    .filter(|(_, rewrite)| *rewrite)
                    .map(|(event, _)| erased(event))
                    .collect()
            } else {
                rewritten_from(&events, from % events.len().max(1), |body| {
                    if let EventBody::ScanRecorded(body) = body {
                        body.scan.status = Status::OnHold;
                    }
                })
            };
            let all = events.iter().chain(&rewrites).cloned().collect();
            (Just(events), Just(rewrites), delivery(all))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_order_repeat_and_cut_gives_the_same_cells((events, delivery) in delivered(), per_poll in 1_usize..9) {
        let in_order = projected(&events, usize::MAX);
        prop_assert_eq!(&projected(&delivery, per_poll), &projected(&delivery, 1));
        prop_assert_eq!(projected(&delivery, per_poll), in_order);
    }

    #[test]
    fn rows_are_the_fold_of_the_log((events, delivery) in delivered(), per_poll in 1_usize..9) {
        let store = projected(&delivery, per_poll);
        let row = store.shipment(id()).unwrap();
        let expected = expected_row(&events, &phones());
        prop_assert_eq!(&row, &expected);
        // Without rewrites there isn't a single ghost.
        prop_assert_eq!(store.entries(), expected_entries(expected.as_ref()));
        let history: Vec<_> = store.history(id()).unwrap().iter().map(|e| e.event_id).collect();
        prop_assert_eq!(history, events.iter().map(|e| e.event_id).collect::<Vec<_>>());
    }

    #[test]
    fn rewrites_come_out_right((events, rewrites, delivery) in rewritten(), per_poll in 1_usize..9) {
        let store = projected(&delivery, per_poll);
        prop_assert_eq!(&store, &projected(&delivery, 1));
        let row = plain(store.shipment(id()).unwrap());
        let expected = plain(expected_row(events.iter().chain(&rewrites), &phones()));
        prop_assert_eq!(&row, &expected);
        prop_assert_eq!(store.visible_entries().unwrap(), expected_entries(expected.as_ref()));
    }

    #[test]
    fn a_compacted_log_reads_as_the_whole_one((events, rewrites, delivery) in rewritten()) {
        let whole = projected(&delivery, 3);
        let superseded = |event: &&ShipmentEvent| {
            rewrites.iter().any(|r| r.sequence == event.sequence && r.revision > event.revision)
        };
        let compacted = projected(events.iter().chain(&rewrites).filter(|e| !superseded(e)), 3);
        prop_assert_eq!(plain(whole.shipment(id()).unwrap()), plain(compacted.shipment(id()).unwrap()));
        prop_assert_eq!(whole.history(id()).unwrap(), compacted.history(id()).unwrap());
        prop_assert_eq!(whole.visible_entries().unwrap(), compacted.visible_entries().unwrap());
    }

    #[test]
    fn merging_orders_lists_before_the_row_before_deletions((events, _) in delivered()) {
        for merged in merge(events.iter().flat_map(writes)) {
            let is_row = |write: &CellWrite| matches!(write.row, RowKey::Shipment(_));
            let deletes = |write: &CellWrite| write.change == tracking_view::Change::Delete;
            prop_assert!(merged.first.iter().all(|w| !is_row(w) && !deletes(w)));
            prop_assert!(merged.row.iter().all(is_row));
            prop_assert!(merged.last.iter().all(deletes));
            let mut statements: Vec<_> =
                merged.first.iter().chain(&merged.row).chain(&merged.last).map(|w| (&w.row, w.stamp)).collect();
            let count = statements.len();
            statements.sort();
            statements.dedup();
            prop_assert_eq!(statements.len(), count, "one statement per row and stamp");
        }
    }
}

#[test]
fn an_absent_value_is_not_written_at_all() {
    let events = history(id(), &[Step::Register { phone: None, number: None, reference: false }]);
    for write in writes(&events[0]) {
        if let tracking_view::Change::Cells(cells) = &write.change {
            assert!(cells.iter().all(|(_, value)| value.is_some()), "{cells:?}");
            assert!(cells.iter().all(|(column, _)| *column != Column::CustomerReference));
        }
    }
}

#[test]
fn an_erasure_leaves_no_person_in_the_row() {
    let steps = [
        Step::Register { phone: Some(1), number: Some(1), reference: true },
        Step::AmendRecipient { phone: Some(2) },
        Step::Scan { status: Status::Delivered, hours: 0 },
    ];
    let events = history(id(), &steps);
    let rewrites: Vec<_> = events.iter().map(erased).collect();
    let store = projected(rewrites.iter().chain(&events), 2);
    let row = store.shipment(id()).unwrap().unwrap();
    assert_eq!(row.recipient.as_ref().map(|r| r.name.as_str()), Some("erased"));
    assert_eq!((row.recipient_phone_hash, row.customer_reference), (None, None));
    assert!(store.history(id()).unwrap().iter().all(|e| e.actor.is_none() && e.revision.get() == 1));
}
