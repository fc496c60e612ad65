//! HTTP in, commands topic out, outcome back.
//!
//! ```text
//! request ──▶ endpoints ──▶ body (JSON to command) ──▶ exchange (send, wait) ──▶ answer ──▶ 201, 200, 4xx, 202
//!             stream   ──▶ one command a line ─────────┘        └── failure ──▶ 503, 413
//! ```
//!
//! | file | what |
//! |---|---|
//! | `serve` | the role: binds, connects, serves, drains |
//! | `link` | the connection to Kafka, made in the background and watched |
//! | `terms` | what headers say of a command: key, version expected, patience |
//! | `body` | JSON bodies, and the commands they become |
//! | `exchange` | one command sent, and what became of it |
//! | `answer`, `refusal`, `failure` | outcomes as HTTP has them |
//! | `endpoints` | a small file for each group |
//! | `stream` | commands without end, one JSON object a line |
//! | `openapi` | the document at `/openapi.json` |
//!
//! Only the form of a command is checked here. Its rules are the command handler's, which alone knows the shipment.
#![forbid(unsafe_code)]

mod answer;
mod app;
mod body;
mod endpoints;
mod error;
mod exchange;
mod failure;
mod idempotency_key;
mod identity;
mod limits;
mod link;
pub mod metrics;
mod openapi;
mod refusal;
mod serve;
mod stream;
mod terms;

pub use error::Error;
pub use openapi::document as openapi;
pub use refusal::error_docs;
pub use serve::{CommandApi, run};
