use scylla::cluster::metadata::ColumnType;
use scylla::serialize::SerializationError;
use scylla::serialize::value::SerializeValue;
use scylla::serialize::writers::{CellWriter, WrittenCellProof};
use scylla::value::{CqlDate, CqlTimestamp, CqlValue};
use shipment_events::{Date, Timestamp};
use tracking_view::Value;
use uuid::Uuid;

/// A value bound to a marker, borrowed from the write it comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound<'a> {
    /// The cell stays as it is: no write, no tombstone.
    Unset,
    Null,
    Text(&'a str),
    BigInt(i64),
    Int(i32),
    Uuid(Uuid),
    Timestamp(Timestamp),
    Date(Date),
    Blob(&'a [u8]),
}

impl<'a> From<&'a Value> for Bound<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Text(text) => Self::Text(text),
            Value::BigInt(n) => Self::BigInt(*n),
            Value::Int(n) => Self::Int(*n),
            Value::Uuid(uuid) => Self::Uuid(*uuid),
            Value::Timestamp(at) => Self::Timestamp(*at),
            Value::Date(day) => Self::Date(*day),
            Value::Blob(bytes) => Self::Blob(bytes),
        }
    }
}

impl SerializeValue for Bound<'_> {
    fn serialize<'b>(
        &self,
        typ: &ColumnType<'_>,
        writer: CellWriter<'b>,
    ) -> Result<WrittenCellProof<'b>, SerializationError> {
        match self {
            Self::Unset => Ok(writer.set_unset()),
            Self::Null => Ok(writer.set_null()),
            Self::Text(text) => text.serialize(typ, writer),
            Self::BigInt(n) => n.serialize(typ, writer),
            Self::Int(n) => n.serialize(typ, writer),
            Self::Uuid(uuid) => uuid.serialize(typ, writer),
            Self::Timestamp(at) => CqlTimestamp(at.as_millis()).serialize(typ, writer),
            Self::Date(day) => cql_date(*day).serialize(typ, writer),
            Self::Blob(bytes) => bytes.serialize(typ, writer),
        }
    }
}

/// CQL counts days from 2^31 before the epoch.
fn cql_date(day: Date) -> CqlDate {
    CqlDate(day.as_days() as u32 ^ 0x8000_0000)
}

/// A value as it was read; `None` for types that our tables don't have.
pub(crate) fn read(value: CqlValue) -> Option<Value> {
    Some(match value {
        CqlValue::Text(text) | CqlValue::Ascii(text) => Value::Text(text),
        CqlValue::BigInt(n) => Value::BigInt(n),
        CqlValue::Int(n) => Value::Int(n),
        CqlValue::Uuid(uuid) => Value::Uuid(uuid),
        CqlValue::Timestamp(at) => Value::Timestamp(Timestamp::from_millis(at.0)),
        CqlValue::Date(day) => Value::Date(Date::from_days((day.0 ^ 0x8000_0000) as i32)),
        CqlValue::Blob(bytes) => Value::Blob(bytes),
        _ => return None,
    })
}
