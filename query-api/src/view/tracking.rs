//! What everybody may see: where a parcel is, and nothing about anybody.

use std::collections::BTreeSet;

use serde::Serialize;
use shipment_events::{EventBody, EventId, Location, Place, ShipmentEvent, Status, effective_time};
use tracking_view::ShipmentRow;

/// A parcel for the public. Built field by field from what is not personal: names, telephones, street addresses,
/// signatures, references and the carrier's free text (which may name people) have no way in.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrackingView {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tracking_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) carrier: Option<String>,
    pub(crate) version: i64,
    pub(crate) status: Status,
    status_text: &'static str,
    pub(crate) status_since: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) promised_delivery: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) origin: Option<PublicPlace>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) destination: Option<PublicPlace>,
    /// Nothing more is expected, and nothing more is told.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) archived: bool,
    /// How many older shipments have the same number, which carriers use again; up to nine are counted.
    #[serde(skip_serializing_if = "is_none_at_all")]
    others: usize,
    /// Newest first; retracted scans are left out.
    pub(crate) events: Vec<StepView>,
}

/// A place, as coarse as the public may know it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PublicPlace {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) facility: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) country: Option<String>,
}

/// One step on the way.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepView {
    pub(crate) time: String,
    pub(crate) local_time: String,
    pub(crate) status: Status,
    text: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<PublicPlace>,
}

impl TrackingView {
    /// Of a row and the shipment's history; `None` while it isn't registered.
    pub fn new(row: &ShipmentRow, history: &[ShipmentEvent], others: usize) -> Option<Self> {
        row.registered_at?;
        let status = row.status?;
        Some(Self {
            tracking_number: row.tracking_number.clone(),
            carrier: row.carrier.clone(),
            version: row.version.get(),
            status,
            status_text: public_text(status),
            status_since: row.status_since?.to_string(),
            promised_delivery: row.promised_delivery.map(|day| day.to_string()),
            origin: row.origin.as_ref().map(PublicPlace::of_location),
            destination: row.destination.as_ref().map(PublicPlace::of_location),
            archived: row.archived_at.is_some(),
            others,
            events: steps(history),
        })
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_none_at_all(count: &usize) -> bool {
    *count == 0
}

fn steps(history: &[ShipmentEvent]) -> Vec<StepView> {
    let taken_back = history.iter().filter_map(|event| match &event.body {
        EventBody::ScanRetracted(taken) => Some(taken.scan_event_id),
        _ => None,
    });
    let retracted: BTreeSet<EventId> = taken_back.collect();
    let scanned = history.iter().filter(|event| matches!(event.body, EventBody::ScanRecorded(_)));
    let first_scan = scanned.map(|event| event.occurred_at).min();
    let mut steps: Vec<_> = history
        .iter()
        .filter_map(|event| match &event.body {
            EventBody::ScanRecorded(body) if !retracted.contains(&event.event_id) => {
                let (time, status) = (body.scan.time, body.scan.status);
                Some((event, status, time.to_local_rfc3339(), body.scan.place.as_ref()))
            }
            // Where the shop's word came after the carrier's it is no step on the way.
            EventBody::ShipmentRegistered(_) if first_scan.is_none_or(|first| event.occurred_at <= first) => {
                Some((event, Status::Registered, event.occurred_at.to_string(), None))
            }
            EventBody::ShipmentCancelled(_) => {
                Some((event, Status::Cancelled, event.occurred_at.to_string(), None))
            }
            _ => None,
        })
        .collect();
    // By when it happened, on the clock that also decides the status: a carrier's clock that is days ahead puts nothing on
    // top. What happened at the same moment stands as it was written down.
    let moment =
        |event: &ShipmentEvent| (effective_time(event.occurred_at, event.recorded_at), event.sequence);
    steps.sort_by_key(|(event, ..)| std::cmp::Reverse(moment(event)));
    steps
        .into_iter()
        .map(|(event, status, local_time, place)| StepView {
            time: event.occurred_at.to_string(),
            local_time,
            status,
            text: public_text(status),
            place: place.map(PublicPlace::of_place),
        })
        .collect()
}

impl PublicPlace {
    fn of_location(location: &Location) -> Self {
        let Location { city, region, country, .. } = location.clone();
        Self { facility: None, city, region, country: Some(country) }
    }

    fn of_place(place: &Place) -> Self {
        let Place { facility, city, region, country, .. } = place.clone();
        Self { facility, city, region, country }
    }
}

/// A status in the words that a recipient reads.
pub const fn public_text(status: Status) -> &'static str {
    match status {
        Status::Registered => "Registered",
        Status::InfoReceived => "Announced to the carrier",
        Status::Expired => "Never handed to the carrier",
        Status::Cancelled => "Cancelled",
        Status::PickedUp => "With the carrier",
        Status::InTransit => "On its way",
        Status::Customs => "With customs",
        Status::Delayed => "Delayed",
        Status::OnHold => "On hold",
        Status::OutForDelivery => "Out for delivery",
        Status::AttemptFailed => "Delivery attempted",
        Status::AvailableForPickup => "Ready for collection",
        Status::Exception => "Something went wrong",
        Status::Damaged => "Damaged",
        Status::Lost => "Not found",
        Status::Delivered => "Delivered",
        Status::Returning => "On its way back",
        Status::Returned => "Returned to the sender",
        Status::Disposed => "Disposed of",
    }
}

#[cfg(test)]
impl TrackingView {
    /// A parcel from Hamburg to Ulm that stands at the status of its newest step; steps are local time, status and city.
    pub(crate) fn sample(steps: &[(&str, Status, &str)]) -> Self {
        let (newest, status, _) = steps[0];
        let utc = |text: &str| {
            shipment_events::Timestamp::parse_rfc3339(text).map(|time| time.to_string()).unwrap_or_default()
        };
        let place = |city: &str| PublicPlace {
            facility: None,
            city: Some(city.to_owned()),
            region: None,
            country: Some("DE".to_owned()),
        };
        let step = |&(local, status, city): &(&str, Status, &str)| StepView {
            time: utc(local),
            local_time: local.to_owned(),
            status,
            text: public_text(status),
            place: (!city.is_empty()).then(|| place(city)),
        };
        Self {
            tracking_number: Some("RR123456785DE".to_owned()),
            carrier: Some("dhl-paket".to_owned()),
            version: steps.len() as i64,
            status,
            status_text: public_text(status),
            status_since: utc(newest),
            promised_delivery: Some("2026-03-05".to_owned()),
            origin: Some(place("Hamburg")),
            destination: Some(place("Ulm")),
            archived: false,
            others: 0,
            events: steps.iter().map(step).collect(),
        }
    }
}
