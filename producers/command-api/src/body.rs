//! JSON bodies as people write them, and the commands they become.
//!
//! Fields are checked for their form only (a number is a number, a time a time); what they may say is the domain's to
//! judge. Unknown fields are refused, so that a misspelt one isn't silently lost.

mod amend;
mod party;
mod place;
mod reason;
mod register;
mod scan;
mod time;

use shipment_domain::CommandBody;
use shipment_events::{ShipmentId, Timestamp};

pub(crate) use amend::AmendBody;
pub(crate) use reason::ReasonBody;
pub(crate) use register::RegisterBody;
pub(crate) use scan::ScanBody;
pub(crate) use time::Moment;

/// What a body asks for, and what it says about itself.
pub(crate) struct Wanted {
    /// What is wanted.
    pub(crate) body: CommandBody,
    /// The shipment, where the body may name it.
    pub(crate) shipment_id: Option<ShipmentId>,
    /// When it was issued, if the sender says so.
    pub(crate) issued_at: Option<Timestamp>,
    /// Who issued it, if the sender says so.
    pub(crate) actor: Option<String>,
}
