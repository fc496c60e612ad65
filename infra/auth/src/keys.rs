//! API keys: `ptk_<id>_<secret>`.

mod book;
mod record;
mod secret;
mod writer;

pub(crate) use book::KeyBook;
pub use record::{KeyRecord, KeySpec, UnfitKey};
pub use secret::{NewKey, key_id};
pub(crate) use secret::{PREFIX, Presented};
pub use writer::{KeyError, Keys};
