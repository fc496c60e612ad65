//! Against a real CQL database: `PARCELTRACK_CQL` says where it is (`make test` starts one). Each test makes and drops
//! keyspaces of its own.

mod away;
mod cost;
mod database;
mod generations;
#[path = "../../../../consumers/tracking-view/tests/it/histories.rs"]
#[allow(dead_code, reason = "shared with the tests of tracking-view, which use all of it")]
mod histories;
mod lists;
mod outcomes;
mod repair;
mod rows;
mod scan;
mod tables;
mod ties;
mod tls;
