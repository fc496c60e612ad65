//! The events: past facts, as they lie in the events topic.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    CommandId, CustomerId, Date, EventId, Grams, Location, Party, Phone, Place, Revision, ScanTime, Sequence,
    ShipmentId, Status, Timestamp,
};

/// One fact in the life of a shipment, with what a projection needs to write its views without reading them first.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ShipmentEvent {
    /// UUIDv5 of the command's id and the event's position among that command's events.
    pub event_id: EventId,
    /// Whose history this belongs to.
    pub shipment_id: ShipmentId,
    /// Position in that history, from 1, without gaps.
    pub sequence: Sequence,
    /// How often this event was rewritten in place.
    pub revision: Revision,
    /// When it happened: the scan's time, or for a request the time the command was issued.
    pub occurred_at: Timestamp,
    /// When it was written down: the later of the shipment's previous event and the command's append time.
    pub recorded_at: Timestamp,
    /// The command that caused it.
    pub command_id: CommandId,
    /// Who posted that command, as the command says it.
    pub actor: Option<String>,
    /// The status before; `None` for the first event.
    pub status_before: Option<Status>,
    /// The status after.
    pub status_after: Status,
    /// Since when it has the status after.
    pub status_since: Timestamp,
    /// What lists are keyed on, before; given only where it differs from `keys`.
    pub keys_before: Option<ListKeys>,
    /// What lists are keyed on, after; `None` while the shipment isn't registered.
    pub keys: Option<ListKeys>,
    /// What happened.
    pub body: EventBody,
}

impl ShipmentEvent {
    /// The record key in the events topic: `shipment-id#sequence`, so that compaction keeps every event.
    pub fn key(&self) -> String {
        format!("{}#{}", self.shipment_id, self.sequence)
    }
}

/// What the list views are keyed on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ListKeys {
    /// The shop's customer.
    pub customer_id: CustomerId,
    /// The recipient's telephone. Personal: views keep a keyed hash of it.
    pub recipient_phone: Option<Phone>,
    /// The carrier's short name.
    pub carrier: Option<String>,
    /// The carrier's number for it.
    pub tracking_number: Option<String>,
    /// When it was registered; never changes.
    pub registered_at: Timestamp,
}

/// What happened.
///
/// A variant's name is its Avro record's; the alias is the record's full name, by which readers may be told it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum EventBody {
    /// The shop registered a shipment.
    #[serde(alias = "parceltrack.shipment.ShipmentRegistered")]
    ShipmentRegistered(Registration),
    /// The shop changed its data.
    #[serde(alias = "parceltrack.shipment.ShipmentAmended")]
    ShipmentAmended(Amendment),
    /// The carrier reported a scan.
    #[serde(alias = "parceltrack.shipment.ScanRecorded")]
    ScanRecorded(ScanRecorded),
    /// A scan was taken back.
    #[serde(alias = "parceltrack.shipment.ScanRetracted")]
    ScanRetracted(Retraction),
    /// The shop called it off.
    #[serde(alias = "parceltrack.shipment.ShipmentCancelled")]
    ShipmentCancelled(Cancellation),
    /// It was put into the archive.
    #[serde(alias = "parceltrack.shipment.ShipmentArchived")]
    ShipmentArchived(Archival),
}

impl EventBody {
    /// The event's type name, which is also its record's name in the schema.
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::ShipmentRegistered(_) => "ShipmentRegistered",
            Self::ShipmentAmended(_) => "ShipmentAmended",
            Self::ScanRecorded(_) => "ScanRecorded",
            Self::ScanRetracted(_) => "ScanRetracted",
            Self::ShipmentCancelled(_) => "ShipmentCancelled",
            Self::ShipmentArchived(_) => "ShipmentArchived",
        }
    }
}

/// What the shop says of a shipment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Registration {
    /// Whose shipment it is.
    pub customer_id: CustomerId,
    /// Who sends it.
    pub sender: Party,
    /// Who gets it.
    pub recipient: Party,
    /// Where it starts.
    pub origin: Option<Location>,
    /// Where it goes.
    pub destination: Location,
    /// What it weighs.
    pub weight_grams: Grams,
    /// The day promised to the recipient.
    pub promised_delivery: Option<Date>,
    /// The shop's own reference.
    pub customer_reference: Option<String>,
    /// The carrier's short name.
    pub carrier: Option<String>,
    /// The carrier's number for it.
    pub tracking_number: Option<String>,
}

/// What the shop changed: `None` leaves a field as it was.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Amendment {
    /// Who sends it.
    pub sender: Option<Party>,
    /// Who gets it.
    pub recipient: Option<Party>,
    /// Where it starts.
    pub origin: Option<Location>,
    /// Where it goes.
    pub destination: Option<Location>,
    /// What it weighs.
    pub weight_grams: Option<Grams>,
    /// The day promised to the recipient.
    pub promised_delivery: Option<Date>,
    /// The shop's own reference.
    pub customer_reference: Option<String>,
    /// The carrier's short name.
    pub carrier: Option<String>,
    /// The carrier's number for it.
    pub tracking_number: Option<String>,
}

/// What a carrier reported.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Scan {
    /// When, on the carrier's clock.
    pub time: ScanTime,
    /// What it means.
    pub status: Status,
    /// Where.
    pub place: Option<Place>,
    /// The carrier's short name.
    pub carrier: String,
    /// The carrier's number for the shipment, as this scan named it.
    pub tracking_number: Option<String>,
    /// The carrier's code, as it came.
    pub raw_code: Option<String>,
    /// The carrier's text, as it came.
    pub raw_text: Option<String>,
    /// The carrier's own id of this scan.
    pub carrier_scan_id: Option<String>,
    /// Who signed. Personal.
    pub signed_by: Option<String>,
}

impl fmt::Debug for Scan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Carriers write names into their texts as well as into `signed_by`: neither is shown.
        f.debug_struct("Scan")
            .field("time", &self.time)
            .field("status", &self.status)
            .field("place", &self.place)
            .field("carrier", &self.carrier)
            .field("tracking_number", &self.tracking_number)
            .field("raw_code", &self.raw_code)
            .field("carrier_scan_id", &self.carrier_scan_id)
            .finish_non_exhaustive()
    }
}

/// A scan as it was written down.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ScanRecorded {
    /// What makes it this scan and no other: the same scan reported again has the same.
    pub natural_id: Uuid,
    /// What the carrier reported.
    pub scan: Scan,
    /// Its time lay more than 24 hours ahead, so it is ordered by the time of its recording.
    pub from_the_future: bool,
}

/// A scan taken back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Retraction {
    /// The `ScanRecorded` event that no longer counts.
    pub scan_event_id: EventId,
    /// Why.
    pub reason: Option<String>,
}

/// A shipment called off.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Cancellation {
    /// Why.
    pub reason: Option<String>,
}

/// A shipment put into the archive.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Archival {
    /// Why.
    pub reason: Option<String>,
}
