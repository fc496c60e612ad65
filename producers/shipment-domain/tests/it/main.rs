//! The domain's promises, as tables and properties.

mod arbitrary;
mod errors_doc;
mod fields;
mod given;
mod history;
mod identity;
mod once;
mod original;
mod published;
mod requests;
mod scans;
mod sizes;
