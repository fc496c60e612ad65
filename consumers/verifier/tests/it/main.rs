//! Against a real Kafka, a real CQL database and a real schema registry: `PARCELTRACK_KAFKA`, `PARCELTRACK_CQL` and
//! `PARCELTRACK_REGISTRY` say where they are (`make test` starts them). Each test has topics, keyspaces and groups of its own.

mod clean;
mod figures;
#[path = "../../../../consumers/tracking-view/tests/it/histories.rs"]
#[allow(dead_code, reason = "shared with the tests of tracking-view, which use all of it")]
mod histories;
mod lists;
mod log;
mod repair;
mod rows;
mod snapshots;
mod system;
#[path = "../../../../consumers/projector/tests/it/world.rs"]
#[allow(dead_code, reason = "shared with the tests of projector, which use all of it")]
mod world;
