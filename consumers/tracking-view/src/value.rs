use std::cmp::Ordering;

use shipment_events::{Date, Timestamp};
use uuid::Uuid;

/// What a cell can hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    /// CQL `text`.
    Text(String),
    /// CQL `bigint`.
    BigInt(i64),
    /// CQL `int`.
    Int(i32),
    /// CQL `uuid`.
    Uuid(Uuid),
    /// CQL `timestamp`.
    Timestamp(Timestamp),
    /// CQL `date`.
    Date(Date),
    /// CQL `blob`.
    Blob(Vec<u8>),
}

impl Value {
    /// The order in which the database breaks a tie between two values under one timestamp: by their bytes, unsigned.
    pub fn tie_order(&self, other: &Self) -> Ordering {
        self.wire_bytes().cmp(&other.wire_bytes())
    }

    /// How many bytes it takes on the wire.
    pub fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Blob(bytes) => bytes.len(),
            Self::Uuid(_) => 16,
            Self::BigInt(_) | Self::Timestamp(_) => 8,
            Self::Int(_) | Self::Date(_) => 4,
        }
    }

    fn wire_bytes(&self) -> std::borrow::Cow<'_, [u8]> {
        match self {
            Self::Text(text) => text.as_bytes().into(),
            Self::Blob(bytes) => bytes.into(),
            Self::BigInt(n) => n.to_be_bytes().to_vec().into(),
            Self::Int(n) => n.to_be_bytes().to_vec().into(),
            Self::Uuid(uuid) => uuid.as_bytes().as_slice().into(),
            Self::Timestamp(at) => at.as_millis().to_be_bytes().to_vec().into(),
            // A CQL date counts from the middle of its range, so that it is unsigned.
            Self::Date(day) => (day.as_days() as u32 ^ 0x8000_0000).to_be_bytes().to_vec().into(),
        }
    }
}
