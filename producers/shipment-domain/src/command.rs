//! The commands: what somebody wants, as it lies in the commands topic. Nothing in them is checked yet.

use serde::{Deserialize, Serialize};
use shipment_events::{CommandId, Date, EventId, Location, Party, Scan, Sequence, ShipmentId, Timestamp};

/// Something somebody wants done to one shipment.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ShipmentCommand {
    /// Names the command: the same one posted again gets the same answer.
    pub command_id: CommandId,
    /// The shipment it is for; also the record's key.
    pub shipment_id: ShipmentId,
    /// The version the shipment must have, if the sender cares.
    pub expected_version: Option<Sequence>,
    /// When it was issued, on the sender's clock.
    pub issued_at: Timestamp,
    /// Who issued it, in the sender's words.
    pub actor: Option<String>,
    /// Whose shipments the sender may touch, by `customer_id`; everybody's, if it isn't said.
    pub customers: Option<Vec<String>>,
    /// What is wanted.
    pub body: CommandBody,
}

impl ShipmentCommand {
    /// The record key in the commands topic: the shipment's id.
    pub fn key(&self) -> String {
        self.shipment_id.to_string()
    }
}

/// What is wanted.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum CommandBody {
    /// Make a shipment known.
    #[serde(alias = "parceltrack.shipment.RegisterShipment")]
    RegisterShipment(RegisterShipment),
    /// Change what the shop said of it.
    #[serde(alias = "parceltrack.shipment.AmendShipment")]
    AmendShipment(AmendShipment),
    /// Report a carrier's scan.
    #[serde(alias = "parceltrack.shipment.RecordScan")]
    RecordScan(RecordScan),
    /// Take a scan back.
    #[serde(alias = "parceltrack.shipment.RetractScan")]
    RetractScan(RetractScan),
    /// Call it off.
    #[serde(alias = "parceltrack.shipment.CancelShipment")]
    CancelShipment(CancelShipment),
    /// Put it into the archive.
    #[serde(alias = "parceltrack.shipment.ArchiveShipment")]
    ArchiveShipment(ArchiveShipment),
}

impl CommandBody {
    /// Every type's name.
    pub const TYPE_NAMES: [&'static str; 6] = [
        "RegisterShipment",
        "AmendShipment",
        "RecordScan",
        "RetractScan",
        "CancelShipment",
        "ArchiveShipment",
    ];

    /// The command's type name, which is also its record's name in the schema.
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::RegisterShipment(_) => "RegisterShipment",
            Self::AmendShipment(_) => "AmendShipment",
            Self::RecordScan(_) => "RecordScan",
            Self::RetractScan(_) => "RetractScan",
            Self::CancelShipment(_) => "CancelShipment",
            Self::ArchiveShipment(_) => "ArchiveShipment",
        }
    }
}

/// Make a shipment known. The fields are those of [`shipment_events::Registration`], not yet checked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RegisterShipment {
    /// Whose shipment it is.
    pub customer_id: String,
    /// Who sends it.
    pub sender: Party,
    /// Who gets it.
    pub recipient: Party,
    /// Where it starts.
    pub origin: Option<Location>,
    /// Where it goes.
    pub destination: Location,
    /// What it weighs, in grams.
    pub weight_grams: i64,
    /// The day promised to the recipient.
    pub promised_delivery: Option<Date>,
    /// The shop's own reference.
    pub customer_reference: Option<String>,
    /// The carrier's short name.
    pub carrier: Option<String>,
    /// The carrier's number for it.
    pub tracking_number: Option<String>,
}

/// Change what the shop said of it: `None` leaves a field as it is.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AmendShipment {
    /// Who sends it.
    pub sender: Option<Party>,
    /// Who gets it.
    pub recipient: Option<Party>,
    /// Where it starts.
    pub origin: Option<Location>,
    /// Where it goes.
    pub destination: Option<Location>,
    /// What it weighs, in grams.
    pub weight_grams: Option<i64>,
    /// The day promised to the recipient.
    pub promised_delivery: Option<Date>,
    /// The shop's own reference.
    pub customer_reference: Option<String>,
    /// The carrier's short name.
    pub carrier: Option<String>,
    /// The carrier's number for it.
    pub tracking_number: Option<String>,
}

/// Report a carrier's scan.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RecordScan {
    /// What the carrier reported.
    pub scan: Scan,
}

/// Take a scan back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RetractScan {
    /// The `ScanRecorded` event.
    pub scan_event_id: EventId,
    /// Why.
    pub reason: Option<String>,
}

/// Call it off.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CancelShipment {
    /// Why.
    pub reason: Option<String>,
}

/// Put it into the archive.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ArchiveShipment {
    /// Why.
    pub reason: Option<String>,
}
