//! Registrars and directories against a real Kafka: `PARCELTRACK_KAFKA` says where (`make test` starts it). Each test has a
//! topic of its own.

mod away;
mod leases;
mod overrides;
mod world;
