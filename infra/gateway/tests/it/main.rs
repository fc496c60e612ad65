//! A gateway on loopback before services made for the purpose: no Kafka, no registry.

mod callers;
mod cors;
mod drain;
mod handover;
mod heads;
mod instances;
mod pages;
mod retries;
mod routes;
mod streams;
mod tls;
mod world;
