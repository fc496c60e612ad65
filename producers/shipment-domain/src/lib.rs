//! Commands, the rules that refuse them, and `decide`. Pure: no I/O, no clock, no randomness.
#![forbid(unsafe_code)]

mod command;

pub use command::{
    AmendShipment, ArchiveShipment, CancelShipment, CommandBody, RecordScan, RegisterShipment, RetractScan,
    ShipmentCommand,
};
