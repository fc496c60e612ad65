//! What answers look like: the JSON that people and programs read.
//!
//! Times are RFC 3339 in UTC; a scan also has the time on its own clock. An absent field was never told.

mod event;
mod parts;
mod shipment;
mod tracking;

pub use event::{BodyView, EventView, ScanView};
pub use parts::{AddressView, LocationView, PartyView, PlaceView};
pub use shipment::ShipmentView;
pub use tracking::{PublicPlace, StepView, TrackingView, public_text};
