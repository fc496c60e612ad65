//! The tracking views as cell writes. Pure: no I/O, no clock, and no database is named here.
//!
//! A projection is a *set* of cell writes, each under the [`Stamp`] `sequence << 16 | revision` of its event. The
//! database keeps, of each cell, the write with the highest stamp; so any order, any repeat and any cutting into
//! batches of the same events leaves the same rows. What follows from that:
//!
//! * [`Projection::project`] sees one event and nothing else: it never needs to know what is stored.
//! * A value the event doesn't speak of is *absent* from its writes. `None` in a write is a deletion, and stands only
//!   where the event says that a value went away.
//! * Lists hold keys and the shipment's id, nothing else. What is listed under a key that the row no longer has is a
//!   ghost; [`ListEntry::describes`] tells, and readers drop it. A ghost costs a read and never a wrong answer, so
//!   lists need no tombstone that outlives a late write.
//! * Of a shipment's writes, list entries and history go first, the row with its version after them, and deletions of
//!   old list entries last ([`ShipmentWrites`]): who sees a version sees all that belongs to it.
//!
//! [`ModelStore`] is the database's rule in a few lines, for tests.
#![forbid(unsafe_code)]

mod column;
mod entries;
mod expected;
mod key;
mod merge;
mod model;
mod phone;
mod project;
mod project_row;
mod reply;
mod rows;
mod stamp;
mod value;
mod write;

pub use column::Column;
pub use entries::{entries_of, normal_tracking_number, shard_of};
pub use expected::expected_row;
pub use key::{Bucket, List, ListEntry, Month, RowKey, SHARDS};
pub use merge::{ShipmentWrites, Statement, merge};
pub use model::ModelStore;
pub use phone::{PhoneHash, PhoneKey};
pub use project::{FORM, Projection};
pub use reply::{OUTCOME_LIFE, OutcomeWrite, project_reply};
pub use rows::{CorruptCell, DecidingScan, EventRow, LastEvent, ShipmentRow};
pub use stamp::Stamp;
pub use value::Value;
pub use write::{CellWrite, Change, parked, unparked};
