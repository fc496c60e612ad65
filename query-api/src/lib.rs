//! The read side over HTTP: shipments, histories, lists, command outcomes, public tracking, live updates.
//!
//! Rows come from the database only. The events topic's tail merely wakes whoever waits for a newer row.
#![forbid(unsafe_code)]

mod endpoints;
mod error;
mod history;
mod live;
mod metrics;
mod openapi;
mod serve;
mod state;
mod version;
pub mod view;

pub use error::Error;
pub use serve::run;
