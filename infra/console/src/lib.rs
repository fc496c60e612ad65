//! The console: pages for whoever keeps the system running.
//!
//! ```text
//! browser ──cookie──▶ gateway ──▶ console ──the caller's own key or token──▶ config service, discovery service, …
//!                                    └──/metrics of every instance in the registry, while somebody looks
//! ```
//!
//! | file | what |
//! |---|---|
//! | `serve` | the role: its address, what it follows, the end in good order |
//! | `desk` | what every page has at hand |
//! | `pages` | one file for each page, and how to add one |
//! | `layout`, `parts` | the frame of a page, and the pieces that pages are made of |
//! | `caller` | who asks, and with what the console asks others in their name |
//! | `backend` | other services, asked |
//! | `figures` | counts, rates and latencies out of every role's `/metrics` |
//! | `roles`, `flow`, `health` | who runs, what flows, and what is not well, out of registry and figures |
//! | `store` | the topics, read |
//! | `projections` | rebuilds and dead letters, which go on when the page is closed |
//! | `same_origin` | forms come from our own pages |
//! | `assets` | the style sheet and the script |
//!
//! It keeps nothing: no session, no cache of what others answered. Why:
//! [decision 27](../../../docs/adr/0027-the-console-asks-in-its-callers-name.md). What it does itself, to views and dead letters, and
//! how it reads the log: [decision 28](../../../docs/adr/0028-the-console-acts-in-the-log.md).
#![forbid(unsafe_code)]

mod assets;
mod backend;
mod caller;
mod desk;
mod error;
mod figures;
mod flow;
mod health;
mod layout;
pub mod metrics;
mod pages;
mod parts;
mod projections;
mod roles;
mod same_origin;
mod serve;
mod store;

pub use error::Error;
pub use serve::{Console, run};
