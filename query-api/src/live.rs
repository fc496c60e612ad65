//! Live updates: one tail of the events topic wakes, one read a shipment tells all who watch it.

mod hub;
mod tail;

pub(crate) use self::hub::{Hub, Seen, Watching};
pub(crate) use self::tail::follow;
