//! The query API against a real CQL database, a real Kafka and a real schema registry: `PARCELTRACK_CQL`,
//! `PARCELTRACK_KAFKA` and `PARCELTRACK_REGISTRY` say where they are (`make test` starts them). Rows are projected from events
//! as the projector does it; the tests share keyspaces and topics, and each has shipments of its own.

mod answers;
mod away;
mod documents;
#[path = "../../../consumers/tracking-view/tests/it/histories.rs"]
#[allow(dead_code, reason = "shared with the tests of tracking-view, which use all of it")]
mod histories;
mod history;
mod lists;
mod live;
mod live_many;
mod outcomes;
mod page;
mod page_live;
mod parcels;
mod past;
mod shipments;
mod tail;
mod tracking;
mod world;
