//! Real Kafka, a real CQL database and a real schema registry as child processes, without Docker.
//!
//! [`Stack::start`] fetches the packages with Maven (once, into a cache), renders the configuration of
//! each component below the data folder, starts them on loopback and waits until each answers its own
//! protocol. Nothing is left behind: the components die with the process that started them.

#![forbid(unsafe_code)]

mod cassandra;
pub mod cli;
mod component;
mod endpoints;
mod error;
mod java;
mod kafka;
mod kafka_wire;
mod packages;
pub mod ports;
pub mod process;
mod progress;
mod registry;
mod security;
mod settings;
mod stack;
mod state;
mod tls;
mod watch;

pub use component::{ComponentStatus, Name, State};
pub use endpoints::Endpoints;
pub use error::Error;
pub use packages::{cache_dir, versions};
pub use progress::{Progress, Step, silent, terminal};
pub use security::Security;
pub use settings::{Part, ProxiedPort, StackSettings};
pub use stack::{Coordinates, Exit, Stack};
pub use state::{Occupant, occupant};
