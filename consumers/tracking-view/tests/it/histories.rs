//! Histories as a command handler would write them: `evolve` computes what each event says of before and after.

use proptest::prelude::*;
use shipment_events::{
    Address, Amendment, Archival, Cancellation, CommandId, CustomerId, EventBody, EventId, Grams, Location,
    Party, Phone, Place, Registration, Retraction, Revision, Scan, ScanRecorded, ScanTime, Shipment,
    ShipmentEvent, ShipmentId, Status, Timestamp, effective_time, evolve, is_from_the_future,
};
use uuid::Uuid;

/// One thing that happens to a shipment, if it can.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Register { phone: Option<u8>, number: Option<u8>, reference: bool },
    AmendRecipient { phone: Option<u8> },
    AmendNumber(u8),
    AmendWeight(i64),
    Scan { status: Status, hours: i64 },
    Retract(usize),
    Cancel { reason: bool },
    Archive,
}

/// 2026-03-30T22:00Z: a few steps later it is another day, and then another month.
const START: i64 = 1_774_908_000_000;
const HOUR: i64 = 3_600_000;

/// The events of these steps, one every five hours. Steps that can't happen are left out.
pub(crate) fn history(shipment_id: ShipmentId, steps: &[Step]) -> Vec<ShipmentEvent> {
    let mut state = Shipment::default();
    let mut events = Vec::new();
    for (n, step) in steps.iter().enumerate() {
        let recorded_at = Timestamp::from_millis(START + n as i64 * 5 * HOUR);
        let command = Uuid::new_v5(&shipment_id.as_uuid(), &n.to_be_bytes());
        let Some((occurred_at, body)) = body(&state, step, recorded_at) else { continue };
        if let Some((event, next)) = event(&state, shipment_id, command, (occurred_at, recorded_at), body) {
            events.push(event);
            state = next;
        }
    }
    events
}

/// The same history with the event at `from` changed by `change` and, it and all after it, decided again one revision
/// up.
pub(crate) fn rewritten_from(
    events: &[ShipmentEvent],
    from: usize,
    change: impl Fn(&mut EventBody),
) -> Vec<ShipmentEvent> {
    let mut state = Shipment::default();
    let mut rewritten = Vec::new();
    for (n, old) in events.iter().enumerate() {
        let mut body = old.body.clone();
        if n == from {
            change(&mut body);
        }
        let times = (old.occurred_at, old.recorded_at);
        let made = event(&state, old.shipment_id, old.command_id.as_uuid(), times, body);
        let Some((mut event, next)) = made else { return rewritten };
        if n >= from {
            event.revision = Revision::new(old.revision.get() + 1);
            rewritten.push(event);
        }
        state = next;
    }
    rewritten
}

/// What an erasure writes in place of an event: the same fact without the person.
pub(crate) fn erased(event: &ShipmentEvent) -> ShipmentEvent {
    let mut event = event.clone();
    event.revision = Revision::new(event.revision.get() + 1);
    event.actor = None;
    let nobody = || Party { name: "erased".to_owned(), phone: None, address: None };
    match &mut event.body {
        EventBody::ShipmentRegistered(body) => {
            (body.sender, body.recipient, body.customer_reference) = (nobody(), nobody(), None);
        }
        EventBody::ShipmentAmended(body) => {
            body.recipient = body.recipient.as_ref().map(|_| nobody());
        }
        EventBody::ScanRecorded(body) => body.scan.signed_by = None,
        EventBody::ShipmentCancelled(body) => body.reason = None,
        _ => {}
    }
    let forget = |keys: &mut shipment_events::ListKeys| keys.recipient_phone = None;
    event.keys.as_mut().map(forget);
    event.keys_before.as_mut().map(forget);
    if event.keys == event.keys_before {
        event.keys_before = None;
    }
    event
}

fn event(
    state: &Shipment,
    shipment_id: ShipmentId,
    command: Uuid,
    (occurred_at, recorded_at): (Timestamp, Timestamp),
    body: EventBody,
) -> Option<(ShipmentEvent, Shipment)> {
    let command_id = CommandId::new(command);
    let mut event = ShipmentEvent {
        event_id: EventId::of_command(command_id, 0),
        shipment_id,
        sequence: state.version.next(),
        revision: Revision::FIRST,
        occurred_at,
        recorded_at,
        command_id,
        actor: Some("somebody".to_owned()),
        status_before: state.status(),
        status_after: Status::Registered,
        status_since: recorded_at,
        keys_before: None,
        keys: None,
        body,
    };
    let next = evolve(state.clone(), &event);
    let standing = next.standing()?;
    event.status_after = standing.status;
    event.status_since = standing.since;
    event.keys = next.list_keys();
    event.keys_before = state.list_keys().filter(|before| Some(before) != event.keys.as_ref());
    Some((event, next))
}

fn body(state: &Shipment, step: &Step, now: Timestamp) -> Option<(Timestamp, EventBody)> {
    let registered = state.registration.is_some();
    let body = match step {
        Step::Register { phone, number, reference } if !registered => {
            EventBody::ShipmentRegistered(registration(*phone, *number, *reference))
        }
        Step::AmendRecipient { phone } if registered => EventBody::ShipmentAmended(Amendment {
            recipient: Some(party("another", *phone)),
            promised_delivery: Some(now.date()),
            ..Amendment::default()
        }),
        Step::AmendNumber(number) if registered => EventBody::ShipmentAmended(Amendment {
            tracking_number: Some(tracking_number(*number)),
            carrier: Some(format!("carrier-{number}")),
            ..Amendment::default()
        }),
        Step::AmendWeight(grams) if registered => EventBody::ShipmentAmended(Amendment {
            weight_grams: Some(Grams::new(*grams)),
            ..Amendment::default()
        }),
        Step::Scan { status, hours } => {
            let at = Timestamp::from_millis(now.as_millis() + hours * HOUR);
            return Some((at, scan(state, *status, at, now)));
        }
        Step::Retract(n) => {
            let live: Vec<_> = state.scans.iter().filter(|scan| !scan.retracted).collect();
            let scan = live.get(n % live.len().max(1))?;
            EventBody::ScanRetracted(Retraction { scan_event_id: scan.event_id, reason: None })
        }
        Step::Cancel { reason } if registered && state.cancelled.is_none() => {
            EventBody::ShipmentCancelled(Cancellation {
                reason: reason.then(|| "changed my mind".to_owned()),
            })
        }
        Step::Archive if registered && state.archived.is_none() => {
            EventBody::ShipmentArchived(Archival::default())
        }
        _ => return None,
    };
    Some((now, body))
}

fn scan(state: &Shipment, status: Status, at: Timestamp, now: Timestamp) -> EventBody {
    assert_eq!(effective_time(at, now), if is_from_the_future(at, now) { now } else { at });
    EventBody::ScanRecorded(ScanRecorded {
        natural_id: Uuid::from_u128(state.scans.len() as u128),
        scan: Scan {
            time: ScanTime { at, offset_seconds: Some(3600) },
            status,
            place: Some(Place { city: Some(format!("town {}", state.scans.len())), ..Place::default() }),
            carrier: "carrier".to_owned(),
            tracking_number: None,
            raw_code: Some("X1".to_owned()),
            raw_text: None,
            carrier_scan_id: None,
            signed_by: Some("J. Doe".to_owned()),
        },
        from_the_future: is_from_the_future(at, now),
    })
}

fn registration(phone: Option<u8>, number: Option<u8>, reference: bool) -> Registration {
    Registration {
        customer_id: CustomerId::new("shop"),
        sender: party("sender", Some(99)),
        recipient: party("recipient", phone),
        origin: reference.then(|| location("Lyon")),
        destination: location("Ghent"),
        weight_grams: Grams::new(1200),
        promised_delivery: None,
        customer_reference: reference.then(|| "order 7".to_owned()),
        carrier: number.map(|n| format!("carrier-{n}")),
        tracking_number: number.map(tracking_number),
    }
}

fn party(name: &str, phone: Option<u8>) -> Party {
    let address =
        Address { street: "1 High Street".to_owned(), country: "BE".to_owned(), ..Address::default() };
    Party {
        name: name.to_owned(),
        phone: phone.map(|n| Phone::new(format!("+32470000{n:03}"))),
        address: Some(address),
    }
}

fn location(city: &str) -> Location {
    Location { city: Some(city.to_owned()), region: None, postal_code: None, country: "BE".to_owned() }
}

fn tracking_number(n: u8) -> String {
    format!("rr {n:09} be")
}

/// Any steps, with a registration somewhere: at the start, in the midst of scans, or not at all.
pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let phone = || proptest::option::of(0_u8..3);
    let step = prop_oneof![
        3 => (phone(), proptest::option::of(0_u8..3), any::<bool>())
            .prop_map(|(phone, number, reference)| Step::Register { phone, number, reference }),
        1 => phone().prop_map(|phone| Step::AmendRecipient { phone }),
        1 => (0_u8..3).prop_map(Step::AmendNumber),
        1 => (1_i64..5000).prop_map(Step::AmendWeight),
        6 => (status(), -60_i64..60).prop_map(|(status, hours)| Step::Scan { status, hours }),
        2 => (0_usize..5).prop_map(Step::Retract),
        1 => any::<bool>().prop_map(|reason| Step::Cancel { reason }),
        1 => Just(Step::Archive),
    ];
    proptest::collection::vec(step, 1..14)
}

fn status() -> impl Strategy<Value = Status> {
    let any: Vec<_> = Status::ALL.into_iter().filter(|s| s.can_be_scanned()).collect();
    // Mostly few, so that statuses come back.
    let usual = vec![Status::InTransit, Status::OnHold, Status::Delivered];
    prop_oneof![2 => proptest::sample::select(usual), 1 => proptest::sample::select(any)]
}
