//! The way in: one address for all services, built on Pingora.
//!
//! ```text
//! caller ──TLS, HTTP/1.1 or HTTP/2──▶ connection ─▶ head ─▶ proxy ─▶ pool ──HTTP/1.1, kept open──▶ an instance
//!                                                            │
//!                          paths, table, cors, doorkeeper, limit: who may pass, each a file of its own
//! ```
//!
//! | file | what |
//! |---|---|
//! | `serve` | the role: addresses, the accept loop, the end in good order |
//! | `lanes` | the threads that connections are served on |
//! | `handover` | a gateway takes over from another one |
//! | `front` | one connection: HTTP/1.1 or HTTP/2, and streams that end when the gateway does |
//! | `connection` | a connection as Pingora wants it, whose first bytes are read by us |
//! | `head` | a request's head: read within bounds, and refused where it could be read two ways |
//! | `tls` | the certificate, read again when it changes |
//! | `proxy` | Pingora's hooks, thin |
//! | `admission` | whether a request may pass, in the order in which that is asked |
//! | `exchange` | what is known of one request; its access log line and metrics |
//! | `traced` | a request's spans, where its trace is sampled |
//! | `paths` | paths that could mean something else elsewhere |
//! | `table` | the path and method of a call: the table is `auth::calls` |
//! | `cors` | who may read answers in a browser |
//! | `doorkeeper` | who calls |
//! | `limit`, `streams` | how much a caller may ask for, and have open |
//! | `classes` | what the settings say of each kind of call |
//! | `upstreams`, `pool`, `per_service` | where the services are, and which instance is next |
//! | `retry` | whether a request may be sent again |
//! | `headers`, `answer` | what is said to services, and to callers |
//! | `own`, `openapi` | the gateway's own pages: one OpenAPI document for all services, and a page to try it |
//! | `metrics` | what the gateway counts |
//! | `error` | why it can't run |
#![forbid(unsafe_code)]

mod admission;
mod answer;
mod classes;
mod connection;
mod cors;
mod doorkeeper;
mod error;
mod exchange;
mod front;
mod handover;
mod head;
mod headers;
mod lanes;
mod limit;
pub mod metrics;
pub mod openapi;
mod own;
mod paths;
mod per_service;
mod pool;
mod proxy;
mod retry;
mod serve;
mod streams;
mod table;
mod tls;
mod traced;
mod upstreams;

pub use doorkeeper::Doorkeeper;
pub use error::Error;
pub use serve::{Gateway, run};
pub use upstreams::Upstreams;
