//! The events by themselves.

use std::collections::{BTreeMap, HashSet};

use shipment_events::{CommandId, EventBody, Shipment, ShipmentId, evolve};

use super::Check;
use crate::observed::Observed;

/// 1, 2, 3, … in the order of the log.
pub(super) fn sequences(observed: &Observed) -> Check {
    let mut check = Check::new("sequences", "a shipment's sequences are 1, 2, 3, … without gap or repeat");
    for (shipment, events) in observed.histories() {
        let sequences: Vec<i64> = events.iter().map(|event| event.value.sequence.get()).collect();
        let right = sequences.iter().zip(1..).all(|(is, should)| *is == should);
        check.expect(right, shipment, || format!("its sequences are {}", shown(&sequences)));
        let partitions: HashSet<i32> = events.iter().map(|event| event.partition).collect();
        check.expect(partitions.len() == 1, shipment, || {
            format!("its events lie on partitions {partitions:?}")
        });
    }
    check
}

/// Where it goes wrong is what matters of a long history.
fn shown(sequences: &[i64]) -> String {
    let wrong = sequences.iter().zip(1..).position(|(is, should)| *is != should).unwrap_or(0);
    let (from, to) = (wrong.saturating_sub(3), (wrong + 5).min(sequences.len()));
    let part: Vec<String> = sequences[from..to].iter().map(ToString::to_string).collect();
    format!(
        "{}{}{}",
        if from > 0 { "… " } else { "" },
        part.join(" "),
        if to < sequences.len() { " …" } else { "" }
    )
}

/// No command and no scan leads to two events, whether anybody was told or not; and each event is of a command that was sent.
pub(super) fn commands_once(observed: &Observed) -> Check {
    let mut check =
        Check::new("commands once", "no command and no scan has two events, and no event is of nobody");
    let mut events: BTreeMap<CommandId, usize> = BTreeMap::new();
    let mut scans: BTreeMap<(ShipmentId, uuid::Uuid), usize> = BTreeMap::new();
    for event in &observed.events {
        *events.entry(event.value.command_id).or_default() += 1;
        if let EventBody::ScanRecorded(body) = &event.value.body {
            *scans.entry((event.value.shipment_id, body.natural_id)).or_default() += 1;
        }
    }
    let sent: HashSet<CommandId> = observed.ops.iter().filter_map(|op| op.command_id).collect();
    for (command, count) in events {
        check.expect(count == 1, command, || format!("the command has {count} events"));
        check
            .expect(sent.contains(&command), command, || "an event of a command that nobody sent".to_owned());
    }
    for ((shipment, scan), count) in scans {
        check.expect(count == 1, shipment, || format!("the scan {scan} is recorded {count} times"));
    }
    check
}

/// What each event says of the status is what the fold says.
pub(super) fn statuses(observed: &Observed) -> Check {
    let mut check = Check::new("statuses", "the status that each event tells is that of the fold up to it");
    for (shipment, events) in observed.histories() {
        let mut state = Shipment::default();
        for event in events {
            let before = state.status();
            state = evolve(state, &event.value);
            let right =
                event.value.status_before == before && Some(event.value.status_after) == state.status();
            check.expect(right, shipment, || {
                format!(
                    "event {} says {:?} → {:?}, and the fold says {before:?} → {:?}",
                    event.value.sequence,
                    event.value.status_before,
                    event.value.status_after,
                    state.status()
                )
            });
        }
    }
    check
}
