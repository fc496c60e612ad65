//! Who calls, and what they may.
//!
//! | file | what |
//! |---|---|
//! | `role` | the roles |
//! | `principal` | a caller: name, role, and which customers' shipments are theirs |
//! | `calls` | the one table of who may call what; what isn't in it, nobody may |
//! | `denied` | why a caller is turned away, as the problem they are answered with |
//! | `credentials` | what a request shows of who calls |
//! | `keys` | API keys, and the topic that they are in |
//! | `token` | JWTs of the OIDC issuer, and those for development |
//! | `gatekeeper` | who calls, by what they show |
//! | `browser` | the console's cookie, and where a person is sent to sign in |
//! | `guard` | the gatekeeper before a service's routes |
//! | `standing` | whether what a caller showed is still good, for answers without an end |
//! | `while_good` | server-sent events that end with it |
//! | `listen` | where a service may listen without asking who calls |
//!
//! Why it is so: [decision 21](../../../docs/adr/0021-who-calls-and-what-they-may.md).
#![forbid(unsafe_code)]

pub mod browser;
pub mod calls;
mod credentials;
mod denied;
mod error;
mod gatekeeper;
mod guard;
mod keys;
mod listen;
pub mod metrics;
mod principal;
mod role;
mod standing;
mod token;
mod while_good;

pub use calls::{Call, Class, Service, Way};
pub use credentials::shows_credentials;
pub use denied::Denied;
pub use error::Error;
pub use gatekeeper::Gatekeeper;
pub use guard::guard;
pub use keys::{KeyError, KeyRecord, KeySpec, Keys, NewKey, UnfitKey, key_id};
pub use listen::check_listen;
pub use principal::{Customers, Principal};
pub use role::{Role, UnknownRole};
pub use standing::{End, Standing};
pub use token::{TokenSpec, development_token};
pub use while_good::while_good;
