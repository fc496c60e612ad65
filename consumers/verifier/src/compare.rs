//! What must be so, given what was read. Pure: no I/O, no clock.
//!
//! All of it takes the log as the truth. A system that moves isn't stopped for a look at it, so each comparison is *at a
//! version*: a snapshot or row of version *v* is held against the first *v* events, whatever came after. That holds if the
//! log was read after it. Whether *v* is recent enough is another question, and its answer is an offset: what lies before
//! it, the reader of the log has dealt with, so *v* must have it ([`History::due`]).

pub(crate) mod entries;
pub(crate) mod event_rows;
pub(crate) mod history;
pub(crate) mod log;
pub(crate) mod row;
pub(crate) mod snapshot;

#[cfg(test)]
mod tests;

pub(crate) use history::{EventRecord, History, Unreadable};
