//! What tests against the real services share. Nothing but tests depends on it.
#![forbid(unsafe_code)]

mod proxy;

pub use proxy::Proxy;
