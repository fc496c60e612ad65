//! One full and one sparse value of every record and union member. They are written down in `schemas/golden` and
//! must never change; what a later version adds gets samples of its own.

use shipment_domain::{
    AmendShipment, ArchiveShipment, CancelShipment, CommandBody, RecordScan, RegisterShipment, RetractScan,
    ShipmentCommand,
};
use shipment_events::{
    Accepted, AcceptedCommand, Address, Amendment, Archival, Cancellation, CommandId, CommandReply,
    CustomerId, Date, EventBody, EventId, Grams, ListKeys, Location, Outcome, Party, Phone, Place, Recorded,
    Registration, Rejected, Retraction, Revision, Scan, ScanMark, ScanRecorded, ScanTime, Sequence, Shipment,
    ShipmentEvent, ShipmentId, ShipmentSnapshot, Status, Timestamp,
};
use uuid::Uuid;

/// A sample and the name of its file.
pub type Named<T> = (String, T);

fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x5ca1_ab1e_0000_5000_8000_0000_0000_0000 + n)
}

/// Most texts of the records are optional.
#[allow(clippy::unnecessary_wraps)]
fn text(t: &str) -> Option<String> {
    Some(t.to_owned())
}

fn at(n: i64) -> Timestamp {
    Timestamp::from_millis(1_764_000_000_000 + n)
}

fn party() -> Party {
    Party {
        name: "Jördis Ågren & Söhne".to_owned(),
        phone: Some(Phone::new("+4915112345678")),
        address: Some(Address {
            street: "Lindenallee 7\n2nd floor".to_owned(),
            city: "Berlin".to_owned(),
            region: text("BE"),
            postal_code: text("10115"),
            country: "DE".to_owned(),
        }),
    }
}

fn bare_party() -> Party {
    Party { name: "Bo".to_owned(), phone: None, address: None }
}

fn location() -> Location {
    Location {
        city: text("Malmö"),
        region: text("Skåne"),
        postal_code: text("211 20"),
        country: "SE".to_owned(),
    }
}

fn bare_location() -> Location {
    Location { city: None, region: None, postal_code: None, country: "PT".to_owned() }
}

fn full_scan() -> Scan {
    Scan {
        time: ScanTime { at: at(-86_400_001), offset_seconds: Some(-12_600) },
        status: Status::OutForDelivery,
        place: Some(Place {
            facility: text("Hub 3"),
            city: text("Łódź"),
            region: text("LD"),
            postal_code: text("90-001"),
            country: text("PL"),
            latitude: Some(51.7592),
            longitude: Some(-19.455_98),
        }),
        carrier: "dhl".to_owned(),
        tracking_number: text("RB123456785DE"),
        raw_code: text("OFD"),
        raw_text: text("Out for delivery – 今日"),
        carrier_scan_id: text("scan-000042"),
        signed_by: text("J. Å."),
    }
}

fn sparse_scan() -> Scan {
    Scan {
        time: ScanTime { at: Timestamp::from_millis(-1), offset_seconds: None },
        status: Status::Lost,
        place: Some(Place::default()),
        carrier: String::new(),
        tracking_number: None,
        raw_code: None,
        raw_text: None,
        carrier_scan_id: None,
        signed_by: None,
    }
}

fn full_registration() -> Registration {
    Registration {
        customer_id: CustomerId::new("shop-17/acme"),
        sender: party(),
        recipient: party(),
        origin: Some(location()),
        destination: bare_location(),
        weight_grams: Grams::new(31_500),
        promised_delivery: Some(Date::from_days(20_420)),
        customer_reference: text("PO-9"),
        carrier: text("dhl"),
        tracking_number: text("RB123456785DE"),
    }
}

fn sparse_registration() -> Registration {
    Registration {
        customer_id: CustomerId::new("c"),
        sender: bare_party(),
        recipient: bare_party(),
        origin: None,
        destination: bare_location(),
        weight_grams: Grams::new(1),
        promised_delivery: None,
        customer_reference: None,
        carrier: None,
        tracking_number: None,
    }
}

fn full_amendment() -> Amendment {
    let r = full_registration();
    Amendment {
        sender: Some(r.sender),
        recipient: Some(r.recipient),
        origin: r.origin,
        destination: Some(r.destination),
        weight_grams: Some(Grams::new(i64::MAX)),
        promised_delivery: Some(Date::from_days(-1)),
        customer_reference: r.customer_reference,
        carrier: r.carrier,
        tracking_number: r.tracking_number,
    }
}

fn keys() -> ListKeys {
    ListKeys {
        customer_id: CustomerId::new("shop-17/acme"),
        recipient_phone: Some(Phone::new("+4915112345678")),
        carrier: text("dhl"),
        tracking_number: text("RB123456785DE"),
        registered_at: at(5),
    }
}

fn event(n: u128, full: bool, body: EventBody) -> ShipmentEvent {
    ShipmentEvent {
        event_id: EventId::new(id(n)),
        shipment_id: ShipmentId::new(id(1_000)),
        sequence: Sequence::new(n as i64),
        revision: Revision::new(i32::from(full)),
        occurred_at: at(1),
        recorded_at: at(2),
        command_id: CommandId::new(id(2_000 + n)),
        actor: full.then(|| "feed:dhl".to_owned()),
        status_before: full.then_some(Status::AvailableForPickup),
        status_after: Status::InTransit,
        status_since: at(-3),
        keys_before: full.then(|| ListKeys { carrier: None, recipient_phone: None, ..keys() }),
        keys: full.then(keys),
        body,
    }
}

/// Events: every member of the body, full and sparse.
pub fn events() -> Vec<Named<ShipmentEvent>> {
    let reason = || text("wrong parcel");
    let bodies = [
        (
            EventBody::ShipmentRegistered(full_registration()),
            EventBody::ShipmentRegistered(sparse_registration()),
        ),
        (EventBody::ShipmentAmended(full_amendment()), EventBody::ShipmentAmended(Amendment::default())),
        (
            EventBody::ScanRecorded(ScanRecorded {
                natural_id: id(7),
                scan: full_scan(),
                from_the_future: true,
            }),
            EventBody::ScanRecorded(ScanRecorded {
                natural_id: id(8),
                scan: sparse_scan(),
                from_the_future: false,
            }),
        ),
        (
            EventBody::ScanRetracted(Retraction { scan_event_id: EventId::new(id(3)), reason: reason() }),
            EventBody::ScanRetracted(Retraction { scan_event_id: EventId::new(id(4)), reason: None }),
        ),
        (
            EventBody::ShipmentCancelled(Cancellation { reason: reason() }),
            EventBody::ShipmentCancelled(Cancellation::default()),
        ),
        (
            EventBody::ShipmentArchived(Archival { reason: reason() }),
            EventBody::ShipmentArchived(Archival::default()),
        ),
    ];
    let mut named = Vec::new();
    for (n, (full, sparse)) in bodies.into_iter().enumerate() {
        let (name, n) = (full.type_name(), n as u128 + 1);
        named.push((format!("{name}.full"), event(n, true, full)));
        named.push((format!("{name}.sparse"), event(n, false, sparse)));
    }
    named
}

fn command(n: u128, full: bool, body: CommandBody) -> ShipmentCommand {
    ShipmentCommand {
        command_id: CommandId::new(id(2_000 + n)),
        shipment_id: ShipmentId::new(id(1_000)),
        expected_version: full.then(|| Sequence::new(41)),
        issued_at: at(1),
        actor: full.then(|| "shop:acme".to_owned()),
        customers: None,
        body,
    }
}

fn registered(r: Registration) -> CommandBody {
    CommandBody::RegisterShipment(RegisterShipment {
        customer_id: r.customer_id.as_str().to_owned(),
        sender: r.sender,
        recipient: r.recipient,
        origin: r.origin,
        destination: r.destination,
        weight_grams: r.weight_grams.get(),
        promised_delivery: r.promised_delivery,
        customer_reference: r.customer_reference,
        carrier: r.carrier,
        tracking_number: r.tracking_number,
    })
}

fn amended(a: Amendment) -> CommandBody {
    CommandBody::AmendShipment(AmendShipment {
        sender: a.sender,
        recipient: a.recipient,
        origin: a.origin,
        destination: a.destination,
        weight_grams: a.weight_grams.map(Grams::get),
        promised_delivery: a.promised_delivery,
        customer_reference: a.customer_reference,
        carrier: a.carrier,
        tracking_number: a.tracking_number,
    })
}

/// Commands: every member of the body, full and sparse.
pub fn commands() -> Vec<Named<ShipmentCommand>> {
    let reason = || text("wrong parcel");
    let bodies = [
        (registered(full_registration()), registered(sparse_registration())),
        (amended(full_amendment()), amended(Amendment::default())),
        (
            CommandBody::RecordScan(RecordScan { scan: full_scan() }),
            CommandBody::RecordScan(RecordScan { scan: Scan { place: None, ..sparse_scan() } }),
        ),
        (
            CommandBody::RetractScan(RetractScan { scan_event_id: EventId::new(id(3)), reason: reason() }),
            CommandBody::RetractScan(RetractScan { scan_event_id: EventId::new(id(4)), reason: None }),
        ),
        (
            CommandBody::CancelShipment(CancelShipment { reason: reason() }),
            CommandBody::CancelShipment(CancelShipment::default()),
        ),
        (
            CommandBody::ArchiveShipment(ArchiveShipment { reason: reason() }),
            CommandBody::ArchiveShipment(ArchiveShipment::default()),
        ),
    ];
    let mut named = Vec::new();
    for (n, (full, sparse)) in bodies.into_iter().enumerate() {
        let (name, n) = (full.type_name(), n as u128 + 1);
        named.push((format!("{name}.full"), command(n, true, full)));
        named.push((format!("{name}.sparse"), command(n, false, sparse)));
    }
    let cancelled = command(7, false, CommandBody::CancelShipment(CancelShipment::default()));
    let customers = Some(vec!["shop-1".to_owned(), "shop-2".to_owned()]);
    named.push(("CancelShipment.of-customers".to_owned(), ShipmentCommand { customers, ..cancelled }));
    named
}

fn mark(n: u128) -> ScanMark {
    ScanMark {
        event_id: EventId::new(id(n)),
        natural_id: id(10_000 + n),
        sequence: Sequence::new(n as i64),
        status: Status::ALL[1 + n as usize % 18],
        at: at(n as i64 * 60_000),
        retracted: n % 7 == 3,
    }
}

/// A snapshot with so many scans.
pub fn snapshot(scans: u128, remembered: u128) -> ShipmentSnapshot {
    let recorded = |n| Some(Recorded { event_id: EventId::new(id(n)), at: at(n as i64) });
    ShipmentSnapshot {
        shipment_id: ShipmentId::new(id(1_000)),
        state: Shipment {
            version: Sequence::new(1 + scans as i64),
            recorded_at: at(9),
            registration: Some(full_registration()),
            registered: recorded(1),
            cancelled: recorded(2),
            archived: recorded(3),
            scans: (0..scans).map(mark).collect(),
        },
        accepted: (0..remembered)
            .map(|n| AcceptedCommand {
                command_id: CommandId::new(id(2_000 + n)),
                fingerprint: i64::MIN + n as i64,
                version: Sequence::new(n as i64),
            })
            .collect(),
        command_topic_id: "Cq1XhPvTSkS0p0eK2a1b3Q".to_owned(),
        command_offset: 123_456_789,
    }
}

/// Snapshots: full, and of a shipment of which only a scan is known.
pub fn snapshots() -> Vec<Named<ShipmentSnapshot>> {
    let sparse = ShipmentSnapshot {
        shipment_id: ShipmentId::new(id(1_001)),
        state: Shipment { version: Sequence::new(1), scans: vec![mark(4)], ..Shipment::default() },
        accepted: Vec::new(),
        command_topic_id: String::new(),
        command_offset: 0,
    };
    vec![("full".to_owned(), snapshot(3, 2)), ("sparse".to_owned(), sparse)]
}

/// Replies: both outcomes.
pub fn replies() -> Vec<Named<CommandReply>> {
    let reply = |n: u128, outcome| CommandReply {
        command_id: CommandId::new(id(2_000 + n)),
        shipment_id: ShipmentId::new(id(1_000)),
        decided_at: at(2),
        outcome,
    };
    let accepted = Accepted { version: Sequence::new(42), partition: 47, events: 1 };
    let rejected = Rejected {
        code: "PT-1004".to_owned(),
        text: "The shipment was cancelled.".to_owned(),
        version: Sequence::NONE,
    };
    vec![
        ("Accepted".to_owned(), reply(1, Outcome::Accepted(accepted))),
        ("Rejected".to_owned(), reply(2, Outcome::Rejected(rejected))),
    ]
}
