//! One event of a history.

use serde::Serialize;
use shipment_events::{EventBody, Grams, Scan, ShipmentEvent, Status};
use uuid::Uuid;
use view_store::Detail;

use super::{LocationView, PartyView, PlaceView};

/// An event, readable. In full it holds personal data where the event does; for who may not see that, people, references, signatures
/// and free text are left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EventView {
    event_id: String,
    shipment_id: String,
    sequence: i64,
    revision: i32,
    #[serde(rename = "type")]
    event_type: &'static str,
    occurred_at: String,
    recorded_at: String,
    command_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_before: Option<&'static str>,
    status_after: &'static str,
    status_since: String,
    body: BodyView,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum BodyView {
    /// Registered or amended: what the shop said; in an amendment only what changed.
    Details(Box<DetailsView>),
    /// A scan.
    Scan(Box<ScanView>),
    /// A scan taken back.
    Retraction {
        /// The event of that scan.
        scan_event_id: String,
        /// Why.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Called off, or archived.
    Reason {
        /// Why.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
}

/// What the shop said of a shipment.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DetailsView {
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender: Option<PartyView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<PartyView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<LocationView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<LocationView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight_grams: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    promised_delivery: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_number: Option<String>,
}

/// A scan as the carrier reported it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScanView {
    natural_id: Uuid,
    time: String,
    local_time: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<PlaceView>,
    carrier: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier_scan_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signed_by: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    from_the_future: bool,
}

impl EventView {
    /// In this detail.
    pub fn new(event: ShipmentEvent, detail: Detail) -> Self {
        let is_full = detail == Detail::Full;
        Self {
            event_id: event.event_id.to_string(),
            shipment_id: event.shipment_id.to_string(),
            sequence: event.sequence.get(),
            revision: event.revision.get(),
            event_type: event.body.type_name(),
            occurred_at: event.occurred_at.to_string(),
            recorded_at: event.recorded_at.to_string(),
            command_id: event.command_id.to_string(),
            actor: event.actor.filter(|_| is_full),
            status_before: event.status_before.map(Status::as_str),
            status_after: event.status_after.as_str(),
            status_since: event.status_since.to_string(),
            body: BodyView::of(event.body, detail),
        }
    }
}

impl BodyView {
    /// In this detail.
    pub fn of(body: EventBody, detail: Detail) -> Self {
        let whole = Self::from(body);
        if detail == Detail::Full { whole } else { whole.impersonal() }
    }

    /// Without people, references, signatures, the exact place of a scan, which may be somebody's door, and free text, which may name
    /// people.
    fn impersonal(self) -> Self {
        match self {
            Self::Details(details) => Self::Details(Box::new(DetailsView {
                sender: None,
                recipient: None,
                customer_reference: None,
                ..*details
            })),
            Self::Scan(scan) => {
                let place = scan.place.map(PlaceView::coarse);
                Self::Scan(Box::new(ScanView { place, raw_text: None, signed_by: None, ..*scan }))
            }
            Self::Retraction { scan_event_id, .. } => Self::Retraction { scan_event_id, reason: None },
            Self::Reason { .. } => Self::Reason { reason: None },
        }
    }
}

impl From<EventBody> for BodyView {
    fn from(body: EventBody) -> Self {
        match body {
            EventBody::ShipmentRegistered(said) => Self::Details(Box::new(DetailsView {
                customer_id: Some(said.customer_id.as_str().to_owned()),
                sender: Some(said.sender.into()),
                recipient: Some(said.recipient.into()),
                origin: said.origin.map(Into::into),
                destination: Some(said.destination.into()),
                weight_grams: Some(said.weight_grams.get()),
                promised_delivery: said.promised_delivery.map(|day| day.to_string()),
                customer_reference: said.customer_reference,
                carrier: said.carrier,
                tracking_number: said.tracking_number,
            })),
            EventBody::ShipmentAmended(changed) => Self::Details(Box::new(DetailsView {
                customer_id: None,
                sender: changed.sender.map(Into::into),
                recipient: changed.recipient.map(Into::into),
                origin: changed.origin.map(Into::into),
                destination: changed.destination.map(Into::into),
                weight_grams: changed.weight_grams.map(Grams::get),
                promised_delivery: changed.promised_delivery.map(|day| day.to_string()),
                customer_reference: changed.customer_reference,
                carrier: changed.carrier,
                tracking_number: changed.tracking_number,
            })),
            EventBody::ScanRecorded(recorded) => Self::Scan(Box::new(ScanView::new(
                recorded.natural_id,
                recorded.scan,
                recorded.from_the_future,
            ))),
            EventBody::ScanRetracted(retraction) => Self::Retraction {
                scan_event_id: retraction.scan_event_id.to_string(),
                reason: retraction.reason,
            },
            EventBody::ShipmentCancelled(cancellation) => Self::Reason { reason: cancellation.reason },
            EventBody::ShipmentArchived(archival) => Self::Reason { reason: archival.reason },
        }
    }
}

impl ScanView {
    fn new(natural_id: Uuid, scan: Scan, from_the_future: bool) -> Self {
        Self {
            natural_id,
            time: scan.time.at.to_string(),
            local_time: scan.time.to_local_rfc3339(),
            status: scan.status.as_str(),
            place: scan.place.map(Into::into),
            carrier: scan.carrier,
            tracking_number: scan.tracking_number,
            raw_code: scan.raw_code,
            raw_text: scan.raw_text,
            carrier_scan_id: scan.carrier_scan_id,
            signed_by: scan.signed_by,
            from_the_future,
        }
    }
}
