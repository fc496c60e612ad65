//! Who calls, and what they may.
//!
//! | file | what |
//! |---|---|
//! | `role` | the roles |
//! | `principal` | a caller: name, role, and which customers' shipments are theirs |
//! | `calls` | the one table of who may call what; what isn't in it, nobody may |
//! | `denied` | why a caller is turned away, as the problem they are answered with |
#![forbid(unsafe_code)]

pub mod calls;
mod denied;
mod principal;
mod role;

pub use calls::{Call, Class, Service, Way};
pub use denied::Denied;
pub use principal::{Customers, Principal};
pub use role::Role;
