//! UUIDs as their sixteen bytes, for `#[serde(with = …)]`: less than half of their text. Snapshots hold two for each
//! scan and are rewritten with each command.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};
use uuid::Uuid;

pub(crate) fn serialize<T, S>(id: &T, serializer: S) -> Result<S::Ok, S::Error>
where
    T: Copy + Into<Uuid>,
    S: Serializer,
{
    let uuid: Uuid = (*id).into();
    serializer.serialize_bytes(uuid.as_bytes())
}

pub(crate) fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: From<Uuid>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_bytes(SixteenBytes).map(T::from)
}

struct SixteenBytes;

impl Visitor<'_> for SixteenBytes {
    type Value = Uuid;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the sixteen bytes of a UUID")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Uuid, E> {
        Uuid::from_slice(bytes).map_err(|_| E::invalid_length(bytes.len(), &self))
    }
}
