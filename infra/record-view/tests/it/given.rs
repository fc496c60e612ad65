//! Records of each kind, with somebody named in every place where that is possible.

use event_codec::headers::{CE_SUBJECT, CE_TYPE, PT_SCHEMA, TRACEPARENT};
use event_codec::{Contract, Encoder, contract};
use event_log::{Headers, Received, Timestamp as Time, TopicSettings, Topics};
use record_view::{RecordViews, TopicName};
use schema_registry::{Codecs, Contracts, Registry};
use serde::Serialize;
use settings::Settings;
use shipment_domain::{
    AmendShipment, ArchiveShipment, CancelShipment, CommandBody, RecordScan, RegisterShipment, RetractScan,
    ShipmentCommand,
};
use shipment_events::{
    Address, CommandId, CommandReply, CustomerId, EventBody, EventId, Grams, ListKeys, Location, Outcome,
    Party, Phone, Place, Recorded, Registration, Rejected, Retraction, Revision, Scan, ScanRecorded,
    ScanTime, Sequence, Shipment, ShipmentEvent, ShipmentId, ShipmentSnapshot, Status, Timestamp,
};
use uuid::Uuid;

/// Stands in every place that may hold personal data.
pub(crate) const ADA: &str = "Ada-Example";
pub(crate) const PHONE: &str = "+4915112345678";
/// The door of somebody.
pub(crate) const DOOR: f64 = 48.401_234_5;

pub(crate) fn topics() -> Topics {
    Topics::new(TopicSettings::default())
}

/// With the registry's ids known, and nothing behind it.
pub(crate) fn views() -> RecordViews {
    let registry = Registry::of_settings(&Settings::default().registry).unwrap();
    let codecs = Codecs::for_reading(registry, Contracts::ours("parceltrack"));
    for (id, contract) in (1..).zip(contract::all()) {
        codecs.writers().add(id, contract.schema_json()).unwrap();
    }
    RecordViews::new(codecs, topics())
}

pub(crate) fn shipment() -> ShipmentId {
    ShipmentId::new(Uuid::from_u128(0x1c7b_2c1e_0b1d_4d0a_9c53_0123_4567_89ab))
}

fn party() -> Party {
    let address = Address {
        street: ADA.into(),
        city: ADA.into(),
        region: Some(ADA.into()),
        postal_code: Some(ADA.into()),
        country: "DE".into(),
    };
    Party { name: ADA.into(), phone: Some(Phone::new(PHONE)), address: Some(address) }
}

fn ulm() -> Location {
    Location { city: Some("Ulm".into()), region: None, postal_code: None, country: "DE".into() }
}

fn registration() -> Registration {
    Registration {
        customer_id: CustomerId::new("shop-7"),
        sender: party(),
        recipient: party(),
        origin: Some(ulm()),
        destination: ulm(),
        weight_grams: Grams::new(1250),
        promised_delivery: None,
        customer_reference: Some(ADA.into()),
        carrier: Some("dhl".into()),
        tracking_number: Some("RR1".into()),
    }
}

fn scan() -> Scan {
    Scan {
        time: ScanTime::utc(Timestamp::from_millis(1_772_409_600_000)),
        status: Status::Delivered,
        place: Some(Place { city: Some("Ulm".into()), latitude: Some(DOOR), ..Place::default() }),
        carrier: "dhl".into(),
        tracking_number: Some("RR1".into()),
        raw_code: Some("Z1".into()),
        raw_text: Some(ADA.into()),
        carrier_scan_id: Some("77".into()),
        signed_by: Some(ADA.into()),
    }
}

pub(crate) fn events() -> Vec<ShipmentEvent> {
    let bodies = [
        EventBody::ShipmentRegistered(registration()),
        EventBody::ShipmentAmended(shipment_events::Amendment {
            sender: Some(party()),
            recipient: Some(party()),
            customer_reference: Some(ADA.into()),
            ..Default::default()
        }),
        EventBody::ScanRecorded(ScanRecorded {
            natural_id: Uuid::from_u128(1),
            scan: scan(),
            from_the_future: false,
        }),
        EventBody::ScanRetracted(Retraction { scan_event_id: event_id(), reason: Some(ADA.into()) }),
        EventBody::ShipmentCancelled(shipment_events::Cancellation { reason: Some(ADA.into()) }),
        EventBody::ShipmentArchived(shipment_events::Archival { reason: Some(ADA.into()) }),
    ];
    (1..).zip(bodies).map(|(n, body)| event(n, body)).collect()
}

fn event_id() -> EventId {
    EventId::of_command(CommandId::new(Uuid::from_u128(9)), 0)
}

fn event(sequence: i64, body: EventBody) -> ShipmentEvent {
    let at = Timestamp::from_millis(1_772_409_600_000);
    ShipmentEvent {
        event_id: event_id(),
        shipment_id: shipment(),
        sequence: Sequence::new(sequence),
        revision: Revision::FIRST,
        occurred_at: at,
        recorded_at: at,
        command_id: CommandId::new(Uuid::from_u128(9)),
        actor: Some(ADA.into()),
        status_before: None,
        status_after: Status::Registered,
        status_since: at,
        keys_before: None,
        keys: Some(ListKeys {
            customer_id: CustomerId::new("shop-7"),
            recipient_phone: Some(Phone::new(PHONE)),
            carrier: None,
            tracking_number: None,
            registered_at: at,
        }),
        body,
    }
}

pub(crate) fn commands() -> Vec<ShipmentCommand> {
    let said = registration();
    let reason = || Some(ADA.to_owned());
    let bodies = [
        CommandBody::RegisterShipment(RegisterShipment {
            customer_id: "shop-7".into(),
            sender: said.sender,
            recipient: said.recipient,
            origin: said.origin,
            destination: said.destination,
            weight_grams: 1250,
            promised_delivery: None,
            customer_reference: said.customer_reference,
            carrier: said.carrier,
            tracking_number: said.tracking_number,
        }),
        CommandBody::AmendShipment(AmendShipment {
            recipient: Some(party()),
            sender: Some(party()),
            customer_reference: reason(),
            ..Default::default()
        }),
        CommandBody::RecordScan(RecordScan { scan: scan() }),
        CommandBody::RetractScan(RetractScan { scan_event_id: event_id(), reason: reason() }),
        CommandBody::CancelShipment(CancelShipment { reason: reason() }),
        CommandBody::ArchiveShipment(ArchiveShipment { reason: reason() }),
    ];
    let command = |body| ShipmentCommand {
        command_id: CommandId::new(Uuid::from_u128(9)),
        shipment_id: shipment(),
        expected_version: None,
        issued_at: Timestamp::from_millis(1_772_409_600_000),
        actor: Some(ADA.into()),
        customers: Some(vec!["shop-7".into()]),
        body,
    };
    bodies.into_iter().map(command).collect()
}

pub(crate) fn snapshot() -> ShipmentSnapshot {
    let at = Recorded { event_id: event_id(), at: Timestamp::from_millis(1_772_409_600_000) };
    let state = Shipment {
        version: Sequence::new(1),
        registration: Some(registration()),
        registered: Some(at),
        ..Shipment::default()
    };
    ShipmentSnapshot {
        shipment_id: shipment(),
        state,
        accepted: Vec::new(),
        command_topic_id: "t".into(),
        command_offset: 4,
    }
}

pub(crate) fn reply() -> CommandReply {
    CommandReply {
        command_id: CommandId::new(Uuid::from_u128(9)),
        shipment_id: shipment(),
        decided_at: Timestamp::from_millis(1_772_409_600_000),
        outcome: Outcome::Rejected(Rejected {
            code: "PT-1004".into(),
            text: "no".into(),
            version: Sequence::NONE,
        }),
    }
}

/// The record of this value, as its writer makes it, and with a header of somebody's own.
pub(crate) fn record<T: Serialize>(topic: TopicName, key: &str, body: &str, value: &T) -> Received {
    let (id, contract) = contract_of(topic);
    let mut bytes = Vec::new();
    Encoder::new(contract.clone(), id).encode(value, &mut bytes).unwrap();
    let headers = Headers::new()
        .with(CE_TYPE, format!("org.parceltrack.shipment.{body}.v1"))
        .with(CE_SUBJECT, shipment().to_string())
        .with(PT_SCHEMA, contract.stamp())
        .with(TRACEPARENT, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        .with("x-customer-name", ADA);
    raw(topic, key, bytes, headers)
}

pub(crate) fn raw(topic: TopicName, key: &str, value: Vec<u8>, headers: Headers) -> Received {
    Received {
        topic: topic.of(&topics()).clone(),
        partition: 2,
        offset: 40,
        timestamp: Time::Appended(1_772_409_600_000),
        key: Some(key.to_owned().into()),
        value: Some(value.into()),
        headers,
    }
}

fn contract_of(topic: TopicName) -> (u32, std::sync::Arc<Contract>) {
    match topic {
        TopicName::Commands => (1, contract::command()),
        TopicName::Events => (2, contract::event()),
        TopicName::Snapshots => (3, contract::snapshot()),
        _ => (4, contract::reply()),
    }
}
