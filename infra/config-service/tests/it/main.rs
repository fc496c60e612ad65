//! The config service against a real Kafka: `PARCELTRACK_KAFKA` says where.

mod changes;
mod secrets;
mod spring;
mod world;
