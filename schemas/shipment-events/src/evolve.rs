//! From events to state.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Amendment, EventBody, EventId, ListKeys, Registration, ScanMark, Sequence, ShipmentEvent, Standing,
    Status, Timestamp, effective_time, status_of,
};

/// Which event did it, and when.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Recorded {
    /// The event.
    #[serde(with = "crate::uuid_bytes")]
    pub event_id: EventId,
    /// When it happened, by the clock that orders it.
    pub at: Timestamp,
}

/// A shipment as its history makes it. The default is the shipment of which nothing is known.
#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
pub struct Shipment {
    /// The sequence of its last event.
    pub version: Sequence,
    /// When that event was written down.
    pub recorded_at: Timestamp,
    /// What the shop says of it; scans may come before that.
    pub registration: Option<Registration>,
    /// When it was registered.
    pub registered: Option<Recorded>,
    /// When it was called off.
    pub cancelled: Option<Recorded>,
    /// When it was put into the archive.
    pub archived: Option<Recorded>,
    /// Every scan ever recorded, the retracted ones marked, in the order of recording.
    pub scans: Vec<ScanMark>,
}

impl Shipment {
    /// Where it stands; `None` when it has no history.
    ///
    /// A shipment of which all that was said has been taken back (its scans retracted, nobody having registered it)
    /// stands at the bottom of the lattice: its history goes on, and each event in it names a status.
    pub fn standing(&self) -> Option<Standing> {
        let registered = self.registered.map(|r| Standing::new(Status::Registered, r.at, r.event_id));
        let cancelled = self.cancelled.map(|r| Standing::new(Status::Cancelled, r.at, r.event_id));
        let scans = self.scans.iter().filter(|s| !s.retracted).map(ScanMark::standing);
        status_of(registered.into_iter().chain(cancelled).chain(scans)).or_else(|| {
            let has_history = self.version > Sequence::NONE;
            has_history
                .then(|| Standing::new(Status::Registered, self.recorded_at, EventId::new(Uuid::nil())))
        })
    }

    /// Its status; `None` when it has no history.
    pub fn status(&self) -> Option<Status> {
        self.standing().map(|s| s.status)
    }

    /// What lists are keyed on; `None` while it isn't registered.
    pub fn list_keys(&self) -> Option<ListKeys> {
        let (registration, registered) = (self.registration.as_ref()?, self.registered?);
        Some(ListKeys {
            customer_id: registration.customer_id.clone(),
            recipient_phone: registration.recipient.phone.clone(),
            carrier: registration.carrier.clone(),
            tracking_number: registration.tracking_number.clone(),
            registered_at: registered.at,
        })
    }
}

/// The state after one more event. Total: whatever the event, there is a state after it.
#[must_use]
pub fn evolve(mut shipment: Shipment, event: &ShipmentEvent) -> Shipment {
    shipment.version = shipment.version.max(event.sequence);
    shipment.recorded_at = shipment.recorded_at.max(event.recorded_at);
    let recorded =
        Recorded { event_id: event.event_id, at: effective_time(event.occurred_at, event.recorded_at) };
    match &event.body {
        EventBody::ShipmentRegistered(registration) => {
            shipment.registration = Some(registration.clone());
            // Lists are bucketed by this moment, so it is our clock's, not the shop's.
            shipment.registered = Some(Recorded { at: event.recorded_at, ..recorded });
        }
        EventBody::ShipmentAmended(amendment) => {
            if let Some(registration) = &mut shipment.registration {
                amend(registration, amendment);
            }
        }
        EventBody::ScanRecorded(body) => shipment.scans.push(ScanMark {
            event_id: event.event_id,
            natural_id: body.natural_id,
            sequence: event.sequence,
            status: body.scan.status,
            at: recorded.at,
            retracted: false,
        }),
        EventBody::ScanRetracted(retraction) => {
            for scan in shipment.scans.iter_mut().filter(|s| s.event_id == retraction.scan_event_id) {
                scan.retracted = true;
            }
        }
        EventBody::ShipmentCancelled(_) => shipment.cancelled = Some(recorded),
        EventBody::ShipmentArchived(_) => shipment.archived = Some(recorded),
    }
    shipment
}

/// The state that a history makes, from nothing. It is given in whatever order and with whatever repeats the log has it:
/// events are taken by sequence, and of those with one sequence the one rewritten most often.
pub fn fold<'a>(history: impl IntoIterator<Item = &'a ShipmentEvent>) -> Shipment {
    in_order(history).into_iter().fold(Shipment::default(), evolve)
}

/// A history as it is to be taken: see [`fold`].
pub(crate) fn in_order<'a>(history: impl IntoIterator<Item = &'a ShipmentEvent>) -> Vec<&'a ShipmentEvent> {
    let mut history: Vec<&ShipmentEvent> = history.into_iter().collect();
    history.sort_by_key(|event| (event.sequence, Reverse(event.revision)));
    history.dedup_by_key(|event| event.sequence);
    history
}

fn amend(registration: &mut Registration, amendment: &Amendment) {
    fn set<T: Clone>(field: &mut T, change: Option<&T>) {
        if let Some(value) = change {
            *field = value.clone();
        }
    }
    fn set_some<T: Clone>(field: &mut Option<T>, change: Option<&T>) {
        if change.is_some() {
            *field = change.cloned();
        }
    }
    set(&mut registration.sender, amendment.sender.as_ref());
    set(&mut registration.recipient, amendment.recipient.as_ref());
    set_some(&mut registration.origin, amendment.origin.as_ref());
    set(&mut registration.destination, amendment.destination.as_ref());
    set(&mut registration.weight_grams, amendment.weight_grams.as_ref());
    set_some(&mut registration.promised_delivery, amendment.promised_delivery.as_ref());
    set_some(&mut registration.customer_reference, amendment.customer_reference.as_ref());
    set_some(&mut registration.carrier, amendment.carrier.as_ref());
    set_some(&mut registration.tracking_number, amendment.tracking_number.as_ref());
}
