//! A shipment's row against the fold of the events.

use shipment_events::Sequence;
use tracking_view::{Column, DecidingScan, PhoneKey, ShipmentRow, expected_row};

use super::History;
use crate::finding::{Finding, Kind};

/// How far the projector has come with a shipment's partition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Projected {
    /// The offset that it has committed: what lies before is in the tables, or among the dead letters.
    pub(crate) offset: i64,
}

/// What is wrong with a shipment's row.
pub(crate) fn compare(
    history: &History<'_>,
    row: Option<&ShipmentRow>,
    projected: Projected,
    phones: &PhoneKey,
) -> Option<Finding> {
    let found = |kind, detail: String| Some(Finding::of(kind, history.shipment_id, detail));
    let (due, last) = (history.due(projected.offset), history.version());
    let Some(row) = row else {
        let missing = due > Sequence::NONE;
        return missing.then(|| found(Kind::RowMissing, format!("has {due} events and no row"))).flatten();
    };
    if !row.parked.is_empty() {
        let parked: Vec<_> = row.parked.keys().take(5).map(ToString::to_string).collect();
        let more = if row.parked.len() > parked.len() { ", …" } else { "" };
        let detail =
            format!("its row is incomplete: dead letters wait of the sequences {}{more}", parked.join(", "));
        return found(Kind::RowIncomplete, detail);
    }
    if history.is_empty() {
        return found(Kind::RowWithoutEvents, format!("has a row of version {} and no events", row.version));
    }
    if row.version > last {
        return found(
            Kind::RowAhead,
            format!("its row is of version {}, its last event {last}", row.version),
        );
    }
    if row.version < due {
        let detail = format!("its row is of version {}, and the projector has passed {due}", row.version);
        return found(Kind::RowBehind, detail);
    }
    if !history.is_whole_to(row.version) || history.is_rewritten_from(projected.offset) {
        return None;
    }
    let columns = different(history, row, phones);
    if columns.is_empty() {
        return None;
    }
    found(Kind::RowDiffers, format!("its row of version {} differs in {}", row.version, columns.join(", ")))
}

/// How many events a row is behind the log, because the projector hasn't come to them yet.
pub(crate) fn lag(history: &History<'_>, row: Option<&ShipmentRow>) -> u64 {
    let version = row.map_or(Sequence::NONE, |row| row.version);
    (history.version().get() - version.get()).max(0) as u64
}

/// The row that the events up to a version lead to, as the table gives it back.
pub(crate) fn expected(history: &History<'_>, version: Sequence, phones: &PhoneKey) -> Option<ShipmentRow> {
    let mut row = expected_row(history.to(version), phones)?;
    row.deciding_scan = row.deciding_scan.map(as_stored);
    Some(row)
}

/// Degrees of latitude and longitude may come back from JSON with another last digit.
fn as_stored(scan: DecidingScan) -> DecidingScan {
    let stored = serde_json::to_string(&scan).ok().and_then(|json| serde_json::from_str(&json).ok());
    stored.unwrap_or(scan)
}

/// The columns that aren't what the events fold to. Their names only: what is in them may be personal.
fn different(history: &History<'_>, row: &ShipmentRow, phones: &PhoneKey) -> Vec<&'static str> {
    let Some(right) = expected(history, row.version, phones) else { return vec![Column::Version.name()] };
    let last = |of: fn(&tracking_view::LastEvent) -> String| {
        row.last_event.as_ref().map(of) == right.last_event.as_ref().map(of)
    };
    let columns = [
        (Column::Status, row.status == right.status),
        (Column::StatusSince, row.status_since == right.status_since),
        (Column::DecidingScan, row.deciding_scan == right.deciding_scan),
        (Column::LastEventId, last(|event| event.event_id.to_string())),
        (Column::LastEventType, last(|event| event.event_type.clone())),
        (Column::LastOccurredAt, last(|event| event.occurred_at.to_string())),
        (Column::LastRecordedAt, last(|event| event.recorded_at.to_string())),
        (Column::RegisteredAt, row.registered_at == right.registered_at),
        (Column::CancelledAt, row.cancelled_at == right.cancelled_at),
        (Column::CancelReason, row.cancel_reason == right.cancel_reason),
        (Column::ArchivedAt, row.archived_at == right.archived_at),
        (Column::ArchiveReason, row.archive_reason == right.archive_reason),
        (Column::CustomerId, row.customer_id == right.customer_id),
        (Column::Carrier, row.carrier == right.carrier),
        (Column::TrackingNumber, row.tracking_number == right.tracking_number),
        (Column::CustomerReference, row.customer_reference == right.customer_reference),
        (Column::WeightGrams, row.weight_grams == right.weight_grams),
        (Column::PromisedDelivery, row.promised_delivery == right.promised_delivery),
        (Column::Origin, row.origin == right.origin),
        (Column::Destination, row.destination == right.destination),
        (Column::RecipientPhoneHash, row.recipient_phone_hash == right.recipient_phone_hash),
        (Column::Sender, row.sender == right.sender),
        (Column::Recipient, row.recipient == right.recipient),
    ];
    columns.into_iter().filter(|(_, same)| !same).map(|(column, _)| column.name()).collect()
}
