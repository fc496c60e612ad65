use shipment_events::{EventBody, ListKeys, Revision, Sequence, ShipmentEvent, effective_time};

use crate::entries::{Keys, archive_entry};
use crate::project_row::row_cells;
use crate::{CellWrite, Change, Column, List, PhoneKey, RowKey, Stamp, Value};

/// Which projection this is: raised whenever the same events give other writes. A generation of tables is filled by one
/// form only; a rebuild that another form has begun is begun anew. A test pins it to what is written.
pub const FORM: i32 = 1;

/// Turns events into cell writes.
#[derive(Clone, Debug)]
pub struct Projection {
    phones: PhoneKey,
}

impl Projection {
    /// A projection that hashes telephone numbers with this key.
    pub const fn new(phones: PhoneKey) -> Self {
        Self { phones }
    }

    /// Everything that one event writes. `framed` is the record's value as it lies in the topic; history keeps it, so
    /// that whoever reads it folds the very event.
    pub fn project(&self, event: &ShipmentEvent, framed: &[u8]) -> Vec<CellWrite> {
        let stamp = Stamp::of(event.sequence, event.revision);
        let mut writes = vec![CellWrite {
            row: RowKey::Event(event.shipment_id, event.sequence),
            stamp,
            change: Change::Cells(event_cells(event, framed)),
        }];
        self.list(event, stamp, &mut writes);
        writes.push(CellWrite {
            row: RowKey::Shipment(event.shipment_id),
            stamp,
            change: Change::Cells(row_cells(event, &self.phones)),
        });
        if is_rewrite(event) {
            // A rewrite that can be read heals a revision that couldn't.
            writes.push(CellWrite {
                row: RowKey::Shipment(event.shipment_id),
                stamp,
                change: Change::Parked(event.sequence, None),
            });
        }
        writes
    }

    /// Moves the shipment in the lists. What its before-keys list and its after-keys don't is deleted; what both list is
    /// never deleted, for a deletion would win over an insertion of the same stamp. What the event itself sets is
    /// inserted, changed or not: rewriting an event leaves the ones after it as they were, with a before that is no
    /// longer true, and what they set must not depend on it.
    fn list(&self, event: &ShipmentEvent, stamp: Stamp, writes: &mut Vec<CellWrite>) {
        let id = event.shipment_id;
        let sets: Vec<List> = List::ALL.into_iter().filter(|list| sets(event, *list)).collect();
        if !sets.is_empty() || event.keys_before.is_some() {
            let after = event.keys.as_ref();
            let before = event.keys_before.as_ref().or(after);
            let before = before.map_or_else(Vec::new, |k| self.keys(k).entries(id, event.status_before));
            let after = after.map_or_else(Vec::new, |k| self.keys(k).entries(id, Some(event.status_after)));
            let mut push =
                |entry, change| writes.push(CellWrite { row: RowKey::Entry(entry), stamp, change });
            for entry in before.iter().filter(|e| !after.contains(e)) {
                push(entry.clone(), Change::Delete);
            }
            for entry in after.into_iter().filter(|e| sets.contains(&e.bucket.list())) {
                push(entry, Change::Insert);
            }
        }
        if let EventBody::ShipmentArchived(_) = event.body {
            let at = effective_time(event.occurred_at, event.recorded_at);
            let row = RowKey::Entry(archive_entry(id, at));
            writes.push(CellWrite { row, stamp, change: Change::Insert });
        }
    }

    fn keys(&self, keys: &ListKeys) -> Keys {
        Keys {
            customer_id: Some(keys.customer_id.clone()),
            phone: keys.recipient_phone.as_ref().map(|phone| self.phones.hash(phone)),
            tracking_number: keys.tracking_number.clone(),
            registered_at: keys.registered_at,
        }
    }
}

/// Whether the event sets what this list is keyed on.
fn sets(event: &ShipmentEvent, list: List) -> bool {
    let changes_status = event.status_before != Some(event.status_after) || is_rewrite(event);
    match (&event.body, list) {
        (EventBody::ShipmentRegistered(_), _) => true,
        (EventBody::ShipmentAmended(body), List::Phone) => body.recipient.is_some(),
        (EventBody::ShipmentAmended(body), List::TrackingNumber) => body.tracking_number.is_some(),
        (_, List::Status) => changes_status,
        _ => false,
    }
}

pub(crate) fn is_rewrite(event: &ShipmentEvent) -> bool {
    event.revision > Revision::FIRST
}

fn event_cells(event: &ShipmentEvent, framed: &[u8]) -> Vec<(Column, Option<Value>)> {
    let mut cells = vec![
        (Column::EventId, Some(Value::Uuid(event.event_id.as_uuid()))),
        (Column::Revision, Some(Value::Int(event.revision.get()))),
        (Column::EventType, Some(Value::Text(event.body.type_name().to_owned()))),
        (Column::OccurredAt, Some(Value::Timestamp(event.occurred_at))),
        (Column::RecordedAt, Some(Value::Timestamp(event.recorded_at))),
        (Column::CommandId, Some(Value::Uuid(event.command_id.as_uuid()))),
        (Column::StatusAfter, Some(Value::Text(event.status_after.as_str().to_owned()))),
        (Column::Payload, Some(Value::Blob(framed.to_vec()))),
    ];
    if event.actor.is_some() || is_rewrite(event) {
        cells.push((Column::Actor, event.actor.clone().map(Value::Text)));
    }
    cells
}

/// The cell that says how far the row goes.
pub(crate) fn version_cell(sequence: Sequence) -> (Column, Option<Value>) {
    (Column::Version, Some(Value::BigInt(sequence.get())))
}
