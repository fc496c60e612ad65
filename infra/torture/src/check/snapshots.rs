//! The snapshots, against the fold of the events.

use std::collections::BTreeMap;

use shipment_events::{Shipment, ShipmentEvent, ShipmentId, ShipmentSnapshot, evolve};

use super::Check;
use crate::observed::{Logged, Observed};

/// Each snapshot is the fold of the events up to its version; the last one is the fold of them all.
pub(super) fn equal_the_fold(observed: &Observed) -> Check {
    let mut check = Check::new(
        "snapshots",
        "each snapshot equals the fold of the events up to it, and the last one that of them all",
    );
    let mut snapshots: BTreeMap<ShipmentId, Vec<&Logged<ShipmentSnapshot>>> = BTreeMap::new();
    for snapshot in &observed.snapshots {
        snapshots.entry(snapshot.value.shipment_id).or_default().push(snapshot);
    }
    let histories = observed.histories();
    for (shipment, events) in &histories {
        let of_it = snapshots.remove(shipment).unwrap_or_default();
        let last = of_it.last().map_or(0, |snapshot| snapshot.value.state.version.get());
        let end = events.iter().map(|event| event.value.sequence.get()).max().unwrap_or(0);
        check.expect(last == end, shipment, || {
            format!("its last snapshot has version {last}, and its last event {end}")
        });
        let mut events: Vec<&ShipmentEvent> = events.iter().map(|event| &event.value).collect();
        events.sort_by_key(|event| event.sequence);
        against_the_fold(&mut check, *shipment, &of_it, &events);
    }
    for shipment in snapshots.keys() {
        check.expect(false, shipment, || "it has a snapshot and no event".to_owned());
    }
    check
}

fn against_the_fold(
    check: &mut Check,
    shipment: ShipmentId,
    snapshots: &[&Logged<ShipmentSnapshot>],
    events: &[&ShipmentEvent],
) {
    let (mut state, mut events) = (Shipment::default(), events.iter().peekable());
    let mut before: Option<&ShipmentSnapshot> = None;
    for snapshot in snapshots.iter().map(|snapshot| &snapshot.value) {
        let version = snapshot.state.version;
        while let Some(event) = events.next_if(|event| event.sequence <= version) {
            state = evolve(state, event);
        }
        check.expect(snapshot.state == state, shipment, || {
            format!("its snapshot at version {version} isn't the fold of its events up to there")
        });
        if let Some(before) = before {
            let grows = before.state.version < version && before.command_offset < snapshot.command_offset;
            check.expect(grows, shipment, || {
                format!(
                    "after its snapshot of version {} at command {} follows one of version {version} at {}",
                    before.state.version, before.command_offset, snapshot.command_offset
                )
            });
        }
        before = Some(snapshot);
    }
}
