//! Deciding a command once, however often it comes.

use shipment_events::{
    Accepted, AcceptedCommand, CommandReply, Outcome, Rejected, Sequence, Shipment, ShipmentEvent,
    ShipmentSnapshot, Timestamp,
};

use crate::decide::expect_theirs;
use crate::{CommandBody, Decision, Rejection, ShipmentCommand, decide, fingerprint};

/// Where a command's record lies in the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CommandPosition<'a> {
    /// The incarnation of the commands topic (Kafka's topic id).
    pub topic_id: &'a str,
    /// The partition, which is also that of the shipment's events, snapshot and reply.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
    /// When the broker appended it.
    pub appended_at: Timestamp,
}

/// What becomes of one command.
#[derive(Clone, PartialEq, Debug)]
pub struct Decided {
    /// The events to write, in order.
    pub events: Vec<ShipmentEvent>,
    /// The answer to give.
    pub outcome: Outcome,
    /// The snapshot to write; `None` when nothing changed (a rejection, or a repeat).
    pub snapshot: Option<ShipmentSnapshot>,
}

impl Decided {
    /// The reply record.
    pub fn reply(&self, command: &ShipmentCommand, at: &CommandPosition<'_>) -> CommandReply {
        CommandReply {
            command_id: command.command_id,
            shipment_id: command.shipment_id,
            decided_at: at.appended_at,
            outcome: self.outcome.clone(),
        }
    }
}

/// Decides a command against what is known of its shipment (`None`: nothing yet), repeats recognised:
///
/// * A command whose id was accepted before, with the same payload ([`fingerprint()`]), gets the same version again
///   and makes no event. This comes before every rule, so a retry with `expected_version` isn't told of a conflict with
///   its own first try. With another payload it is refused ([`Rejection::CommandIdReused`]).
/// * A scan is recognised by its natural id, under whatever command id it comes, for ever. A scan that is new but comes
///   under the id of a command known to have been accepted is refused too, since event ids come from command ids: give
///   it an id of its own.
/// * A rejection isn't remembered: the command is decided anew, and may be accepted by then.
///
/// The last [`ShipmentSnapshot::REMEMBERED`] accepted commands of a shipment are remembered, scans not counted. An older
/// one posted again is decided anew; registration, cancellation and archival are then refused as done before, while an
/// amendment would be made again (`expected_version` keeps it from that).
///
/// A command that changed nothing leaves the snapshot where it was, its command offset included. Deciding it again gives
/// the same answer, because the state it met is still the same; a command that did change something carries the offset
/// past all before it.
pub fn decide_once(
    known: Option<&ShipmentSnapshot>,
    command: &ShipmentCommand,
    at: &CommandPosition<'_>,
) -> Decided {
    let unknown = Shipment::default();
    let state = known.map_or(&unknown, |k| &k.state);
    let accepted = known.map_or(&[][..], |k| &k.accepted);
    match decide_or_recognise(state, accepted, command, at.appended_at) {
        Ok(Decision { events, version, after }) => Decided {
            outcome: Outcome::Accepted(Accepted {
                version,
                partition: at.partition,
                events: events.len() as i32,
            }),
            events,
            snapshot: after.map(|state| ShipmentSnapshot {
                shipment_id: command.shipment_id,
                state,
                accepted: remember(accepted, command, version),
                command_topic_id: at.topic_id.to_owned(),
                command_offset: at.offset,
            }),
        },
        Err(rejection) => Decided {
            events: Vec::new(),
            outcome: Outcome::Rejected(Rejected {
                code: rejection.code().to_owned(),
                text: rejection.text(),
                version: state.version,
            }),
            snapshot: None,
        },
    }
}

/// Whether the command at this position was decided into the snapshot, or before it, and so mustn't be decided again.
/// Offsets of another incarnation of the topic say nothing.
pub fn is_decided(snapshot: &ShipmentSnapshot, at: &CommandPosition<'_>) -> bool {
    snapshot.command_topic_id == at.topic_id && at.offset <= snapshot.command_offset
}

fn decide_or_recognise(
    state: &Shipment,
    accepted: &[AcceptedCommand],
    command: &ShipmentCommand,
    appended_at: Timestamp,
) -> Result<Decision, Rejection> {
    let before = accepted.iter().rev().find(|a| a.command_id == command.command_id);
    if let (Some(before), false) = (before, is_scan(command)) {
        // As `decide` does first of all: since it was accepted it may have become somebody else's customer.
        expect_theirs(state, command)?;
        return if before.fingerprint == fingerprint(command) {
            Ok(Decision { events: Vec::new(), version: before.version, after: None })
        } else {
            Err(Rejection::CommandIdReused)
        };
    }
    let decision = decide(state, command, appended_at)?;
    // A new scan under a remembered command's id; a scan already known stays accepted, whatever its command's id.
    if before.is_some() && decision.after.is_some() { Err(Rejection::CommandIdReused) } else { Ok(decision) }
}

fn remember(
    accepted: &[AcceptedCommand],
    command: &ShipmentCommand,
    version: Sequence,
) -> Vec<AcceptedCommand> {
    if is_scan(command) {
        return accepted.to_vec();
    }
    let forgotten = (accepted.len() + 1).saturating_sub(ShipmentSnapshot::REMEMBERED);
    let latest =
        AcceptedCommand { command_id: command.command_id, fingerprint: fingerprint(command), version };
    accepted.iter().skip(forgotten).copied().chain([latest]).collect()
}

fn is_scan(command: &ShipmentCommand) -> bool {
    matches!(command.body, CommandBody::RecordScan(_))
}
