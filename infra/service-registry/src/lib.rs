//! Who runs where: leases in a compacted topic.
//!
//! ```text
//! Registrar ──a heartbeat each 2.5 s, a tombstone at the end──▶ [registry] ──all of it, then its tail──▶ Directory
//! operator  ──takes out, puts back, under a key of its own─────────▲                          instances, changes, watch
//! ```
//!
//! | to do | take |
//! |---|---|
//! | say that this process is there | [`Registration`], [`Registrar`], [`Presence`] |
//! | know who is there | [`Directory`], [`Instance`], [`Change`] |
//! | write for somebody else, as an operator or for a foreign client | [`Writer`], [`Record`] |
//! | the rules themselves, without Kafka or a clock | [`Book`], [`Moment`] |
//!
//! How fast a dead instance is out, and why, is in [`timing`]; what is never thrown out together, in [`Book`].
#![forbid(unsafe_code)]

mod book;
mod change;
mod directory;
mod error;
mod instance;
mod lease;
pub mod metrics;
mod moment;
mod names;
mod record;
mod registrar;
mod registration;
pub mod timing;
mod writer;

pub use book::Book;
pub use change::Change;
pub use directory::{Directory, Outlook};
pub use error::Error;
pub use instance::Instance;
pub use lease::{Lease, Override, Scheme, Status, TTL_MS, metadata};
pub use moment::Moment;
pub use names::{Address, InstanceId, InstanceName, ServiceName};
pub use record::Record;
pub use registrar::{Presence, Registrar};
pub use registration::Registration;
pub use writer::Writer;
