//! event-log against a real Kafka: `PARCELTRACK_KAFKA` says where.

mod browse;
mod cluster;
mod groups;
mod ledger;
mod offsets;
mod producers;
mod readers;
mod streams;
mod throughput;
mod topics;
mod transactions;
