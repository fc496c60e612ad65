//! The registry over HTTP: lists and changes for people and programs, targets for Prometheus, Eureka's REST for clients of
//! Netflix's and Spring's.
//!
//! What it shows is its own copy of the registry topic, and what it changes it writes there. It holds nothing else, so any
//! number of instances may run, and none of ours needs one to find another.
#![forbid(unsafe_code)]

mod burial;
mod endpoints;
mod error;
mod eureka;
pub mod metrics;
mod openapi;
mod serve;
mod state;
mod view;

pub use error::Error;
pub use openapi::document as openapi;
pub use serve::{DiscoveryService, run};
