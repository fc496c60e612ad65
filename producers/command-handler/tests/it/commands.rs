//! Commands to test with.

use event_log::{Headers, Received, Timestamp as RecordTime};
use shipment_domain::{
    AmendShipment, CancelShipment, CommandBody, RecordScan, RegisterShipment, ShipmentCommand, limits,
};
use shipment_events::{
    Address, CommandId, Location, Party, Phone, Scan, ScanTime, Sequence, ShipmentId, Status, Timestamp,
};
use uuid::Uuid;

/// The nth shipment.
pub(crate) fn shipment(n: u128) -> ShipmentId {
    ShipmentId::new(Uuid::from_u128(0x5_0000_0000_0000_0000_0000 + n))
}

/// When the nth command was issued.
pub(crate) fn moment(n: i64) -> Timestamp {
    Timestamp::from_millis(1_764_000_000_000 + n * 1_000)
}

fn command(shipment_id: ShipmentId, body: CommandBody) -> ShipmentCommand {
    ShipmentCommand {
        command_id: CommandId::new(Uuid::new_v4()),
        shipment_id,
        expected_version: None,
        issued_at: moment(0),
        actor: None,
        customers: None,
        body,
    }
}

pub(crate) fn register(shipment_id: ShipmentId) -> ShipmentCommand {
    let party = |name: &str| Party { name: name.to_owned(), phone: None, address: None };
    let destination =
        Location { city: Some("Lyon".to_owned()), region: None, postal_code: None, country: "FR".to_owned() };
    let body = RegisterShipment {
        customer_id: "shop-1".to_owned(),
        sender: party("A Shop"),
        recipient: party("A Customer"),
        origin: None,
        destination,
        weight_grams: 1_200,
        promised_delivery: None,
        customer_reference: Some("order 7".to_owned()),
        carrier: Some("dhl".to_owned()),
        tracking_number: Some("JD014600003828392837".to_owned()),
    };
    command(shipment_id, CommandBody::RegisterShipment(body))
}

/// The nth scan of a shipment: each n is another scan.
pub(crate) fn scan(shipment_id: ShipmentId, n: i64) -> ShipmentCommand {
    let scan = Scan {
        time: ScanTime::utc(moment(n)),
        status: Status::InTransit,
        place: None,
        carrier: "dhl".to_owned(),
        tracking_number: None,
        raw_code: Some("PU".to_owned()),
        raw_text: Some("processed at hub".to_owned()),
        carrier_scan_id: Some(format!("scan-{n}")),
        signed_by: None,
    };
    command(shipment_id, CommandBody::RecordScan(RecordScan { scan }))
}

pub(crate) fn amend(shipment_id: ShipmentId, reference: &str) -> ShipmentCommand {
    let body = AmendShipment { customer_reference: Some(reference.to_owned()), ..AmendShipment::default() };
    command(shipment_id, CommandBody::AmendShipment(body))
}

pub(crate) fn cancel(shipment_id: ShipmentId) -> ShipmentCommand {
    command(shipment_id, CommandBody::CancelShipment(CancelShipment::default()))
}

pub(crate) fn expecting(version: i64, mut command: ShipmentCommand) -> ShipmentCommand {
    command.expected_version = Some(Sequence::new(version));
    command
}

/// A record with nothing in it, to be filled.
pub(crate) fn blank(topic: &str, partition: i32, offset: i64) -> Received {
    Received {
        topic: topic.into(),
        partition,
        offset,
        timestamp: RecordTime::Appended(moment(offset).as_millis()),
        key: None,
        value: None,
        headers: Headers::new(),
    }
}

fn wide(characters: usize) -> String {
    "𝕏".repeat(characters)
}

fn largest_party() -> Party {
    Party {
        name: wide(limits::NAME),
        phone: Some(Phone::new("+4915112345678")),
        address: Some(Address {
            street: wide(limits::STREET),
            city: wide(limits::CITY),
            region: Some(wide(limits::REGION)),
            postal_code: Some(wide(limits::POSTAL_CODE)),
            country: "FR".to_owned(),
        }),
    }
}

/// Every field at its limit, in characters of four bytes.
pub(crate) fn largest_registration(shipment_id: ShipmentId) -> ShipmentCommand {
    let mut command = register(shipment_id);
    command.actor = Some(wide(limits::ACTOR));
    if let CommandBody::RegisterShipment(body) = &mut command.body {
        body.sender = largest_party();
        body.recipient = largest_party();
        body.customer_id = wide(limits::CUSTOMER_ID);
        body.customer_reference = Some(wide(limits::CUSTOMER_REFERENCE));
        body.carrier = Some(wide(limits::CARRIER));
    }
    command
}

/// The nth such amendment: it changes who gets the parcel, and keeps every field at its limit.
pub(crate) fn largest_amendment(shipment_id: ShipmentId, n: i64) -> ShipmentCommand {
    let mut command = amend(shipment_id, &n.to_string());
    command.actor = Some(wide(limits::ACTOR));
    if let CommandBody::AmendShipment(body) = &mut command.body {
        body.recipient = Some(largest_party());
        body.sender = Some(largest_party());
    }
    command
}
