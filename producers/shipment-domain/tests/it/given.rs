//! Short words for commands and for a shipment that has been given some.

use shipment_domain::{
    AmendShipment, ArchiveShipment, CancelShipment, CommandBody, CommandPosition, Decided, RecordScan,
    RegisterShipment, RetractScan, ShipmentCommand, decide_once,
};
use shipment_events::{
    Accepted, Address, CommandId, EventId, Location, Outcome, Party, Phone, Scan, ScanTime, Sequence,
    Shipment, ShipmentEvent, ShipmentId, ShipmentSnapshot, Status, Timestamp,
};
use uuid::Uuid;

/// 2026-03-02T00:00:00Z, a Monday.
const MONDAY: i64 = 1_772_409_600_000;

/// So many hours after Monday 00:00 UTC.
pub(crate) fn hour(n: i64) -> Timestamp {
    Timestamp::from_millis(MONDAY + n * 3_600_000)
}

pub(crate) fn shipment_id() -> ShipmentId {
    ShipmentId::new(Uuid::from_u128(0xA11CE))
}

pub(crate) fn command_id(n: u128) -> CommandId {
    CommandId::new(Uuid::from_u128(n))
}

/// The event of the command with this number.
pub(crate) fn event_of(n: u128) -> EventId {
    EventId::of_command(command_id(n), 0)
}

/// The command with this number, issued at hour 0.
pub(crate) fn command(n: u128, body: CommandBody) -> ShipmentCommand {
    ShipmentCommand {
        command_id: command_id(n),
        shipment_id: shipment_id(),
        expected_version: None,
        issued_at: hour(0),
        actor: None,
        customers: None,
        body,
    }
}

pub(crate) fn expecting(version: i64, command: ShipmentCommand) -> ShipmentCommand {
    ShipmentCommand { expected_version: Some(Sequence::new(version)), ..command }
}

pub(crate) fn registration() -> RegisterShipment {
    let address = Address {
        street: "Hauptstr. 1".into(),
        city: "Bonn".into(),
        country: "DE".into(),
        ..Address::default()
    };
    RegisterShipment {
        customer_id: "shop-1".into(),
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
        weight_grams: 1_200,
        promised_delivery: None,
        customer_reference: None,
        carrier: Some("dhl".into()),
        tracking_number: Some("RC295935219DE".into()),
    }
}

pub(crate) fn register() -> CommandBody {
    CommandBody::RegisterShipment(registration())
}

/// An amendment that any registration takes.
pub(crate) fn amend() -> CommandBody {
    amend_with(AmendShipment { weight_grams: Some(900), ..AmendShipment::default() })
}

pub(crate) fn amend_with(changes: AmendShipment) -> CommandBody {
    CommandBody::AmendShipment(changes)
}

pub(crate) fn scan_of(status: Status, at: Timestamp) -> Scan {
    Scan {
        time: ScanTime::utc(at),
        status,
        place: None,
        carrier: "dhl".into(),
        tracking_number: None,
        raw_code: None,
        raw_text: None,
        carrier_scan_id: None,
        signed_by: None,
    }
}

pub(crate) fn scan(status: Status, at_hour: i64) -> CommandBody {
    CommandBody::RecordScan(RecordScan { scan: scan_of(status, hour(at_hour)) })
}

/// Takes back the scan that the command with this number brought.
pub(crate) fn retract(n: u128) -> CommandBody {
    CommandBody::RetractScan(RetractScan { scan_event_id: event_of(n), reason: None })
}

pub(crate) fn cancel() -> CommandBody {
    CommandBody::CancelShipment(CancelShipment::default())
}

pub(crate) fn archive() -> CommandBody {
    CommandBody::ArchiveShipment(ArchiveShipment::default())
}

/// One shipment and all that was written of it, as the handler keeps it: each command's record is appended an hour after
/// the one before.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) snapshot: Option<ShipmentSnapshot>,
    pub(crate) log: Vec<ShipmentEvent>,
    records: i64,
}

impl World {
    /// A shipment that these commands, numbered from 1, have made. All must be accepted.
    pub(crate) fn given(bodies: impl IntoIterator<Item = CommandBody>) -> Self {
        let mut world = Self::default();
        for (n, body) in (1..).zip(bodies) {
            let decided = world.when(&command(n, body));
            assert!(matches!(decided.outcome, Outcome::Accepted(_)), "command {n}: {:?}", decided.outcome);
        }
        world
    }

    /// Decides a command, and keeps what comes of it.
    pub(crate) fn when(&mut self, command: &ShipmentCommand) -> Decided {
        self.records += 1;
        let decided = decide_once(self.snapshot.as_ref(), command, &position(self.records));
        if let Some(snapshot) = &decided.snapshot {
            self.snapshot = Some(snapshot.clone());
        }
        self.log.extend(decided.events.iter().cloned());
        decided
    }

    pub(crate) fn state(&self) -> Shipment {
        self.snapshot.as_ref().map(|s| s.state.clone()).unwrap_or_default()
    }
}

/// The record with this offset, appended at that hour.
pub(crate) fn position(offset: i64) -> CommandPosition<'static> {
    CommandPosition { topic_id: "topic", partition: 3, offset, appended_at: hour(offset) }
}

/// The code of the rule that refused, or `accepted`.
pub(crate) fn verdict(decided: &Decided) -> &str {
    match &decided.outcome {
        Outcome::Accepted(_) => "accepted",
        Outcome::Rejected(rejected) => &rejected.code,
    }
}

pub(crate) fn accepted(version: i64, events: i32) -> Outcome {
    Outcome::Accepted(Accepted { version: Sequence::new(version), partition: 3, events })
}
