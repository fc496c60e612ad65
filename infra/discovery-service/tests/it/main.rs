//! The discovery service against a real Kafka: `PARCELTRACK_KAFKA` says where (`make test` starts it). Each test has a
//! registry and a service of its own.

mod answers;
mod changes;
mod eureka;
mod eureka_leases;
mod services;
mod targets;
mod world;
