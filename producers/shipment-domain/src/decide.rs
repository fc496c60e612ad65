//! From a command to the events that it makes, or to the rule that refuses it.

use shipment_events::{
    Amendment, Archival, Cancellation, Class, CustomerId, EventBody, EventId, Grams, Registration,
    Retraction, Revision, ScanRecorded, Sequence, Shipment, ShipmentEvent, Status, Timestamp, evolve,
    is_from_the_future,
};

use crate::{
    AmendShipment, CommandBody, RegisterShipment, Rejection, RetractScan, ShipmentCommand, check, limits,
    natural_id,
};

/// What a command that was accepted leads to.
#[derive(Clone, PartialEq, Debug)]
pub struct Decision {
    /// The events, in order; none when the scan was already known.
    pub events: Vec<ShipmentEvent>,
    /// The version to answer: the last event's, or for a scan already known the one that recorded it.
    pub version: Sequence,
    /// The state after the events; `None` when there are none.
    pub after: Option<Shipment>,
}

/// Decides a command against a state. Pure: the same arguments give the same decision, byte for byte, so that a command
/// decided again after an abort writes the same events.
///
/// `appended_at` is the append time of the command's record. Rules are held against the command in this order:
///
/// 1. the sender's customers: for who may not touch it a shipment isn't there ([`Rejection::ShipmentNotRegistered`]), and
///    nobody registers one for somebody else's customer ([`Rejection::CustomerNotTheirs`]);
/// 2. a scan already known is accepted again, with no event, before anything can refuse it;
/// 3. its own fields ([`check()`]), which need no state;
/// 4. a request for a shipment that isn't registered ([`Rejection::ShipmentNotRegistered`]);
/// 5. the expected version, of scans too where they name one;
/// 6. the rules of the request, or how many scans there are;
/// 7. the command's id, which mustn't have made an event of this shipment ([`Rejection::CommandIdReused`]).
///
/// Commands repeated under their id are [`crate::decide_once`]'s business, which comes before all of these but the first.
pub fn decide(
    state: &Shipment,
    command: &ShipmentCommand,
    appended_at: Timestamp,
) -> Result<Decision, Rejection> {
    expect_theirs(state, command)?;
    if let Some(version) = known_scan(state, command) {
        return Ok(Decision { events: Vec::new(), version, after: None });
    }
    check(command)?;
    expect_registered(state, command)?;
    expect_version(state, command)?;
    let recorded_at = state.recorded_at.max(appended_at);
    let body = grant(state, command, recorded_at)?;
    // An event's id comes from its command's: a second command under the id would make a second event under one.
    let event_id = EventId::of_command(command.command_id, 0);
    if is_taken(state, event_id) {
        return Err(Rejection::CommandIdReused);
    }
    Ok(write_down(state, command, event_id, recorded_at, body))
}

pub(crate) fn expect_theirs(state: &Shipment, command: &ShipmentCommand) -> Result<(), Rejection> {
    let Some(customers) = &command.customers else { return Ok(()) };
    let is_theirs = |customer: &str| customers.iter().any(|theirs| theirs == customer);
    match (&state.registration, &command.body) {
        (Some(registration), _) if !is_theirs(registration.customer_id.as_str()) => {
            Err(Rejection::ShipmentNotRegistered)
        }
        (None, CommandBody::RegisterShipment(body)) if !is_theirs(&body.customer_id) => {
            Err(Rejection::CustomerNotTheirs)
        }
        _ => Ok(()),
    }
}

fn known_scan(state: &Shipment, command: &ShipmentCommand) -> Option<Sequence> {
    let CommandBody::RecordScan(body) = &command.body else { return None };
    let natural_id = natural_id(command.shipment_id, &body.scan);
    state.scans.iter().find(|s| s.natural_id == natural_id).map(|s| s.sequence)
}

fn expect_registered(state: &Shipment, command: &ShipmentCommand) -> Result<(), Rejection> {
    let needs_it = match &command.body {
        CommandBody::AmendShipment(_) | CommandBody::CancelShipment(_) | CommandBody::ArchiveShipment(_) => {
            true
        }
        // A scan is kept before its shipment is registered, so it can be taken back before that as well.
        CommandBody::RegisterShipment(_) | CommandBody::RecordScan(_) | CommandBody::RetractScan(_) => false,
    };
    if needs_it && state.registration.is_none() { Err(Rejection::ShipmentNotRegistered) } else { Ok(()) }
}

fn expect_version(state: &Shipment, command: &ShipmentCommand) -> Result<(), Rejection> {
    match command.expected_version {
        Some(expected) if expected != state.version => {
            Err(Rejection::VersionConflict { expected, actual: state.version })
        }
        _ => Ok(()),
    }
}

fn grant(
    state: &Shipment,
    command: &ShipmentCommand,
    recorded_at: Timestamp,
) -> Result<EventBody, Rejection> {
    match &command.body {
        CommandBody::RegisterShipment(body) => {
            if state.registration.is_some() {
                return Err(Rejection::AlreadyRegistered);
            }
            Ok(EventBody::ShipmentRegistered(registration(body)))
        }
        CommandBody::AmendShipment(body) => {
            expect_open(state, |status| {
                matches!(status, Status::Delivered | Status::Returned | Status::Disposed)
            })?;
            if state.version.get() >= limits::HISTORY {
                return Err(Rejection::HistoryFull);
            }
            Ok(EventBody::ShipmentAmended(amendment(body)))
        }
        CommandBody::CancelShipment(body) => {
            expect_open(state, |status| status.class() >= Class::Delivered)?;
            Ok(EventBody::ShipmentCancelled(Cancellation { reason: body.reason.clone() }))
        }
        CommandBody::ArchiveShipment(body) => {
            if state.archived.is_some() {
                return Err(Rejection::AlreadyArchived);
            }
            Ok(EventBody::ShipmentArchived(Archival { reason: body.reason.clone() }))
        }
        CommandBody::RetractScan(body) => retract(state, body),
        CommandBody::RecordScan(body) => {
            if state.scans.len() >= limits::SCANS {
                return Err(Rejection::TooManyScans);
            }
            Ok(EventBody::ScanRecorded(ScanRecorded {
                natural_id: natural_id(command.shipment_id, &body.scan),
                scan: body.scan.clone(),
                from_the_future: is_from_the_future(body.scan.time.at, recorded_at),
            }))
        }
    }
}

/// That the shop may still change something: an archived shipment is closed, a cancelled one stays cancelled, and one
/// that arrived has arrived.
fn expect_open(state: &Shipment, arrived: impl FnOnce(Status) -> bool) -> Result<(), Rejection> {
    if state.archived.is_some() {
        return Err(Rejection::AlreadyArchived);
    }
    if state.cancelled.is_some() {
        return Err(Rejection::AlreadyCancelled);
    }
    match state.status() {
        Some(status) if arrived(status) => Err(Rejection::AlreadyDelivered { status }),
        _ => Ok(()),
    }
}

fn retract(state: &Shipment, body: &RetractScan) -> Result<EventBody, Rejection> {
    let scan_event_id = body.scan_event_id;
    match state.scans.iter().find(|s| s.event_id == scan_event_id) {
        None => Err(Rejection::ScanNotFound { scan_event_id }),
        Some(scan) if scan.retracted => Err(Rejection::ScanAlreadyRetracted { scan_event_id }),
        Some(_) => Ok(EventBody::ScanRetracted(Retraction { scan_event_id, reason: body.reason.clone() })),
    }
}

fn is_taken(state: &Shipment, id: EventId) -> bool {
    [state.registered, state.cancelled, state.archived].into_iter().flatten().any(|r| r.event_id == id)
        || state.scans.iter().any(|s| s.event_id == id)
}

fn write_down(
    before: &Shipment,
    command: &ShipmentCommand,
    event_id: EventId,
    recorded_at: Timestamp,
    body: EventBody,
) -> Decision {
    let occurred_at = match &body {
        EventBody::ScanRecorded(recorded) => recorded.scan.time.at,
        _ => command.issued_at,
    };
    let status_before = before.status();
    let mut event = ShipmentEvent {
        event_id,
        shipment_id: command.shipment_id,
        sequence: before.version.next(),
        revision: Revision::FIRST,
        occurred_at,
        recorded_at,
        command_id: command.command_id,
        actor: command.actor.clone(),
        status_before,
        // Known only after the event; `evolve` looks at neither of them.
        status_after: Status::Registered,
        status_since: recorded_at,
        keys_before: None,
        keys: None,
        body,
    };
    let after = evolve(before.clone(), &event);
    if let Some(standing) = after.standing() {
        event.status_after = standing.status;
        event.status_since = standing.since;
    }
    event.keys = after.list_keys();
    event.keys_before = before.list_keys().filter(|keys| Some(keys) != event.keys.as_ref());
    Decision { version: event.sequence, events: vec![event], after: Some(after) }
}

fn registration(body: &RegisterShipment) -> Registration {
    Registration {
        customer_id: CustomerId::new(body.customer_id.clone()),
        sender: body.sender.clone(),
        recipient: body.recipient.clone(),
        origin: body.origin.clone(),
        destination: body.destination.clone(),
        weight_grams: Grams::new(body.weight_grams),
        promised_delivery: body.promised_delivery,
        customer_reference: body.customer_reference.clone(),
        carrier: body.carrier.clone(),
        tracking_number: body.tracking_number.clone(),
    }
}

fn amendment(body: &AmendShipment) -> Amendment {
    Amendment {
        sender: body.sender.clone(),
        recipient: body.recipient.clone(),
        origin: body.origin.clone(),
        destination: body.destination.clone(),
        weight_grams: body.weight_grams.map(Grams::new),
        promised_delivery: body.promised_delivery,
        customer_reference: body.customer_reference.clone(),
        carrier: body.carrier.clone(),
        tracking_number: body.tracking_number.clone(),
    }
}
