//! The Avro contract: schemas, framing, headers, and the way from bytes to records and back. No network.
//!
//! * [`contract`]: the four subjects and their schemas, assembled from `schemas/avro/*.avsc`.
//! * [`Encoder`] and [`Decoder`]: records to framed bytes and back. Any writer's schema decodes, as long as it is known
//!   under its id; what a newer writer added is ignored, what an older one lacked is filled in by serde's defaults.
//! * [`headers`]: CloudEvents, trace context and our own headers of a record.
//! * [`evolution`]: whether a schema may follow another, and if not, which field stands in the way.
//!
//! What it promises: whatever the bytes are, decoding returns, with a value or with an [`Error`] that says what is
//! wrong; it never panics and never allocates more than a small multiple of the bytes it was given.
#![forbid(unsafe_code)]

pub mod contract;
mod decoder;
mod encoder;
mod error;
pub mod evolution;
mod frame;
pub mod headers;
mod writers;

pub use contract::Contract;
pub use decoder::Decoder;
pub use encoder::Encoder;
pub use error::Error;
pub use frame::{HEADER_LEN, schema_id};
pub use headers::{CloudEvent, Headers, ReadHeaders};
pub use writers::WriterSchemas;
