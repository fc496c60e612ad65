//! The console against a real Kafka, discovery service and config service: `PARCELTRACK_KAFKA` says where Kafka is (`make test`
//! starts it). Each test has topics, services and a console of its own.

mod config;
mod services;
mod signing_in;
mod streams;
mod world;
