//! What tests against the real services share. Nothing but tests depends on it.
#![forbid(unsafe_code)]

mod installation;
mod proxy;

pub use installation::Installation;
pub use proxy::Proxy;
