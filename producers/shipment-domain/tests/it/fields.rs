//! Each field has its rule, and a rejection names every field that breaks one.

use serde_json::{Value, json};
use shipment_domain::{CommandBody, Rejection, ShipmentCommand, check, limits};
use shipment_events::{Phone, Place, ScanTime, Status, Timestamp};

use crate::given::{amend_with, archive, cancel, command, registration, retract, scan_of};
use crate::sizes::{largest_amendment, largest_registration, largest_scan};

/// Every text with its limit: command, path in it, characters; and whether blank is refused.
pub(crate) const TEXTS: [(&str, &str, usize, bool); 33] = [
    ("RegisterShipment", "/customer_id", limits::CUSTOMER_ID, true),
    ("RegisterShipment", "/sender/name", limits::NAME, true),
    ("RegisterShipment", "/recipient/name", limits::NAME, true),
    ("RegisterShipment", "/recipient/address/street", limits::STREET, true),
    ("RegisterShipment", "/recipient/address/city", limits::CITY, true),
    ("RegisterShipment", "/recipient/address/region", limits::REGION, true),
    ("RegisterShipment", "/recipient/address/postal_code", limits::POSTAL_CODE, true),
    ("RegisterShipment", "/origin/city", limits::CITY, true),
    ("RegisterShipment", "/destination/region", limits::REGION, true),
    ("RegisterShipment", "/destination/postal_code", limits::POSTAL_CODE, true),
    ("RegisterShipment", "/customer_reference", limits::CUSTOMER_REFERENCE, true),
    ("RegisterShipment", "/carrier", limits::CARRIER, true),
    ("RegisterShipment", "/tracking_number", limits::TRACKING_NUMBER, true),
    ("AmendShipment", "/sender/name", limits::NAME, true),
    ("AmendShipment", "/recipient/address/street", limits::STREET, true),
    ("AmendShipment", "/destination/city", limits::CITY, true),
    ("AmendShipment", "/customer_reference", limits::CUSTOMER_REFERENCE, true),
    ("AmendShipment", "/carrier", limits::CARRIER, true),
    ("AmendShipment", "/tracking_number", limits::TRACKING_NUMBER, true),
    ("RecordScan", "/carrier", limits::CARRIER, true),
    ("RecordScan", "/tracking_number", limits::TRACKING_NUMBER, false),
    ("RecordScan", "/raw_code", limits::RAW_CODE, false),
    ("RecordScan", "/raw_text", limits::RAW_TEXT, false),
    ("RecordScan", "/carrier_scan_id", limits::CARRIER_SCAN_ID, false),
    ("RecordScan", "/signed_by", limits::SIGNED_BY, false),
    ("RecordScan", "/place/facility", limits::FACILITY, false),
    ("RecordScan", "/place/city", limits::CITY, false),
    ("RecordScan", "/place/region", limits::REGION, false),
    ("RecordScan", "/place/postal_code", limits::POSTAL_CODE, false),
    ("RecordScan", "/place/country", limits::SCAN_COUNTRY, false),
    ("RetractScan", "/reason", limits::REASON, true),
    ("CancelShipment", "/reason", limits::REASON, true),
    ("ArchiveShipment", "/reason", limits::REASON, true),
];

/// A command of this kind with every field filled, and this one replaced.
fn with(kind: &str, path: &str, value: Value) -> ShipmentCommand {
    let body = match kind {
        "RegisterShipment" => CommandBody::RegisterShipment(largest_registration()),
        "AmendShipment" => amend_with(largest_amendment()),
        "RecordScan" => CommandBody::RecordScan(largest_scan(1)),
        "RetractScan" => retract(1),
        "CancelShipment" => cancel(),
        _ => archive(),
    };
    let mut tree = serde_json::to_value(command(1, body)).unwrap();
    let within = if kind == "RecordScan" { "/scan" } else { "" };
    *tree.pointer_mut(&format!("/body/{kind}{within}{path}")).unwrap() = value;
    serde_json::from_value(tree).unwrap()
}

fn faults(command: &ShipmentCommand) -> Vec<(String, &'static str)> {
    match check(command) {
        Ok(()) => Vec::new(),
        Err(Rejection::Fields(faults)) => {
            faults.into_iter().map(|f| (f.path.clone(), f.rule().code())).collect()
        }
        Err(other) => panic!("{other}"),
    }
}

fn invalid(path: &str) -> Vec<(String, &'static str)> {
    vec![(path.to_owned(), "PT-1012")]
}

#[test]
fn every_text_has_its_limit() {
    for (kind, path, limit, _) in TEXTS {
        assert_eq!(faults(&with(kind, path, json!("x".repeat(limit)))), [], "{kind} {path}");
        assert_eq!(faults(&with(kind, path, json!("x".repeat(limit + 1)))), invalid(path), "{kind} {path}");
    }
}

#[test]
fn what_people_write_is_not_blank_and_shows_all_it_has() {
    for (kind, path, _, by_people) in TEXTS {
        for bad in ["", " ", "\u{3000}", " x", "x\t", "x\u{0}y", "x\u{7f}"] {
            let expected = if by_people { invalid(path) } else { vec![] };
            assert_eq!(faults(&with(kind, path, json!(bad))), expected, "{kind} {path} {bad:?}");
        }
    }
    assert_eq!(faults(&with("RegisterShipment", "/recipient/address/street", json!("Hof 3\n2. Stock"))), []);
    assert_eq!(
        faults(&with("RegisterShipment", "/recipient/address/city", json!("Bonn\nKöln"))),
        invalid("/recipient/address/city")
    );
    assert_eq!(faults(&with("RegisterShipment", "/recipient/name", json!("Łukasz 김 O'Neil-Müller"))), []);
}

#[test]
fn numbers_days_and_codes_have_their_ranges() {
    let table = [
        ("RegisterShipment", "/weight_grams", json!(0), "PT-1004"),
        ("RegisterShipment", "/weight_grams", json!(limits::WEIGHT_GRAMS + 1), "PT-1012"),
        ("AmendShipment", "/weight_grams", json!(-5), "PT-1004"),
        ("AmendShipment", "/weight_grams", json!(i64::MAX), "PT-1012"),
        ("RegisterShipment", "/promised_delivery", json!(7_304), "PT-1012"),
        ("RegisterShipment", "/promised_delivery", json!(47_482), "PT-1012"),
        ("AmendShipment", "/promised_delivery", json!(i32::MIN), "PT-1012"),
        ("RegisterShipment", "/recipient/phone", json!("0151 1234567"), "PT-1005"),
        ("RegisterShipment", "/sender/phone", json!("+49"), "PT-1005"),
        ("AmendShipment", "/recipient/phone", json!("+49151123456x"), "PT-1005"),
        ("RegisterShipment", "/destination/country", json!("de"), "PT-1012"),
        ("RegisterShipment", "/origin/country", json!("UK"), "PT-1012"),
        ("AmendShipment", "/recipient/address/country", json!("Germany"), "PT-1012"),
        ("RegisterShipment", "/tracking_number", json!("RC295935218DE"), "PT-1013"),
        ("AmendShipment", "/tracking_number", json!("RC295935218DE"), "PT-1013"),
        ("RegisterShipment", "/tracking_number", json!("1Z 999"), "PT-1012"),
        ("RegisterShipment", "/tracking_number", json!("1Z–999"), "PT-1012"),
        ("RecordScan", "/status", json!("registered"), "PT-1016"),
        ("RecordScan", "/time/at", json!(limits::EARLIEST_MS - 1), "PT-1012"),
        ("RecordScan", "/time/at", json!(limits::LATEST_MS), "PT-1012"),
        ("RecordScan", "/time/offset_seconds", json!(limits::OFFSET_SECONDS + 1), "PT-1012"),
        ("RecordScan", "/time/offset_seconds", json!(i32::MIN), "PT-1012"),
        ("RecordScan", "/place/latitude", json!(90.1), "PT-1012"),
        ("RecordScan", "/place/longitude", json!(-180.1), "PT-1012"),
    ];
    for (kind, path, value, code) in table {
        let told = value.to_string();
        let path_told = if path.starts_with("/time") { "/time" } else { path };
        assert_eq!(faults(&with(kind, path, value)), [(path_told.to_owned(), code)], "{kind} {path} {told}");
    }
    let fine = [
        ("RegisterShipment", "/weight_grams", json!(limits::WEIGHT_GRAMS)),
        ("RegisterShipment", "/promised_delivery", json!(7_305)),
        ("RegisterShipment", "/promised_delivery", json!(47_481)),
        ("RegisterShipment", "/destination/country", json!("XK")),
        ("RegisterShipment", "/tracking_number", json!("SHIPR_9207")),
        ("RecordScan", "/tracking_number", json!("RC295935218DE")),
        ("RecordScan", "/time/at", json!(limits::EARLIEST_MS)),
        ("RecordScan", "/time/at", json!(limits::LATEST_MS - 1)),
        ("RecordScan", "/time/offset_seconds", json!(-limits::OFFSET_SECONDS)),
        ("RecordScan", "/place/latitude", json!(-90.0)),
        ("RecordScan", "/place/longitude", json!(180.0)),
        ("RecordScan", "/place/country", json!("Deutschland")),
    ];
    for (kind, path, value) in fine {
        assert_eq!(faults(&with(kind, path, value)), [], "{kind} {path}");
    }
}

#[test]
fn degrees_that_are_no_number_are_refused() {
    for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let place = Place { latitude: Some(odd), longitude: Some(odd), ..Place::default() };
        let scan =
            shipment_events::Scan { place: Some(place), ..scan_of(Status::Lost, crate::given::hour(1)) };
        let found = faults(&command(1, CommandBody::RecordScan(shipment_domain::RecordScan { scan })));
        assert_eq!(found, [invalid("/place/latitude"), invalid("/place/longitude")].concat());
    }
}

#[test]
fn the_envelope_is_checked_too() {
    let mut request = command(1, cancel());
    request.issued_at = Timestamp::from_millis(0);
    request.actor = Some(" ".into());
    assert_eq!(faults(&request), [invalid("/issued_at"), invalid("/actor")].concat());
    let scan = shipment_domain::RecordScan { scan: scan_of(Status::Lost, crate::given::hour(1)) };
    let mut fact = command(1, CommandBody::RecordScan(scan));
    fact.issued_at = Timestamp::from_millis(0);
    fact.actor = Some("x".repeat(limits::ACTOR + 1));
    assert_eq!(faults(&fact), invalid("/actor"), "nothing is made of the time at which a scan was posted");
}

#[test]
fn all_wrong_fields_are_named_at_once_and_the_first_gives_the_code() {
    let mut body = registration();
    body.recipient.phone = Some(Phone::new("0151 / 12 34 secret"));
    body.destination.country = "Germany".into();
    body.weight_grams = 0;
    let rejection = check(&command(1, CommandBody::RegisterShipment(body))).unwrap_err();
    assert_eq!(rejection.code(), "PT-1005");
    assert_eq!(
        rejection.text(),
        "/recipient/phone: must be `+` and 10 to 13 digits, such as `+4915112345678`; /destination/country: must be an \
         ISO 3166-1 alpha-2 country code in capitals, such as `DE`; /weight_grams: must be above zero"
    );
    assert!(!format!("{rejection:?}").contains("secret"), "no value is repeated");
}

#[test]
fn a_scan_can_be_wrong_in_many_ways_at_once() {
    let mut scan = scan_of(Status::Registered, Timestamp::from_millis(0));
    scan.time = ScanTime { at: scan.time.at, offset_seconds: Some(100_000) };
    scan.carrier = String::new();
    let found = faults(&command(1, CommandBody::RecordScan(shipment_domain::RecordScan { scan })));
    let expected =
        [("/time", "PT-1012"), ("/time", "PT-1012"), ("/status", "PT-1016"), ("/carrier", "PT-1012")];
    assert_eq!(found, expected.map(|(path, code)| (path.to_owned(), code)));
}
