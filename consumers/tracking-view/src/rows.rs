use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use shipment_events::{
    CommandId, CustomerId, Date, EventId, Grams, Location, Party, Place, Revision, ScanTime, Sequence,
    ShipmentId, Status, Timestamp,
};

use crate::{Column, PhoneHash, Value};

/// A shipment as its row tells it. Columns that weren't read, or never written, are `None`.
#[derive(Clone, PartialEq, Debug)]
pub struct ShipmentRow {
    /// The shipment.
    pub shipment_id: ShipmentId,
    /// The sequence of the last event in the row.
    pub version: Sequence,
    /// Where it stands.
    pub status: Option<Status>,
    /// Since when.
    pub status_since: Option<Timestamp>,
    /// The scan that put it there; `None` too when the status came back to an older scan because a later one was
    /// retracted: history knows that one.
    pub deciding_scan: Option<DecidingScan>,
    /// The last event.
    pub last_event: Option<LastEvent>,
    /// When it was registered. A row without it must read as not found: all that is known are scans.
    pub registered_at: Option<Timestamp>,
    /// When it was called off.
    pub cancelled_at: Option<Timestamp>,
    /// Why.
    pub cancel_reason: Option<String>,
    /// When it was put into the archive.
    pub archived_at: Option<Timestamp>,
    /// Why.
    pub archive_reason: Option<String>,
    /// The shop's customer.
    pub customer_id: Option<CustomerId>,
    /// The carrier's short name.
    pub carrier: Option<String>,
    /// The carrier's number.
    pub tracking_number: Option<String>,
    /// The shop's reference.
    pub customer_reference: Option<String>,
    /// What it weighs.
    pub weight_grams: Option<Grams>,
    /// The day promised.
    pub promised_delivery: Option<Date>,
    /// Where it starts.
    pub origin: Option<Location>,
    /// Where it goes.
    pub destination: Option<Location>,
    /// The keyed hash of the recipient's telephone.
    pub recipient_phone_hash: Option<PhoneHash>,
    /// Who sends it. Personal: not read for the public view.
    pub sender: Option<Party>,
    /// Who gets it. Personal: not read for the public view.
    pub recipient: Option<Party>,
    /// The events that couldn't be projected, and since when.
    pub parked: BTreeMap<Sequence, Timestamp>,
}

/// The last event of a shipment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LastEvent {
    /// Its id.
    pub event_id: EventId,
    /// Its type's name.
    pub event_type: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was written down.
    pub recorded_at: Timestamp,
}

/// What a row keeps of the scan behind its status. Nothing in it is personal.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct DecidingScan {
    /// The `ScanRecorded` event.
    pub event_id: EventId,
    /// What it said.
    pub status: Status,
    /// The time that orders it.
    pub at: Timestamp,
    /// When, on the carrier's clock.
    pub time: ScanTime,
    /// The carrier's short name.
    pub carrier: String,
    /// Where.
    pub place: Option<Place>,
    /// The carrier's code.
    pub raw_code: Option<String>,
}

/// An event as history keeps it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventRow {
    /// Whose history it belongs to.
    pub shipment_id: ShipmentId,
    /// Its position there.
    pub sequence: Sequence,
    /// Its id.
    pub event_id: EventId,
    /// How often it was rewritten.
    pub revision: Revision,
    /// Its type's name.
    pub event_type: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was written down.
    pub recorded_at: Timestamp,
    /// The command that caused it.
    pub command_id: CommandId,
    /// Who posted that command.
    pub actor: Option<String>,
    /// The status after it.
    pub status_after: Status,
    /// The record's value as it lies in the topic, framing and all.
    pub payload: Vec<u8>,
}

/// A cell doesn't hold what its column says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CorruptCell {
    /// The shipment.
    pub shipment_id: ShipmentId,
    /// The column.
    pub column: Column,
}

impl std::fmt::Display for CorruptCell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (column, id) = (self.column.name(), self.shipment_id);
        write!(f, "cell `{column}` of shipment {id} can't be read; `parceltrack rebuild` writes it anew")
    }
}

impl std::error::Error for CorruptCell {}

impl ShipmentRow {
    /// Reads a row, asking for each cell in turn. `Ok(None)` when there is nothing in it.
    pub fn from_cells(
        shipment_id: ShipmentId,
        cells: impl FnMut(Column) -> Option<Value>,
        parked: BTreeMap<Sequence, Timestamp>,
    ) -> Result<Option<Self>, CorruptCell> {
        let mut cells = Cells { shipment_id, cells };
        let version = cells.big_int(Column::Version)?;
        if version.is_none() && parked.is_empty() {
            return Ok(None);
        }
        let status = cells.status(Column::Status)?;
        let status_since = cells.timestamp(Column::StatusSince)?;
        // Written by each scan that decided at its time; stale once something else decides.
        let deciding_scan: Option<DecidingScan> = cells.json(Column::DecidingScan)?;
        let deciding_scan =
            deciding_scan.filter(|scan| Some(scan.status) == status && Some(scan.at) == status_since);
        Ok(Some(Self {
            shipment_id,
            version: Sequence::new(version.unwrap_or(0)),
            status,
            status_since,
            deciding_scan,
            last_event: cells.last_event()?,
            registered_at: cells.timestamp(Column::RegisteredAt)?,
            cancelled_at: cells.timestamp(Column::CancelledAt)?,
            cancel_reason: cells.text(Column::CancelReason)?,
            archived_at: cells.timestamp(Column::ArchivedAt)?,
            archive_reason: cells.text(Column::ArchiveReason)?,
            customer_id: cells.text(Column::CustomerId)?.map(CustomerId::new),
            carrier: cells.text(Column::Carrier)?,
            tracking_number: cells.text(Column::TrackingNumber)?,
            customer_reference: cells.text(Column::CustomerReference)?,
            weight_grams: cells.big_int(Column::WeightGrams)?.map(Grams::new),
            promised_delivery: cells.date(Column::PromisedDelivery)?,
            origin: cells.json(Column::Origin)?,
            destination: cells.json(Column::Destination)?,
            recipient_phone_hash: cells.phone_hash(Column::RecipientPhoneHash)?,
            sender: cells.json(Column::Sender)?,
            recipient: cells.json(Column::Recipient)?,
            parked,
        }))
    }

    /// Since when the row is incomplete, if it is.
    pub fn parked_since(&self) -> Option<Timestamp> {
        self.parked.values().min().copied()
    }
}

impl EventRow {
    /// Reads a row, asking for each cell in turn.
    pub fn from_cells(
        shipment_id: ShipmentId,
        sequence: Sequence,
        cells: impl FnMut(Column) -> Option<Value>,
    ) -> Result<Self, CorruptCell> {
        let mut cells = Cells { shipment_id, cells };
        let missing = |column| CorruptCell { shipment_id, column };
        Ok(Self {
            shipment_id,
            sequence,
            event_id: cells.uuid(Column::EventId)?.ok_or(missing(Column::EventId))?.into(),
            revision: Revision::new(cells.int(Column::Revision)?.unwrap_or(0)),
            event_type: cells.text(Column::EventType)?.ok_or(missing(Column::EventType))?,
            occurred_at: cells.timestamp(Column::OccurredAt)?.ok_or(missing(Column::OccurredAt))?,
            recorded_at: cells.timestamp(Column::RecordedAt)?.ok_or(missing(Column::RecordedAt))?,
            command_id: cells.uuid(Column::CommandId)?.ok_or(missing(Column::CommandId))?.into(),
            actor: cells.text(Column::Actor)?,
            status_after: cells.status(Column::StatusAfter)?.ok_or(missing(Column::StatusAfter))?,
            payload: cells.blob(Column::Payload)?.ok_or(missing(Column::Payload))?,
        })
    }
}

struct Cells<F> {
    shipment_id: ShipmentId,
    cells: F,
}

macro_rules! read {
    ($($name:ident: $variant:ident -> $ty:ty;)+) => {
        $(fn $name(&mut self, column: Column) -> Result<Option<$ty>, CorruptCell> {
            match (self.cells)(column) {
                None => Ok(None),
                Some(Value::$variant(value)) => Ok(Some(value)),
                Some(_) => Err(self.corrupt(column)),
            }
        })+
    };
}

impl<F: FnMut(Column) -> Option<Value>> Cells<F> {
    read! {
        text: Text -> String;
        big_int: BigInt -> i64;
        int: Int -> i32;
        uuid: Uuid -> uuid::Uuid;
        timestamp: Timestamp -> Timestamp;
        date: Date -> Date;
        blob: Blob -> Vec<u8>;
    }

    fn corrupt(&self, column: Column) -> CorruptCell {
        CorruptCell { shipment_id: self.shipment_id, column }
    }

    fn status(&mut self, column: Column) -> Result<Option<Status>, CorruptCell> {
        self.text(column)?.map(|text| text.parse().map_err(|_| self.corrupt(column))).transpose()
    }

    fn json<T: DeserializeOwned>(&mut self, column: Column) -> Result<Option<T>, CorruptCell> {
        let text = self.text(column)?;
        text.map(|text| serde_json::from_str(&text).map_err(|_| self.corrupt(column))).transpose()
    }

    fn phone_hash(&mut self, column: Column) -> Result<Option<PhoneHash>, CorruptCell> {
        let bytes = self.blob(column)?;
        bytes
            .map(|bytes| bytes.try_into().map(PhoneHash::from_bytes).map_err(|_| self.corrupt(column)))
            .transpose()
    }

    fn last_event(&mut self) -> Result<Option<LastEvent>, CorruptCell> {
        let (Some(event_id), Some(event_type), Some(occurred_at), Some(recorded_at)) = (
            self.uuid(Column::LastEventId)?,
            self.text(Column::LastEventType)?,
            self.timestamp(Column::LastOccurredAt)?,
            self.timestamp(Column::LastRecordedAt)?,
        ) else {
            return Ok(None);
        };
        Ok(Some(LastEvent { event_id: event_id.into(), event_type, occurred_at, recorded_at }))
    }
}
