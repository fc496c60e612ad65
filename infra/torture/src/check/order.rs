//! The order of events, against the order in which clients could have seen it.

use std::collections::{BTreeMap, HashMap};

use shipment_events::{CommandId, ShipmentId};

use super::Check;
use crate::ledger::Op;
use crate::observed::Observed;

/// What was answered before another was sent, lies before it.
pub(super) fn real_time(observed: &Observed) -> Check {
    let mut check =
        Check::new("order", "what was answered before another command was sent, lies before it in the log");
    let ops: HashMap<CommandId, &Op> =
        observed.ops.iter().filter_map(|op| Some((op.command_id?, op))).collect();
    for (shipment, mut events) in observed.histories() {
        events.sort_by_key(|event| event.value.sequence);
        // From the last event to the first: the earliest answer among those behind.
        let mut earliest: Option<(u64, i64)> = None;
        for event in events.iter().rev() {
            let Some(op) = ops.get(&event.value.command_id) else { continue };
            let (sent, sequence) = (op.first_sent(), event.value.sequence.get());
            if let (Some(sent), Some((answered, behind))) = (sent, earliest) {
                check.expect(answered >= sent, shipment, || {
                    format!(
                        "event {behind} was answered at {answered} ms, before event {sequence} was asked for at {sent} ms"
                    )
                });
            }
            if let Some(answered) = op.accepted().map(|(at, ..)| at).min()
                && earliest.is_none_or(|(before, _)| answered < before)
            {
                earliest = Some((answered, sequence));
            }
        }
    }
    check
}

/// For one expected version of a shipment there is one winner.
pub(super) fn one_winner(observed: &Observed) -> Check {
    let mut check =
        Check::new("one winner", "of those that expected the same version, one at most was accepted");
    let mut winners: BTreeMap<(ShipmentId, i64), Vec<&Op>> = BTreeMap::new();
    for op in &observed.ops {
        let (Some(shipment), Some(expected)) = (op.shipment_id, op.intent.expected_version) else { continue };
        let entry = winners.entry((shipment, expected)).or_default();
        if let Some((_, version, _)) = op.accepted().next() {
            check.expect(version == expected + 1, op.name(), || {
                format!("expected version {expected} of shipment {shipment}, and was answered with {version}")
            });
            entry.push(op);
        }
    }
    for ((shipment, expected), won) in winners {
        check.expect(won.len() <= 1, shipment, || {
            let names: Vec<_> = won.iter().map(|op| op.name()).collect();
            format!("version {expected} was won by {}", names.join(" and by "))
        });
    }
    check
}
