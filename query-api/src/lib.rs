//! The read side over HTTP: shipments, histories, lists, command outcomes, public tracking, live updates.
//!
//! Rows come from the database only. The events topic's tail merely wakes whoever waits for a newer row.
#![forbid(unsafe_code)]

mod database;
mod endpoints;
mod error;
mod history;
mod live;
pub mod metrics;
mod openapi;
mod page;
mod schemas;
mod serve;
mod sight;
mod state;
mod version;
pub mod view;
mod views;

pub use endpoints::{page_away, page_file};
pub use error::Error;
pub use openapi::document as openapi;
pub use serve::{QueryApi, run};
