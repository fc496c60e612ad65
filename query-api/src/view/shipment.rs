//! A shipment as it stands.

use serde::Serialize;
use shipment_events::{Shipment, ShipmentId, Timestamp};
use tracking_view::ShipmentRow;
use view_store::Detail;

use super::{LocationView, PartyView};

/// A registered shipment. In full it holds personal data; for who may not see that, sender, recipient and the shop's reference
/// are left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ShipmentView {
    shipment_id: String,
    version: i64,
    status: &'static str,
    status_since: String,
    customer_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender: Option<PartyView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<PartyView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<LocationView>,
    destination: LocationView,
    weight_grams: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    promised_delivery: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_number: Option<String>,
    registered_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancelled_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    archived_at: Option<String>,
    /// Since when events of this shipment wait among the dead letters, so that it is incomplete.
    #[serde(skip_serializing_if = "Option::is_none")]
    parked_since: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    incomplete: bool,
    /// The moment that was asked for: what had happened by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<String>,
    /// The moment that was asked for: what was written down by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    known_at: Option<String>,
}

impl ShipmentView {
    /// Of a row that was read in this detail or more; `None` while nobody registered the shipment, or as long as its registration waits to be projected.
    pub fn of_row(row: ShipmentRow, detail: Detail) -> Option<Self> {
        let text = |t: Timestamp| t.to_string();
        let registered_at = row.registered_at?;
        let is_full = detail == Detail::Full;
        Some(Self {
            shipment_id: row.shipment_id.to_string(),
            version: row.version.get(),
            status: row.status?.as_str(),
            status_since: text(row.status_since?),
            customer_id: row.customer_id.as_ref()?.as_str().to_owned(),
            parked_since: row.parked_since().map(text),
            incomplete: !row.parked.is_empty(),
            as_of: None,
            known_at: None,
            sender: row.sender.filter(|_| is_full).map(Into::into),
            recipient: row.recipient.filter(|_| is_full).map(Into::into),
            origin: row.origin.map(Into::into),
            destination: row.destination?.into(),
            weight_grams: row.weight_grams?.get(),
            promised_delivery: row.promised_delivery.map(|day| day.to_string()),
            customer_reference: row.customer_reference.filter(|_| is_full),
            carrier: row.carrier,
            tracking_number: row.tracking_number,
            registered_at: text(registered_at),
            updated_at: text(row.last_event.map_or(registered_at, |event| event.recorded_at)),
            cancelled_at: row.cancelled_at.map(text),
            archived_at: row.archived_at.map(text),
        })
    }

    /// Of a state folded from history; `None` while it isn't registered.
    pub fn of_state(shipment_id: ShipmentId, shipment: Shipment, detail: Detail) -> Option<Self> {
        let is_full = detail == Detail::Full;
        let text = |t: Timestamp| t.to_string();
        let standing = shipment.standing()?;
        let registered = shipment.registered?;
        let said = shipment.registration?;
        Some(Self {
            shipment_id: shipment_id.to_string(),
            version: shipment.version.get(),
            status: standing.status.as_str(),
            status_since: text(standing.since),
            customer_id: said.customer_id.as_str().to_owned(),
            sender: is_full.then(|| said.sender.into()),
            recipient: is_full.then(|| said.recipient.into()),
            origin: said.origin.map(Into::into),
            destination: said.destination.into(),
            weight_grams: said.weight_grams.get(),
            promised_delivery: said.promised_delivery.map(|day| day.to_string()),
            customer_reference: said.customer_reference.filter(|_| is_full),
            carrier: said.carrier,
            tracking_number: said.tracking_number,
            registered_at: text(registered.at),
            updated_at: text(shipment.recorded_at),
            cancelled_at: shipment.cancelled.map(|r| text(r.at)),
            archived_at: shipment.archived.map(|r| text(r.at)),
            parked_since: None,
            incomplete: false,
            as_of: None,
            known_at: None,
        })
    }

    /// Says that this is how it was at a moment.
    #[must_use]
    pub fn at_moment(self, as_of: Option<Timestamp>, known_at: Option<Timestamp>) -> Self {
        let text = |t: Timestamp| t.to_string();
        Self { as_of: as_of.map(text), known_at: known_at.map(text), ..self }
    }
}
