//! Event producers: files of carriers' scans, and a simulator of a carrier network.
//!
//! | to do | take |
//! |---|---|
//! | read histories from JSON lines or CSV | [`source`] |
//! | read one history: times, places, meanings | [`history::History`] |
//! | say what codes and words mean | [`mapping::Mapping`] |
//! | feed files into the commands topic | [`feed::feed`] |
//! | play a carrier network | [`simulate::simulate`] |
//! | show either of them at work | [`progress`] |
//!
//! Reading is pure, but for [`source`]: no clock, no network. Everything that names something (shipments, commands) comes
//! out the same at every run, so that feeding again doubles nothing.
#![forbid(unsafe_code)]

mod commands;
pub mod feed;
pub mod history;
pub mod identity;
pub mod mapping;
pub mod place;
mod posting;
pub mod progress;
mod raw;
mod registration;
mod rejects;
pub mod simulate;
pub mod source;
pub mod synthetic;
mod tally;
pub mod time;

pub use raw::{RawHistory, RawScan};
pub use tally::{Fate, Tally};
