//! The command handler: its pure core without a broker, and the whole of it against real Kafka.
//!
//! The tests of the second kind take `PARCELTRACK_KAFKA` (default 127.0.0.1:9092), and make topics, groups and folders
//! of their own.

mod batch;
mod commands;
mod driver;
mod store;
mod world;

mod assignment;
mod children;
mod faults;
mod handover;
mod load;
mod rebalance;
mod refuse;
mod versions;
