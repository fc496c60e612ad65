//! Commands, the rules that refuse them, and [`decide()`].
//!
//! Pure: no I/O, no clock, no randomness. Time and ids come in with the command and the append time of its record, so
//! that a command decided again gives the same events. What the shell calls is [`decide_once`], which also recognises
//! repeats; what a sender may call before posting is [`check()`].
#![forbid(unsafe_code)]

mod canonical;
mod check;
mod command;
mod country;
mod decide;
mod field_fault;
mod fingerprint;
pub mod limits;
mod natural_id;
mod once;
mod rejection;
mod rule;
mod tracking_number;

pub use check::check;
pub use command::{
    AmendShipment, ArchiveShipment, CancelShipment, CommandBody, RecordScan, RegisterShipment, RetractScan,
    ShipmentCommand,
};
pub use decide::{Decision, decide};
pub use field_fault::{FieldFault, Why};
pub use fingerprint::fingerprint;
pub use natural_id::natural_id;
pub use once::{CommandPosition, Decided, decide_once, is_decided};
pub use rejection::Rejection;
pub use rule::Rule;
