use shipment_events::{Revision, Sequence, ShipmentId, Timestamp};

use crate::{Column, RowKey, Stamp, Value};

/// One thing to write to one row.
#[derive(Clone, PartialEq, Debug)]
pub struct CellWrite {
    /// The row.
    pub row: RowKey,
    /// The timestamp it must be written with.
    pub stamp: Stamp,
    /// What is written.
    pub change: Change,
}

/// What is written to a row.
#[derive(Clone, PartialEq, Debug)]
pub enum Change {
    /// These cells; `None` deletes one. Cells not named stay as they are.
    Cells(Vec<(Column, Option<Value>)>),
    /// The list entry is there.
    Insert,
    /// The list entry is there no more.
    Delete,
    /// The event with this sequence couldn't be projected since then; `None`: it could, after all.
    Parked(Sequence, Option<Timestamp>),
}

/// Marks a shipment's row as incomplete: the event with this sequence was parked.
pub fn parked(shipment_id: ShipmentId, sequence: Sequence, at: Timestamp) -> CellWrite {
    mark(shipment_id, sequence, Some(at))
}

/// Takes that mark away, once the parked event was projected or given up. It ties with the mark and so wins over it,
/// also over one that is written again later by a repeated delivery.
pub fn unparked(shipment_id: ShipmentId, sequence: Sequence) -> CellWrite {
    mark(shipment_id, sequence, None)
}

fn mark(shipment_id: ShipmentId, sequence: Sequence, since: Option<Timestamp>) -> CellWrite {
    CellWrite {
        row: RowKey::Shipment(shipment_id),
        stamp: Stamp::of(sequence, Revision::FIRST),
        change: Change::Parked(sequence, since),
    }
}
