//! The config topic over HTTP.
//!
//! | file | what |
//! |---|---|
//! | `serve` | the role: binds, follows the topic, serves, ends |
//! | `state` | what every handler has at hand: the history, and the one way to write |
//! | `change` | what a caller wants to be changed, checked and made into edits |
//! | `view` | entries, changes and differences as the answers show them |
//! | `endpoints` | a small file for each group, Spring Cloud Config's read API among them |
//!
//! It keeps nothing: the topic is the state, and several of these may run beside each other.
#![forbid(unsafe_code)]

mod change;
mod endpoints;
mod error;
mod openapi;
mod serve;
mod state;
mod view;

pub use error::Error;
pub use openapi::document as openapi;
pub use serve::{ConfigService, run};
