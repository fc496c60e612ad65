//! The whole system as its users meet it: the binary's roles as processes, against the real services that
//! `PARCELTRACK_KAFKA`, `PARCELTRACK_CQL` and `PARCELTRACK_REGISTRY` name (`make test` starts them).

mod callers;
mod config;
mod console;
mod console_data;
mod discovery;
mod documents;
mod feeding;
mod fences;
mod foreign_clients;
mod killed;
mod metrics;
mod otlp_receiver;
mod outages;
mod readme;
mod secured;
mod security;
mod spring;
mod supervisor;
mod system;
mod traces;
mod verify;
mod watched;
