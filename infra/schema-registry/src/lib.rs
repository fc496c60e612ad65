//! The schema registry, by Confluent's API: check, register, look up, restore.
//!
//! * [`Registry`]: the client. What fails in passing (the registry restarts, the network blinks) it tries again, for as
//!   long as its patience lasts.
//! * [`Registry::check`] says whether our contracts may be registered, and if not, which field is in the way;
//!   [`Registry::apply`] registers them, before anything is written.
//! * [`Codecs`]: what a role needs to encode and decode. Ids and schemas once seen are kept, so that a running role
//!   asks the registry only when it meets a writer it has never met.
//! * [`Registry::restore`] rebuilds an empty registry with the ids that the topics use.
#![forbid(unsafe_code)]

mod absent;
mod apply;
mod auth;
mod check;
mod client;
mod codecs;
mod contracts;
mod error;
mod of_settings;
mod registry;
mod restore;

pub use auth::Auth;
pub use check::{Finding, Report, Verdict};
pub use codecs::{Codecs, FetchSchema};
pub use contracts::{Contracts, Ids};
pub use error::Error;
pub use registry::{Registered, Registry};
pub use restore::{Restored, UsedSchema};
