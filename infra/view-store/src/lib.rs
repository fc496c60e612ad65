//! ScyllaDB (or Cassandra) as ParcelTrack uses it. The only crate that names the driver.
//!
//! * [`ViewStore`]: the connection, the tables (`apply`, `verify`), and which *generation* of them is live.
//! * [`Writer`]: writes what [`tracking_view::merge`] left, to one generation.
//! * [`Reader`]: reads the live generation, whichever that is at the moment.
//! * [`GenerationReader`]: reads one generation, its tables whole too: for who compares it with the log.
//!
//! A generation is a keyspace, `{keyspace}_g{n}`, with a full set of projection tables. The base keyspace holds the row
//! that says which generation is live, and command outcomes, which come from a topic that isn't kept and so can't be
//! rebuilt. Every write to a projection table carries its event's [`tracking_view::Stamp`] as timestamp.
//!
//! Only CQL that ScyllaDB and Cassandra both have is used: no secondary index, no materialized view, no `ALLOW
//! FILTERING`, no lightweight transaction.
#![forbid(unsafe_code)]

mod backoff;
mod bound;
mod cursor;
mod error;
pub mod metrics;
mod of_settings;
mod options;
mod outcomes;
mod query;
mod reader;
mod store;
mod tables;
mod writer;

pub use cursor::{BadCursor, Cursor};
pub use error::{Error, Fault};
pub use options::{CqlOptions, TlsOptions};
pub use query::{DayRange, ListQuery};
pub use reader::{Detail, EntryPage, GenerationReader, Listed, Reader, RowPage, Slice};
pub use store::{Difference, Generations, ViewStore};
pub use writer::{Refused, Writer, Written};
