use std::collections::BTreeMap;

use shipment_events::{EventBody, Sequence, ShipmentEvent, ShipmentId, effective_time, fold};

use crate::{DecidingScan, LastEvent, PhoneKey, ShipmentRow};

/// The row that a history must lead to, found by folding it: the yardstick that projected rows are held against.
/// The events may come in any order and more than once; of one sequence the highest revision counts. `None` for none.
pub fn expected_row<'a>(
    history: impl IntoIterator<Item = &'a ShipmentEvent>,
    phones: &PhoneKey,
) -> Option<ShipmentRow> {
    let mut events: BTreeMap<Sequence, &ShipmentEvent> = BTreeMap::new();
    for event in history {
        let known = events.entry(event.sequence).or_insert(event);
        if event.revision > known.revision {
            *known = event;
        }
    }
    let last = *events.values().next_back()?;
    let shipment = fold(events.values().copied());
    let standing = shipment.standing();
    let registration = shipment.registration.as_ref();
    let mut row = empty_row(last.shipment_id);
    row.version = shipment.version;
    row.status = standing.map(|s| s.status);
    row.status_since = standing.map(|s| s.since);
    row.deciding_scan = events
        .values()
        .filter_map(|event| deciding_scan(event))
        .next_back()
        .filter(|scan| Some(scan.status) == row.status && Some(scan.at) == row.status_since);
    row.last_event = Some(LastEvent {
        event_id: last.event_id,
        event_type: last.body.type_name().to_owned(),
        occurred_at: last.occurred_at,
        recorded_at: last.recorded_at,
    });
    row.registered_at = shipment.registered.map(|r| r.at);
    row.cancelled_at = shipment.cancelled.map(|r| r.at);
    row.archived_at = shipment.archived.map(|r| r.at);
    for event in events.values() {
        match &event.body {
            EventBody::ShipmentCancelled(body) => row.cancel_reason.clone_from(&body.reason),
            EventBody::ShipmentArchived(body) => row.archive_reason.clone_from(&body.reason),
            _ => {}
        }
    }
    if let Some(registration) = registration {
        row.customer_id = Some(registration.customer_id.clone());
        row.carrier.clone_from(&registration.carrier);
        row.tracking_number.clone_from(&registration.tracking_number);
        row.customer_reference.clone_from(&registration.customer_reference);
        row.weight_grams = Some(registration.weight_grams);
        row.promised_delivery = registration.promised_delivery;
        row.origin.clone_from(&registration.origin);
        row.destination = Some(registration.destination.clone());
        row.recipient_phone_hash = registration.recipient.phone.as_ref().map(|phone| phones.hash(phone));
        row.sender = Some(registration.sender.clone());
        row.recipient = Some(registration.recipient.clone());
    }
    Some(row)
}

/// What a row keeps of a scan, if it is the one that made the status what it is.
pub(crate) fn deciding_scan(event: &ShipmentEvent) -> Option<DecidingScan> {
    let EventBody::ScanRecorded(body) = &event.body else { return None };
    let scan = &body.scan;
    let at = effective_time(event.occurred_at, event.recorded_at);
    (scan.status == event.status_after && at == event.status_since).then(|| DecidingScan {
        event_id: event.event_id,
        status: scan.status,
        at,
        time: scan.time,
        carrier: scan.carrier.clone(),
        place: scan.place.clone(),
        raw_code: scan.raw_code.clone(),
    })
}

fn empty_row(shipment_id: ShipmentId) -> ShipmentRow {
    ShipmentRow {
        shipment_id,
        version: Sequence::NONE,
        status: None,
        status_since: None,
        deciding_scan: None,
        last_event: None,
        registered_at: None,
        cancelled_at: None,
        cancel_reason: None,
        archived_at: None,
        archive_reason: None,
        customer_id: None,
        carrier: None,
        tracking_number: None,
        customer_reference: None,
        weight_grams: None,
        promised_delivery: None,
        origin: None,
        destination: None,
        recipient_phone_hash: None,
        sender: None,
        recipient: None,
        parked: BTreeMap::new(),
    }
}
