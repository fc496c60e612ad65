//! A live system held against itself: the log, the snapshots, the tables.
//!
//! The events are the truth. [`Verifier::run`] reads them, and everything that is made of them, and tells what isn't as it
//! must be ([`Finding`], [`Kind`]); with [`Options::repair`] it writes rows anew from the log and looks again. It only reads
//! otherwise, takes no lock and stops nobody.
//!
//! Its parts:
//!
//! * `compare`: what must be so, given what was read. Pure, and all that decides.
//! * `sweep`: the first look, partition by partition: log, snapshots, rows, histories.
//! * `scan`: the tables from end to end: where shipments are listed, and what belongs to nobody.
//! * `second_look`: what seemed wrong, again, with what came meanwhile. Only what stands there is told.
//!
//! What it promises: a system that is right is called right, however fast it moves and however far the projector is behind
//! (that is told as lag). How, is said in `compare` and in ADR 15.
//!
//! What it holds in memory: one partition's events and snapshots as they lie in the topic, a few thousand shipments that
//! are looked at again, and 45 bytes for each shipment of the log.
#![forbid(unsafe_code)]

mod compare;
mod ends;
mod error;
mod finding;
mod gather;
mod intake;
mod known;
mod options;
mod progress;
mod repair;
mod scan;
mod second_look;
mod set_up;
mod summary;
mod sweep;
mod tables;
mod verifier;

pub use error::Error;
pub use finding::{Area, Finding, Kind};
pub use options::Options;
pub use progress::{Progress, Stage};
pub use summary::{DeadLettersWaiting, Lag, Summary};
pub use verifier::{Told, Verifier};
