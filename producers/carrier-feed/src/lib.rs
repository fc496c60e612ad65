//! Event producers: files of carriers' scans, and a simulator of a carrier network.
#![forbid(unsafe_code)]

pub mod history;
pub mod mapping;
pub mod place;
mod raw;
pub mod time;

pub use raw::{RawHistory, RawScan};
