//! Faults against a ledger: a real cluster under load is killed, frozen and cut off, and all that it said is held against its
//! log and its tables.
//!
//! ```text
//!  load ──every request, every answer──▶ ledger ─┐
//!  probes: when each partition answers           ├─▶ checks ─▶ report
//!  plan (from a seed) ─▶ tormentor ─▶ cluster ───┘ events, snapshots, replies, rows
//! ```
//!
//! | file | what |
//! |---|---|
//! | [`run`] | from nothing to the report |
//! | [`cluster`] | brokers, database, registry, several of each role, as child processes |
//! | [`proxy`] | between handlers and brokers, and among brokers: meddles with single requests |
//! | [`load`] | clients, contenders, poison |
//! | [`chance`] | from the seed |
//! | [`ledger`] | what was asked and answered |
//! | [`probe`] | how long each partition took to answer again |
//! | [`faults`] | which faults, in which order; how they are inflicted |
//! | [`observe`] | reading topics and tables |
//! | [`check`] | the checks, pure |
//! | [`bugs`] | the bugs that can be planted, the faults for each, and the checks that must find it |
//! | [`report`] | JSON, and a page to read |
#![forbid(unsafe_code)]

pub mod bugs;
pub mod chance;
pub mod check;
pub mod cluster;
pub mod faults;
pub mod ledger;
pub mod load;
pub mod observe;
pub mod observed;
pub mod options;
pub mod probe;
pub mod proxy;
pub mod report;
pub mod run;
