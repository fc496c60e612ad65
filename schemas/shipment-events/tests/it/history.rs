//! From events to state: tables for what each event does, properties for what none may do.

use proptest::prelude::*;
use shipment_events::{
    Amendment, EventBody, Grams, Phone, Revision, Sequence, Shipment, Status, evolve, fold,
};

use crate::arbitrary;
use crate::given::{
    amended, archived, cancelled, event, event_id, history, hour, registered, registration, retracted,
    scanned,
};

#[test]
fn a_shipment_without_history_stands_nowhere() {
    let nothing = Shipment::default();
    assert_eq!((nothing.version, nothing.status(), nothing.list_keys()), (Sequence::NONE, None, None));
}

#[test]
fn each_status_by_its_history() {
    use Status::{Cancelled, Delivered, InTransit, PickedUp, Registered};
    let table = [
        ("registered", vec![registered()], Registered),
        ("scanned before it is registered", vec![scanned(PickedUp, hour(0))], PickedUp),
        ("registered after its scans", vec![scanned(PickedUp, hour(0)), registered()], PickedUp),
        ("cancelled", vec![registered(), cancelled()], Cancelled),
        ("moved all the same", vec![registered(), cancelled(), scanned(PickedUp, hour(0))], PickedUp),
        ("cancelled on its way", vec![registered(), scanned(PickedUp, hour(0)), cancelled()], PickedUp),
        (
            "that scan retracted",
            vec![registered(), scanned(PickedUp, hour(0)), cancelled(), retracted(2)],
            Cancelled,
        ),
        ("archived", vec![registered(), scanned(Delivered, hour(0)), archived()], Delivered),
        ("scanned in the archive", vec![registered(), archived(), scanned(InTransit, hour(0))], InTransit),
        ("its only scan retracted", vec![scanned(PickedUp, hour(0)), retracted(1)], Registered),
        ("an unknown scan retracted", vec![scanned(PickedUp, hour(0)), retracted(9)], PickedUp),
        ("amended, never registered", vec![amended(Amendment::default())], Registered),
    ];
    for (case, bodies, expected) in table {
        let events = history(bodies);
        let shipment = fold(&events);
        assert_eq!(shipment.status(), Some(expected), "{case}");
        assert_eq!(shipment.version.get(), events.len() as i64, "{case}");
        assert_eq!(shipment.recorded_at, hour(events.len() as i64), "{case}");
    }
}

#[test]
fn an_amendment_changes_what_it_names_and_nothing_else() {
    let change =
        Amendment { weight_grams: Some(Grams::new(1)), carrier: Some("ups".into()), ..Amendment::default() };
    let shipment = fold(&history([registered(), amended(change)]));
    let expected = shipment_events::Registration {
        weight_grams: Grams::new(1),
        carrier: Some("ups".into()),
        ..registration()
    };
    assert_eq!(shipment.registration, Some(expected));
}

#[test]
fn an_amended_address_is_not_taken_for_a_phone() {
    let mut recipient = registration().recipient;
    recipient.address.as_mut().unwrap().street = "Nebenstr. 2".into();
    let shipment = fold(&history([
        registered(),
        amended(Amendment { recipient: Some(recipient), ..Amendment::default() }),
    ]));
    let recipient = shipment.registration.unwrap().recipient;
    assert_eq!(recipient.phone, Some(Phone::new("+4915112345678")));
    assert_eq!(recipient.address.unwrap().street, "Nebenstr. 2");
}

#[test]
fn lists_are_keyed_on_the_day_of_recording_for_ever() {
    let change = Amendment { tracking_number: Some("X-1".into()), ..Amendment::default() };
    let shipment = fold(&history([scanned(Status::PickedUp, hour(0)), registered(), amended(change)]));
    let keys = shipment.list_keys().unwrap();
    assert_eq!(keys.registered_at, hour(2));
    assert_eq!((keys.carrier.as_deref(), keys.tracking_number.as_deref()), (Some("dhl"), Some("X-1")));
}

#[test]
fn a_retracted_scan_is_remembered_but_counts_no_more() {
    let shipment = fold(&history([registered(), scanned(Status::Delivered, hour(0)), retracted(2)]));
    assert_eq!(shipment.status(), Some(Status::Registered));
    assert_eq!(shipment.scans.len(), 1);
    assert!(shipment.scans[0].retracted && shipment.scans[0].event_id == event_id(2));
}

#[test]
fn an_archive_begins_empty() {
    assert_eq!(fold(&history([registered()])).archived, None);
}

#[test]
fn times_are_those_of_the_events() {
    let mut cancellation = event(2, hour(5), cancelled());
    cancellation.occurred_at = hour(3);
    let shipment = fold(&[event(1, hour(1), registered()), cancellation]);
    assert_eq!(
        shipment.standing().unwrap().since,
        hour(3),
        "called off when it was said, not when it was written down"
    );
    assert_eq!(shipment.recorded_at, hour(5));
}

#[test]
fn a_rewritten_event_replaces_the_first_writing() {
    let first = history([registered(), scanned(Status::Delivered, hour(0))]);
    let mut rewritten = event(2, hour(2), scanned(Status::InTransit, hour(0)));
    rewritten.revision = Revision::new(1);
    let log = [&rewritten, &first[1], &first[0]];
    assert_eq!(fold(log).status(), Some(Status::InTransit));
    assert_eq!(fold(log), fold([&first[0], &rewritten]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_history_folds(events in arbitrary::history()) {
        let mut shipment = Shipment::default();
        for event in &events {
            shipment = evolve(shipment, event);
            prop_assert!(shipment.version >= event.sequence && shipment.recorded_at >= event.recorded_at);
            prop_assert_eq!(shipment.status().is_some(), shipment.version > Sequence::NONE || !shipment.scans.iter().all(|s| s.retracted) || shipment.registered.is_some() || shipment.cancelled.is_some());
            prop_assert!(shipment.list_keys().is_some() == shipment.registration.is_some());
        }
    }

    #[test]
    fn the_order_and_the_repeats_of_a_log_do_not_matter(
        (events, log) in arbitrary::history().prop_flat_map(|events| {
            let twice: Vec<_> = events.iter().chain(&events).cloned().collect();
            (Just(events), Just(twice).prop_shuffle())
        })
    ) {
        // Of two events with one sequence and revision nothing can say which counts: there is one of each here.
        let mut ordered = events.clone();
        ordered.sort_by_key(|e| e.sequence);
        ordered.dedup_by_key(|e| e.sequence);
        let log: Vec<_> = log.into_iter().filter(|e| ordered.contains(e)).collect();
        prop_assert_eq!(fold(&ordered), fold(&log));
    }
}

#[test]
fn nobody_is_named_where_an_event_is_printed() {
    let EventBody::ScanRecorded(mut body) = scanned(Status::Delivered, hour(1)) else { panic!("no scan") };
    body.scan.signed_by = Some("Erika".into());
    body.scan.raw_text = Some("handed to Erika".into());
    let printed = format!("{:?}", history([registered(), EventBody::ScanRecorded(body)]));
    for personal in ["Erika", "+4915112345678", "Hauptstr"] {
        assert!(!printed.contains(personal), "{personal}");
    }
}
