//! What tests against the real services share. Nothing but tests depends on it.
#![forbid(unsafe_code)]

mod certificates;
mod cql;
mod installation;
mod page;
mod proxy;
mod topic;

pub use certificates::Certificates;
pub use cql::Cql;
pub use installation::Installation;
pub use page::assert_fence;
pub use proxy::Proxy;
pub use topic::{committed_text, committed_values};
