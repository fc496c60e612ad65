//! The largest legal records fit into their topics. Counted as JSON, which is larger than Avro in every field.

use shipment_domain::{
    AmendShipment, CommandBody, CommandPosition, RecordScan, RegisterShipment, ShipmentCommand, check,
    decide_once, limits,
};
use shipment_events::{
    AcceptedCommand, Address, Date, Location, Party, Phone, Place, Scan, ScanTime, Sequence,
    ShipmentSnapshot, Status, Timestamp,
};

use crate::given::{amend_with, cancel, command, event_of};

const COMMAND_BYTES: usize = 256 * 1024;
const OTHER_BYTES: usize = 2 * 1024 * 1024;

/// So many characters that take four bytes each.
fn wide(characters: usize) -> String {
    "𐀀".repeat(characters)
}

fn largest_party() -> Party {
    let address = Address {
        street: wide(limits::STREET),
        city: wide(limits::CITY),
        region: Some(wide(limits::REGION)),
        postal_code: Some(wide(limits::POSTAL_CODE)),
        country: "DE".into(),
    };
    Party { name: wide(limits::NAME), phone: Some(Phone::new("+4915112345678")), address: Some(address) }
}

fn largest_location() -> Location {
    Location {
        city: Some(wide(limits::CITY)),
        region: Some(wide(limits::REGION)),
        postal_code: Some(wide(limits::POSTAL_CODE)),
        country: "DE".into(),
    }
}

pub(crate) fn largest_registration() -> RegisterShipment {
    RegisterShipment {
        customer_id: wide(limits::CUSTOMER_ID),
        sender: largest_party(),
        recipient: largest_party(),
        origin: Some(largest_location()),
        destination: largest_location(),
        weight_grams: limits::WEIGHT_GRAMS,
        promised_delivery: Some(Date::from_days(47_481)),
        customer_reference: Some(wide(limits::CUSTOMER_REFERENCE)),
        carrier: Some(wide(limits::CARRIER)),
        tracking_number: Some("X".repeat(limits::TRACKING_NUMBER)),
    }
}

pub(crate) fn largest_amendment() -> AmendShipment {
    let all = largest_registration();
    AmendShipment {
        sender: Some(all.sender),
        recipient: Some(all.recipient),
        origin: all.origin,
        destination: Some(all.destination),
        weight_grams: Some(all.weight_grams),
        promised_delivery: all.promised_delivery,
        customer_reference: all.customer_reference,
        carrier: all.carrier,
        tracking_number: all.tracking_number,
    }
}

/// The `n`th scan, as large as can be.
pub(crate) fn largest_scan(n: i64) -> RecordScan {
    let place = Place {
        facility: Some(wide(limits::FACILITY)),
        city: Some(wide(limits::CITY)),
        region: Some(wide(limits::REGION)),
        postal_code: Some(wide(limits::POSTAL_CODE)),
        country: Some(wide(limits::SCAN_COUNTRY)),
        latitude: Some(-12.345_678_901_234_567),
        longitude: Some(-123.456_789_012_345_67),
    };
    let scan = Scan {
        time: ScanTime {
            at: Timestamp::from_millis(limits::LATEST_MS - 1 - n),
            offset_seconds: Some(-limits::OFFSET_SECONDS),
        },
        status: Status::AvailableForPickup,
        place: Some(place),
        carrier: wide(limits::CARRIER),
        tracking_number: Some(wide(limits::TRACKING_NUMBER)),
        raw_code: Some(wide(limits::RAW_CODE)),
        raw_text: Some(wide(limits::RAW_TEXT)),
        carrier_scan_id: Some(format!("{n:0>width$}", width = limits::CARRIER_SCAN_ID)),
        signed_by: Some(wide(limits::SIGNED_BY)),
    };
    RecordScan { scan }
}

fn largest(n: u128, body: CommandBody) -> ShipmentCommand {
    ShipmentCommand {
        expected_version: None,
        issued_at: Timestamp::from_millis(limits::LATEST_MS - 1),
        actor: Some(wide(limits::ACTOR)),
        ..command(n, body)
    }
}

fn bytes(record: &impl serde::Serialize) -> usize {
    serde_json::to_vec(record).unwrap().len()
}

#[test]
fn the_largest_legal_command_fits() {
    let reason = Some(wide(limits::REASON));
    let bodies = [
        CommandBody::RegisterShipment(largest_registration()),
        amend_with(largest_amendment()),
        CommandBody::RecordScan(largest_scan(1)),
        CommandBody::CancelShipment(shipment_domain::CancelShipment { reason: reason.clone() }),
        CommandBody::ArchiveShipment(shipment_domain::ArchiveShipment { reason: reason.clone() }),
        CommandBody::RetractScan(shipment_domain::RetractScan { scan_event_id: event_of(1), reason }),
    ];
    for body in bodies {
        let command = largest(1, body);
        assert_eq!(check(&command), Ok(()), "{}", command.body.type_name());
        // Every character of the raw text could be one that JSON writes in six bytes; Avro never does.
        assert!(bytes(&command) < COMMAND_BYTES / 4, "{} has {}", command.body.type_name(), bytes(&command));
    }
}

#[test]
fn the_largest_legal_shipment_fits() {
    let at = |offset| CommandPosition {
        topic_id: "an-id-that-kafka-made-x",
        partition: i32::MAX,
        offset,
        appended_at: Timestamp::from_millis(limits::LATEST_MS - 1),
    };
    let decide = |known: Option<&ShipmentSnapshot>, command: &ShipmentCommand, offset| {
        let decided = decide_once(known, command, &at(offset));
        for event in &decided.events {
            assert!(bytes(event) < OTHER_BYTES / 16, "an event has {}", bytes(event));
        }
        assert!(bytes(&decided.reply(command, &at(offset))) < OTHER_BYTES / 16);
        decided.snapshot.unwrap()
    };
    let mut snapshot = decide(None, &largest(1, CommandBody::RegisterShipment(largest_registration())), 1);
    // The last version that is still amended, after one scan more.
    snapshot.state.version = Sequence::new(limits::HISTORY - 2);
    // Deciding a thousand scans in full is the business of another test: one is decided, and its mark repeated.
    snapshot = decide(Some(&snapshot), &largest(2, CommandBody::RecordScan(largest_scan(2))), 2);
    snapshot.state.scans = vec![snapshot.state.scans[0]; limits::SCANS];
    let remembered = AcceptedCommand {
        command_id: command(1, cancel()).command_id,
        fingerprint: i64::MIN,
        version: snapshot.state.version,
    };
    snapshot.accepted = vec![remembered; ShipmentSnapshot::REMEMBERED];
    let amended = decide(Some(&snapshot), &largest(3, amend_with(largest_amendment())), 3);
    let cancelled = decide(Some(&amended), &largest(4, cancel()), i64::MAX);
    assert!(bytes(&cancelled) < OTHER_BYTES / 4, "a snapshot has {}", bytes(&cancelled));
    assert_eq!(
        (cancelled.state.scans.len(), cancelled.accepted.len()),
        (limits::SCANS, ShipmentSnapshot::REMEMBERED)
    );
}
