//! The table of histories against the events.

use std::collections::BTreeMap;

use shipment_events::{Sequence, ShipmentEvent};
use tracking_view::{Column, EventRow, ShipmentRow};

use super::History;
use super::row::Projected;
use crate::finding::{Finding, Kind};

/// How many sequences a finding names.
const NAMED: usize = 5;

/// What is wrong with a shipment's history as its table has it, given its row, read before: what that tells of was written
/// before it, but for what it marks as parked.
pub(crate) fn compare(
    history: &History<'_>,
    rows: &[EventRow],
    row: Option<&ShipmentRow>,
    projected: Projected,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut found = |kind, sequences: &[Sequence], what: &str| {
        let Some(first) = sequences.first() else { return };
        let detail = format!("the table of histories {what} {}", named(sequences));
        findings.push(Finding::of(kind, history.shipment_id, detail).sequence(*first));
    };
    let there: BTreeMap<Sequence, &EventRow> = rows.iter().map(|row| (row.sequence, row)).collect();
    let due = history.due(projected.offset).max(row.map_or(Sequence::NONE, |row| row.version));
    let parked = |n: &Sequence| row.is_some_and(|row| row.parked.contains_key(n));
    let missing: Vec<_> =
        history.sequences_to(due).filter(|n| !there.contains_key(n) && !parked(n)).collect();
    found(Kind::EventRowMissing, &missing, "lacks");
    let extra: Vec<_> = there.keys().copied().filter(|n| history.event(*n).is_none()).collect();
    found(Kind::EventRowExtra, &extra, "has, without an event,");
    if history.is_rewritten_from(projected.offset) {
        return findings;
    }
    for row in rows {
        let Some((event, value)) = history.event(row.sequence) else { continue };
        let columns = different(event, value, row);
        if !columns.is_empty() {
            let detail = format!("its history's row {} differs in {}", row.sequence, columns.join(", "));
            let finding = Finding::of(Kind::EventRowDiffers, history.shipment_id, detail);
            findings.push(finding.sequence(row.sequence));
        }
    }
    findings
}

fn different(event: &ShipmentEvent, value: &[u8], row: &EventRow) -> Vec<&'static str> {
    let columns = [
        (Column::EventId, row.event_id == event.event_id),
        (Column::Revision, row.revision == event.revision),
        (Column::EventType, row.event_type == event.body.type_name()),
        (Column::OccurredAt, row.occurred_at == event.occurred_at),
        (Column::RecordedAt, row.recorded_at == event.recorded_at),
        (Column::CommandId, row.command_id == event.command_id),
        (Column::Actor, row.actor == event.actor),
        (Column::StatusAfter, row.status_after == event.status_after),
        (Column::Payload, row.payload == value),
    ];
    columns.into_iter().filter(|(_, same)| !same).map(|(column, _)| column.name()).collect()
}

fn named(sequences: &[Sequence]) -> String {
    let named: Vec<_> = sequences.iter().take(NAMED).map(ToString::to_string).collect();
    let more = sequences.len() - named.len();
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", named.join(", "))
}
