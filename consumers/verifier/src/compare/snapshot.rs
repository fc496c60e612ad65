//! A snapshot against the fold of the events.

use shipment_events::{AcceptedCommand, CommandId, EventBody, Sequence, ShipmentSnapshot};

use super::{History, Unreadable};
use crate::finding::{Finding, Kind};

/// What is wrong with a shipment's snapshot, its last one, given the history: `due` is the version that the snapshots
/// that were read must have come to.
pub(crate) fn compare(
    history: &History<'_>,
    snapshot: Option<&Result<ShipmentSnapshot, Unreadable>>,
    due: Sequence,
) -> Option<Finding> {
    let found = |kind, detail: String| Some(Finding::of(kind, history.shipment_id, detail));
    let snapshot = match snapshot {
        None if due > Sequence::NONE => {
            return found(Kind::SnapshotMissing, format!("has {due} events and no snapshot"));
        }
        None => return None,
        Some(Err(why)) => {
            return found(Kind::SnapshotUnreadable, format!("its snapshot can't be decoded: {}", why.code));
        }
        Some(Ok(snapshot)) => snapshot,
    };
    let (version, last) = (snapshot.state.version, history.version());
    if history.is_empty() {
        return found(Kind::SnapshotExtra, format!("has a snapshot of version {version} and no events"));
    }
    if version > last {
        return found(
            Kind::SnapshotAhead,
            format!("its snapshot is of version {version}, its last event {last}"),
        );
    }
    if version < due {
        return found(
            Kind::SnapshotBehind,
            format!("its snapshot is of version {version}, and {due} was written"),
        );
    }
    let parts = if history.is_whole_to(version) { different(history, snapshot) } else { Vec::new() };
    if parts.is_empty() {
        return None;
    }
    found(Kind::SnapshotDiffers, format!("its snapshot of version {version} differs in {}", parts.join(", ")))
}

/// The parts that aren't what the events fold to.
fn different(history: &History<'_>, snapshot: &ShipmentSnapshot) -> Vec<&'static str> {
    let (state, right) = (&snapshot.state, history.fold_to(snapshot.state.version));
    let parts = [
        ("shipment_id", snapshot.shipment_id == history.shipment_id),
        ("version", state.version == right.version),
        ("recorded_at", state.recorded_at == right.recorded_at),
        ("registration", state.registration == right.registration),
        ("registered", state.registered == right.registered),
        ("cancelled", state.cancelled == right.cancelled),
        ("archived", state.archived == right.archived),
        ("scans", state.scans == right.scans),
        ("accepted", is_remembered(&snapshot.accepted, &accepted(history, state.version))),
    ];
    parts.into_iter().filter(|(_, same)| !same).map(|(part, _)| part).collect()
}

/// The commands that aren't scans, each with the version that it answered: the ones that a snapshot must remember.
fn accepted(history: &History<'_>, version: Sequence) -> Vec<(CommandId, Sequence)> {
    let mut accepted: Vec<(CommandId, Sequence)> = Vec::new();
    for event in history.to(version).filter(|event| !matches!(event.body, EventBody::ScanRecorded(_))) {
        match accepted.last_mut() {
            Some(last) if last.0 == event.command_id && last.1.next() == event.sequence => {
                last.1 = event.sequence;
            }
            _ => accepted.push((event.command_id, event.sequence)),
        }
    }
    let forgotten = accepted.len().saturating_sub(ShipmentSnapshot::REMEMBERED);
    accepted.split_off(forgotten)
}

/// A command's fingerprint can't be told from its events; its id and version can.
fn is_remembered(remembered: &[AcceptedCommand], accepted: &[(CommandId, Sequence)]) -> bool {
    remembered.iter().map(|command| (command.command_id, command.version)).eq(accepted.iter().copied())
}
