//! A topic of one partition as the state that its records make.

use crate::Received;

/// What the records of a topic make when they are taken one after the other.
pub trait Fold: Default + Clone + Send + Sync + 'static {
    /// Takes the next record. One that can't be read doesn't count, and whoever takes it says so in the log.
    fn take(&mut self, record: &Received);
}
