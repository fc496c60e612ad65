//! What clients were told, against the events.

use std::collections::HashMap;

use shipment_events::{CommandId, EventBody, ShipmentEvent, ShipmentId};

use super::Check;
use crate::ledger::{Answer, Kind, Op};
use crate::observed::Observed;

/// The rule whose refusals are for ever: versions only grow.
const VERSION_CONFLICT: &str = "PT-1003";

/// Everybody was told what became of their command.
pub(super) fn answered(observed: &Observed) -> Check {
    let mut check = Check::new("answered", "each command was answered, in the end");
    for op in observed.ops.iter().filter(|op| !op.intent.is_probe) {
        check.expect(op.is_answered(), op.name(), || {
            format!("{} requests, and no answer to any", op.attempts.len())
        });
    }
    check
}

/// Nobody was told nonsense.
pub(super) fn well_formed(observed: &Observed) -> Check {
    let mut check = Check::new("well formed", "an answer is an outcome, or says to come again");
    for op in &observed.ops {
        for (_, answer) in op.answers() {
            let broken = match answer {
                Answer::Broken { text } => Some(text),
                _ => None,
            };
            check.expect(broken.is_none(), op.name(), || broken.cloned().unwrap_or_default());
        }
    }
    check
}

/// Acknowledged means done, once, and at that version.
pub(super) fn exactly_once(observed: &Observed) -> Check {
    let mut check =
        Check::new("exactly once", "each accepted command has exactly one event, at the version answered");
    let mut by_command: HashMap<CommandId, Vec<&ShipmentEvent>> = HashMap::new();
    let mut by_position: HashMap<(ShipmentId, i64), &ShipmentEvent> = HashMap::new();
    for event in &observed.events {
        by_command.entry(event.value.command_id).or_default().push(&event.value);
        by_position.insert((event.value.shipment_id, event.value.sequence.get()), &event.value);
    }
    for op in &observed.ops {
        let (Some(command), Some(shipment)) = (op.command_id, op.shipment_id) else { continue };
        let Some((_, version, _)) = op.accepted().next() else { continue };
        let own = by_command.get(&command).map_or(&[][..], Vec::as_slice);
        let at = by_position.get(&(shipment, version)).copied();
        // A scan may have come before, under another command.
        let known_before = op.intent.kind == Kind::Scan && own.is_empty() && made_no_event(op);
        let once = own.len() == 1 || known_before;
        check.expect(once, op.name(), || {
            format!("accepted at version {version} of shipment {shipment}, and has {} events", own.len())
        });
        let fits = at.is_some_and(|event| {
            (known_before || event.command_id == command)
                && event.body.type_name() == op.intent.kind.event()
                && is_that_scan(op, event)
        });
        check.expect(fits, op.name(), || {
            let lies = at.map_or("nothing", |event| event.body.type_name());
            format!(
                "answered with version {version} of shipment {shipment}, where {lies} lies that is not of it"
            )
        });
    }
    check
}

fn made_no_event(op: &Op) -> bool {
    op.accepted().all(|(_, _, events)| events == 0)
}

fn is_that_scan(op: &Op, event: &ShipmentEvent) -> bool {
    match (&op.intent.scan, &event.body) {
        (Some(code), EventBody::ScanRecorded(body)) => body.scan.raw_code.as_ref() == Some(code),
        (Some(_), _) => false,
        (None, _) => true,
    }
}

/// Asked again, answered the same.
pub(super) fn first_answer_again(observed: &Observed) -> Check {
    let mut check =
        Check::new("first answer again", "a repeated key of an accepted command got the first answer");
    for op in &observed.ops {
        let mut accepted: Vec<_> = op.accepted().collect();
        accepted.sort_unstable();
        let Some((first_at, first, _)) = accepted.first().copied() else { continue };
        if accepted.len() > 1 {
            check.expect(accepted.iter().all(|(_, version, _)| *version == first), op.name(), || {
                format!("answered with versions {:?}", accepted.iter().map(|a| a.1).collect::<Vec<_>>())
            });
        }
        // Sent after the first acceptance was known, it can't be refused.
        for attempt in op.attempts.iter().filter(|attempt| attempt.sent_at >= first_at) {
            if let Some((_, Answer::Rejected { code, .. })) = &attempt.answered {
                check.expect(false, op.name(), || {
                    format!("accepted at version {first}, and later refused by {code}")
                });
            }
        }
    }
    check
}

/// Refused for its version is refused for ever.
pub(super) fn refused_leaves_nothing(observed: &Observed) -> Check {
    let mut check =
        Check::new("refused leaves nothing", "what a version conflict refused has no event, ever");
    let with_event: std::collections::HashSet<CommandId> =
        observed.events.iter().map(|event| event.value.command_id).collect();
    for op in &observed.ops {
        let refused = op
            .answers()
            .any(|(_, answer)| matches!(answer, Answer::Rejected { code, .. } if code == VERSION_CONFLICT));
        if let Some(command) = op.command_id.filter(|_| refused) {
            check.expect(!with_event.contains(&command), op.name(), || {
                "refused by a version conflict, and has an event".to_owned()
            });
        }
    }
    check
}
