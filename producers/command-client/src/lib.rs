//! Posts commands to the commands topic and brings back their replies: what the command API, `feed` and `simulate`
//! have in common.
//!
//! ```text
//! send ──encode, murmur2 partition, headers──▶ [commands] ──▶ command-handler ──▶ [replies]
//!   ▲ Busy when too many wait                                                        │ all partitions, from their end
//!   └── PendingReply ◀── the waiter of that very send, by its `pt-reply-to` ◀─────────┘
//! ```
//!
//! * A client is connected only once it knows the end of every reply partition: no reply to what it sends is missed.
//! * Every send has a `pt-reply-to` of its own (`instance/number`), which the handler copies as it is. So two sends of
//!   the same command id, one with another payload, each get their own answer.
//! * What waits is bounded: one more is [`Error::Busy`], at once. There is no queue without end.
#![forbid(unsafe_code)]

mod client;
mod error;
mod pending;
mod replies;
mod schemas;
mod waiting;

pub use client::{CommandClient, Settings};
pub use error::Error;
pub use pending::PendingReply;
pub use schemas::Schemas;
