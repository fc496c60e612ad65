use serde::Serialize;
use shipment_events::{EventBody, Party, Registration, ShipmentEvent, effective_time};

use crate::expected::deciding_scan;
use crate::project::{is_rewrite, version_cell};
use crate::{Column, PhoneKey, Value};

type Cell = (Column, Option<Value>);

/// The cells that an event writes in its shipment's row.
pub(crate) fn row_cells(event: &ShipmentEvent, phones: &PhoneKey) -> Vec<Cell> {
    let mut cells = vec![
        version_cell(event.sequence),
        (Column::Status, Some(text(event.status_after.as_str()))),
        (Column::StatusSince, Some(Value::Timestamp(event.status_since))),
        (Column::LastEventId, Some(Value::Uuid(event.event_id.as_uuid()))),
        (Column::LastEventType, Some(text(event.body.type_name()))),
        (Column::LastOccurredAt, Some(Value::Timestamp(event.occurred_at))),
        (Column::LastRecordedAt, Some(Value::Timestamp(event.recorded_at))),
    ];
    body_cells(event, phones, &mut cells);
    cells
}

fn body_cells(event: &ShipmentEvent, phones: &PhoneKey, cells: &mut Vec<Cell>) {
    let at = Value::Timestamp(effective_time(event.occurred_at, event.recorded_at));
    let rewrite = is_rewrite(event);
    // What an event doesn't speak of stays unset. A rewrite says it outright: the revision before may have spoken.
    let optional = |cells: &mut Vec<Cell>, column, value: Option<Value>| {
        if value.is_some() || rewrite {
            cells.push((column, value));
        }
    };
    match &event.body {
        EventBody::ShipmentRegistered(registration) => {
            cells.push((Column::RegisteredAt, Some(Value::Timestamp(event.recorded_at))));
            registration_cells(registration, phones, cells, optional);
        }
        EventBody::ShipmentAmended(amendment) => {
            if let Some(recipient) = &amendment.recipient {
                // A recipient replaces the last one whole, so here no telephone means none any more.
                cells.push((Column::RecipientPhoneHash, phone_hash(recipient, phones)));
            }
            let mut changed = |column, value: Option<Value>| cells.extend(value.map(|v| (column, Some(v))));
            changed(Column::Sender, amendment.sender.as_ref().map(json));
            changed(Column::Recipient, amendment.recipient.as_ref().map(json));
            changed(Column::Origin, amendment.origin.as_ref().map(json));
            changed(Column::Destination, amendment.destination.as_ref().map(json));
            changed(Column::WeightGrams, amendment.weight_grams.map(|g| Value::BigInt(g.get())));
            changed(Column::PromisedDelivery, amendment.promised_delivery.map(Value::Date));
            changed(Column::CustomerReference, amendment.customer_reference.as_deref().map(text));
            changed(Column::Carrier, amendment.carrier.as_deref().map(text));
            changed(Column::TrackingNumber, amendment.tracking_number.as_deref().map(text));
        }
        EventBody::ScanRecorded(_) => {
            cells.extend(deciding_scan(event).map(|scan| (Column::DecidingScan, Some(json(&scan)))));
        }
        EventBody::ScanRetracted(_) => {}
        EventBody::ShipmentCancelled(body) => {
            cells.push((Column::CancelledAt, Some(at)));
            optional(cells, Column::CancelReason, body.reason.as_deref().map(text));
        }
        EventBody::ShipmentArchived(body) => {
            cells.push((Column::ArchivedAt, Some(at)));
            optional(cells, Column::ArchiveReason, body.reason.as_deref().map(text));
        }
    }
}

fn registration_cells(
    registration: &Registration,
    phones: &PhoneKey,
    cells: &mut Vec<Cell>,
    mut optional: impl FnMut(&mut Vec<Cell>, Column, Option<Value>),
) {
    cells.push((Column::Sender, Some(json(&registration.sender))));
    cells.push((Column::Recipient, Some(json(&registration.recipient))));
    cells.push((Column::Destination, Some(json(&registration.destination))));
    cells.push((Column::WeightGrams, Some(Value::BigInt(registration.weight_grams.get()))));
    cells.push((Column::CustomerId, Some(text(registration.customer_id.as_str()))));
    optional(cells, Column::RecipientPhoneHash, phone_hash(&registration.recipient, phones));
    optional(cells, Column::Carrier, registration.carrier.as_deref().map(text));
    optional(cells, Column::TrackingNumber, registration.tracking_number.as_deref().map(text));
    optional(cells, Column::Origin, registration.origin.as_ref().map(json));
    optional(cells, Column::PromisedDelivery, registration.promised_delivery.map(Value::Date));
    optional(cells, Column::CustomerReference, registration.customer_reference.as_deref().map(text));
}

fn phone_hash(recipient: &Party, phones: &PhoneKey) -> Option<Value> {
    recipient.phone.as_ref().map(|phone| Value::Blob(phones.hash(phone).as_bytes().to_vec()))
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// One cell for what is replaced as a whole, so that an amendment never has to delete parts of it.
fn json(value: &impl Serialize) -> Value {
    // These are plain structs with string keys: the only ways for serde_json to fail don't arise.
    Value::Text(serde_json::to_string(value).unwrap_or_default())
}
