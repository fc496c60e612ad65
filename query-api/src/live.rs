//! Live updates: one tail of the events topic wakes, one read a shipment tells all who watch it.

mod hub;
mod pushing;
mod recent;
mod tail;
mod watched;

pub(crate) use self::hub::{Hub, Place, Watching};
pub(crate) use self::tail::Tail;
pub(crate) use self::watched::Seen;
