//! The domain's promises, as tables and properties.

mod arbitrary;
mod errors_doc;
mod fields;
mod given;
mod history;
mod identity;
mod once;
mod original;
#[path = "../../../../schemas/shipment-events/tests/it/published.rs"]
mod published;
mod requests;
mod scans;
mod sizes;
