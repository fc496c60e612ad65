//! Confluent's wire format: a zero byte, the schema's id in the registry (32 bits, big-endian), the Avro datum.

use crate::Error;

const MAGIC: u8 = 0;

/// How many bytes stand before the datum.
pub const HEADER_LEN: usize = 5;

/// The id of the schema a framed value was written with.
///
/// # Errors
/// [`Error::NotFramed`] when the bytes don't begin with that frame.
pub fn schema_id(bytes: &[u8]) -> Result<u32, Error> {
    split(bytes).map(|(id, _)| id)
}

pub(crate) fn split(bytes: &[u8]) -> Result<(u32, &[u8]), Error> {
    match bytes {
        [MAGIC, a, b, c, d, datum @ ..] => Ok((u32::from_be_bytes([*a, *b, *c, *d]), datum)),
        _ => Err(Error::NotFramed { length: bytes.len(), first: bytes.first().copied() }),
    }
}

pub(crate) fn begin(id: u32, buffer: &mut Vec<u8>) {
    buffer.push(MAGIC);
    buffer.extend_from_slice(&id.to_be_bytes());
}
