//! The shipment as its events tell it: ids, value objects, events, [`evolve`] and the status function.
//!
//! This crate is pure: no I/O, no clock, no randomness. What it promises:
//!
//! * [`evolve`] is total. Whatever history says, folding it gives a state; history can't be refused.
//! * The status of a shipment is a function of the *set* of its un-retracted scans and requests
//!   (see [`status_of`]), so the order in which scans arrive never matters. [`why`] says in words which of them decides.
//! * The serde form of every type here is its Avro form (`schemas/avro/*.avsc`); `event-codec` turns it into bytes.
#![forbid(unsafe_code)]

mod event;
mod evolve;
mod ids;
mod reply;
mod snapshot;
mod standing;
mod status;
mod time;
mod uuid_bytes;
mod values;
mod why;

pub use event::{
    Amendment, Archival, Cancellation, EventBody, ListKeys, Registration, Retraction, Scan, ScanRecorded,
    ShipmentEvent,
};
pub use evolve::{Recorded, Shipment, evolve, fold};
pub use ids::{CommandId, CustomerId, EventId, Revision, Sequence, ShipmentId};
pub use reply::{Accepted, CommandReply, Outcome, Rejected};
pub use snapshot::{AcceptedCommand, ScanMark, ShipmentSnapshot};
pub use standing::{FUTURE_TOLERANCE_MS, Standing, effective_time, is_from_the_future, status_of};
pub use status::{Class, Status, UnknownStatus};
pub use time::{Date, ScanTime, Timestamp};
pub use values::{Address, Grams, Location, Party, Phone, Place};
pub use why::{Claim, Sentence, Speaker, Verdict, Why, Word, why};
