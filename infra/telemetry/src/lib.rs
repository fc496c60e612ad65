//! Logs, metrics, traces and the health endpoints of every role.
//!
//! A role's `main` does four things with this crate: [`logs::init`], [`shutdown::on_signals`], a
//! [`Readiness`] whose conditions its parts keep up to date, and an [`ops::Server`] that shows it.
#![forbid(unsafe_code)]

mod chain;
mod current;
pub mod facts;
pub mod logs;
pub mod metrics;
pub mod ops;
mod readiness;
pub mod restores;
pub mod sampling;
pub mod shutdown;
pub mod spans;
mod trace_context;
pub mod watchdog;

pub use chain::chain;
pub use current::{current_trace, current_trace_id, within, within_sync};
pub use ops::{router as ops_router, serve_ops};
pub use readiness::{Condition, ConditionState, Readiness};
pub use trace_context::{SpanId, TraceContext, TraceId};
