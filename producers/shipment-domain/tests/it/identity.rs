//! What makes a scan this scan, and a payload this payload.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shipment_domain::{
    ArchiveShipment, CancelShipment, CommandBody, RetractScan, ShipmentCommand, fingerprint, natural_id,
};
use shipment_events::{Place, Scan, ScanTime, ShipmentId, Status, Timestamp};
use uuid::Uuid;

use crate::given::{cancel, command, event_of, expecting, hour, scan_of, shipment_id};
use crate::sizes::{largest_amendment, largest_registration, largest_scan};

fn id(scan: &Scan) -> Uuid {
    natural_id(shipment_id(), scan)
}

fn base() -> Scan {
    Scan {
        raw_code: Some("PU".into()),
        raw_text: Some("picked up".into()),
        tracking_number: Some("X-1".into()),
        place: Some(Place { city: Some("Bonn".into()), latitude: Some(50.7), ..Place::default() }),
        ..scan_of(Status::PickedUp, hour(1))
    }
}

#[test]
fn what_makes_another_scan() {
    let place = |place: Place| Scan { place: Some(place), ..base() };
    let others = [
        ("carrier", Scan { carrier: "ups".into(), ..base() }),
        ("number", Scan { tracking_number: Some("X-2".into()), ..base() }),
        ("no number", Scan { tracking_number: None, ..base() }),
        ("time", Scan { time: ScanTime::utc(Timestamp::from_millis(hour(1).as_millis() + 1)), ..base() }),
        ("code", Scan { raw_code: Some("AR".into()), ..base() }),
        ("no code", Scan { raw_code: None, ..base() }),
        ("neither code nor text", Scan { raw_code: None, raw_text: None, ..base() }),
        ("no place", Scan { place: None, ..base() }),
        ("city", place(Place { city: Some("Köln".into()), latitude: Some(50.7), ..Place::default() })),
        (
            "facility",
            place(Place { facility: Some("Bonn".into()), latitude: Some(50.7), ..Place::default() }),
        ),
        ("latitude", place(Place { city: Some("Bonn".into()), latitude: Some(50.8), ..Place::default() })),
        ("longitude", place(Place { city: Some("Bonn".into()), longitude: Some(50.7), ..Place::default() })),
        ("the carrier's own id", Scan { carrier_scan_id: Some("1".into()), ..base() }),
    ];
    let mut ids: Vec<Uuid> = others.iter().map(|(_, scan)| id(scan)).chain([id(&base())]).collect();
    ids.push(natural_id(ShipmentId::new(Uuid::from_u128(1)), &base()));
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), others.len() + 2, "each differs from all the others");
}

#[test]
fn what_is_still_the_same_scan() {
    let same = [
        (
            "the offset of the clock",
            Scan { time: ScanTime { at: hour(1), offset_seconds: Some(3_600) }, ..base() },
        ),
        ("a better table of codes", Scan { status: Status::InTransit, ..base() }),
        ("another text beside the code", Scan { raw_text: None, ..base() }),
        ("who signed", Scan { signed_by: Some("Erika".into()), ..base() }),
        ("a blank id", Scan { carrier_scan_id: Some(" ".into()), ..base() }),
    ];
    for (case, scan) in same {
        assert_eq!(id(&scan), id(&base()), "{case}");
    }
    let bare = Scan { place: None, tracking_number: None, ..base() };
    let blank = Scan { place: Some(Place::default()), tracking_number: Some(String::new()), ..base() };
    assert_eq!(id(&bare), id(&blank), "blank is absent");
}

#[test]
fn without_code_the_text_decides_and_without_both_the_status() {
    let text = |text: &str| Scan { raw_code: None, raw_text: Some(text.into()), ..base() };
    assert_ne!(id(&text("in")), id(&text("out")));
    let bare = |status| Scan { raw_code: None, raw_text: None, status, ..base() };
    assert_ne!(id(&bare(Status::PickedUp)), id(&bare(Status::InTransit)));
    assert_ne!(id(&text("picked_up")), id(&bare(Status::PickedUp)), "a text is no status");
}

#[test]
fn the_carriers_own_id_is_enough() {
    let own = |scan: Scan| Scan { carrier_scan_id: Some("77".into()), ..scan };
    let corrected =
        Scan { time: ScanTime::utc(hour(9)), status: Status::Lost, raw_code: None, place: None, ..base() };
    assert_eq!(id(&own(base())), id(&own(corrected)));
    assert_ne!(id(&own(base())), id(&own(Scan { carrier: "ups".into(), ..base() })));
}

#[test]
fn natural_ids_never_change() {
    // Snapshots hold them for ever: were they to change, every scan fed again would be recorded twice.
    let own = Scan { carrier_scan_id: Some("77".into()), ..base() };
    let ids = [id(&base()), id(&own), id(&scan_of(Status::Lost, hour(2)))].map(|id| id.to_string());
    let expected = [
        "6c15fb08-9a00-588d-af68-d3c15ed92c56",
        "a458bf80-a149-5e5d-8f60-672b17bfb483",
        "b85367fa-4260-5071-a846-5972f4e08e7c",
    ];
    assert_eq!(ids, expected);
}

#[test]
fn every_field_of_a_payload_counts() {
    let bodies = [
        CommandBody::RegisterShipment(largest_registration()),
        CommandBody::AmendShipment(largest_amendment()),
        CommandBody::RecordScan(largest_scan(1)),
        CommandBody::RetractScan(RetractScan { scan_event_id: event_of(1), reason: Some("a".into()) }),
        CommandBody::CancelShipment(CancelShipment { reason: Some("a".into()) }),
        CommandBody::ArchiveShipment(ArchiveShipment { reason: Some("a".into()) }),
    ];
    let mut prints = BTreeSet::new();
    let mut payloads = 0;
    for body in bodies {
        let kind = body.type_name();
        let tree = serde_json::to_value(command(1, body)).unwrap();
        let mut changed = vec![tree.clone()];
        change_each(&tree["body"], &mut |part, value| {
            let mut other = tree.clone();
            *other["body"].pointer_mut(part).unwrap() = value;
            changed.push(other);
        });
        for payload in changed {
            // What isn't of the field's type, such as a null where there must be something, is no payload.
            let Ok(payload) = serde_json::from_value::<ShipmentCommand>(payload) else { continue };
            payloads += 1;
            assert!(prints.insert(fingerprint(&payload)), "{kind}: {payload:?}");
        }
    }
    assert!(payloads > 100, "only {payloads}");
}

/// Calls with the pointer to each part of the tree and something else to put there.
fn change_each(tree: &Value, change: &mut impl FnMut(&str, Value)) {
    fn walk(path: &str, tree: &Value, change: &mut impl FnMut(&str, Value)) {
        change(path, Value::Null);
        match tree {
            Value::Object(fields) => {
                for (name, field) in fields {
                    walk(&format!("{path}/{name}"), field, change);
                }
            }
            Value::Number(number) if number.is_f64() => change(path, json!(number.as_f64().unwrap() / 2.0)),
            Value::Number(number) => change(path, json!(number.as_i64().unwrap() - 1)),
            Value::String(text) if text == Status::AvailableForPickup.as_str() => change(path, json!("lost")),
            Value::String(text) if text.len() == 36 => change(path, json!(Uuid::nil())),
            Value::String(text) => change(path, json!(format!("{text}x"))),
            Value::Null | Value::Bool(_) | Value::Array(_) => {}
        }
    }
    walk("", tree, change);
}

#[test]
fn the_shipment_and_the_expected_version_count_but_not_the_command_its_time_or_its_actor() {
    let base = command(1, cancel());
    let mut same = command(2, cancel());
    (same.issued_at, same.actor) = (hour(9), Some("somebody".into()));
    assert_eq!(fingerprint(&base), fingerprint(&same));
    assert_ne!(fingerprint(&base), fingerprint(&expecting(0, command(1, cancel()))));
    let mut other = command(1, cancel());
    other.shipment_id = ShipmentId::new(Uuid::from_u128(1));
    assert_ne!(fingerprint(&base), fingerprint(&other));
}
