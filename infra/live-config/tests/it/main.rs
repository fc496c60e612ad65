//! live-config against a real Kafka: `PARCELTRACK_KAFKA` says where.

mod following;
mod world;
mod writing;
