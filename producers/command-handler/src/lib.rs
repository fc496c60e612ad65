//! Commands in; events, snapshots and replies out, in one transaction.
//!
//! | file | what |
//! |---|---|
//! | [`batch`] | the pure core: records in, records out |
//! | [`store`] | the state on disk, a cache of the snapshots topic |
//! | `restore` | taking partitions over, in five steps |
//! | `worker` | the loop: poll, decide, write, commit, remember |
//! | [`handler`], [`run`] | several workers, their health, their end |
//! | [`watch`] | how tests see the order of things |
#![forbid(unsafe_code)]

pub mod batch;
mod clock;
mod error;
pub mod handler;
mod lag;
pub mod metrics;
#[cfg(feature = "planted-bugs")]
mod planted;
mod progress;
mod restore;
mod role;
pub mod schemas;
mod standing;
pub mod store;
pub mod watch;
mod worker;

pub use error::Error;
pub use handler::Handler;
pub use role::run;
