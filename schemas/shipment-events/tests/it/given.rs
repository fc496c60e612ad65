//! Short words for building histories.

use shipment_events::{
    Address, Amendment, Archival, Cancellation, CommandId, CustomerId, Date, EventBody, EventId, Grams,
    Location, Party, Phone, Registration, Retraction, Revision, Scan, ScanRecorded, ScanTime, Sequence,
    ShipmentEvent, ShipmentId, Status, Timestamp,
};
use uuid::Uuid;

/// 2026-03-02T00:00:00Z, a Monday.
const MONDAY: i64 = 1_772_409_600_000;
pub(crate) const HOUR: i64 = 3_600_000;

/// So many hours after Monday 00:00 UTC.
pub(crate) fn hour(n: i64) -> Timestamp {
    Timestamp::from_millis(MONDAY + n * HOUR)
}

pub(crate) fn event_id(n: u128) -> EventId {
    EventId::of_command(CommandId::new(Uuid::from_u128(n)), 0)
}

/// The event at this position, recorded at that hour. Only what `evolve` reads has a meaningful value.
pub(crate) fn event(sequence: i64, recorded_at: Timestamp, body: EventBody) -> ShipmentEvent {
    let occurred_at = match &body {
        EventBody::ScanRecorded(recorded) => recorded.scan.time.at,
        _ => recorded_at,
    };
    ShipmentEvent {
        event_id: event_id(sequence.unsigned_abs().into()),
        shipment_id: ShipmentId::new(Uuid::from_u128(7)),
        sequence: Sequence::new(sequence),
        revision: Revision::FIRST,
        occurred_at,
        recorded_at,
        command_id: CommandId::new(Uuid::from_u128(sequence.unsigned_abs().into())),
        actor: None,
        status_before: None,
        status_after: Status::Registered,
        status_since: recorded_at,
        keys_before: None,
        keys: None,
        body,
    }
}

/// The bodies, one an hour from Monday on, as a history.
pub(crate) fn history(bodies: impl IntoIterator<Item = EventBody>) -> Vec<ShipmentEvent> {
    (1..).zip(bodies).map(|(n, body)| event(n, hour(n), body)).collect()
}

pub(crate) fn registered() -> EventBody {
    EventBody::ShipmentRegistered(registration())
}

pub(crate) fn registration() -> Registration {
    let address = Address {
        street: "Hauptstr. 1".into(),
        city: "Bonn".into(),
        country: "DE".into(),
        ..Address::default()
    };
    Registration {
        customer_id: CustomerId::new("shop-1"),
        sender: Party { name: "Shop".into(), phone: None, address: None },
        recipient: Party {
            name: "Erika".into(),
            phone: Some(Phone::new("+4915112345678")),
            address: Some(address),
        },
        origin: None,
        destination: Location {
            city: Some("Bonn".into()),
            region: None,
            postal_code: None,
            country: "DE".into(),
        },
        weight_grams: Grams::new(1_200),
        promised_delivery: Some(Date::from_days(20_520)),
        customer_reference: None,
        carrier: Some("dhl".into()),
        tracking_number: Some("RC295935219DE".into()),
    }
}

pub(crate) fn amended(amendment: Amendment) -> EventBody {
    EventBody::ShipmentAmended(amendment)
}

pub(crate) fn scanned(status: Status, at: Timestamp) -> EventBody {
    let scan = Scan {
        time: ScanTime::utc(at),
        status,
        place: None,
        carrier: "dhl".into(),
        tracking_number: None,
        raw_code: None,
        raw_text: None,
        carrier_scan_id: None,
        signed_by: None,
    };
    let natural_id = Uuid::from_u128(at.as_millis().unsigned_abs().into());
    EventBody::ScanRecorded(ScanRecorded { natural_id, scan, from_the_future: false })
}

pub(crate) fn retracted(sequence: u128) -> EventBody {
    EventBody::ScanRetracted(Retraction { scan_event_id: event_id(sequence), reason: None })
}

pub(crate) fn cancelled() -> EventBody {
    EventBody::ShipmentCancelled(Cancellation::default())
}

pub(crate) fn archived() -> EventBody {
    EventBody::ShipmentArchived(Archival::default())
}
