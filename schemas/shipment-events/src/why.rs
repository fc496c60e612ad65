//! Why a shipment stands where it does: everything that was said about it, and what became of each.

mod words;

use crate::evolve::in_order;
use crate::{
    EventBody, EventId, Sequence, Shipment, ShipmentEvent, Standing, Status, Timestamp, effective_time,
    evolve, is_from_the_future,
};

pub use words::{Sentence, Word};

/// Why a shipment stands where it does. [`words`](Self::words) says it.
#[derive(Clone, PartialEq, Debug)]
pub struct Why {
    /// Where it stands, as [`Shipment::standing`] has it; nowhere without a history.
    pub standing: Option<Standing>,
    /// Everything that was said, the strongest first, and behind it what doesn't count.
    pub claims: Vec<Claim>,
}

/// One event's word about the status.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Claim {
    /// The event.
    pub event_id: EventId,
    /// Its place in the history.
    pub sequence: Sequence,
    /// What kind of event said it.
    pub by: Speaker,
    /// The status it says.
    pub status: Status,
    /// When it counts.
    pub at: Timestamp,
    /// When it happened by its own clock; another time than `at` where that clock isn't believed.
    pub occurred_at: Timestamp,
    /// When it was written down.
    pub recorded_at: Timestamp,
    /// What became of it.
    pub verdict: Verdict,
}

/// What kind of event says a status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Speaker {
    /// The shop registered it.
    Registration,
    /// The shop called it off.
    Cancellation,
    /// A carrier's scan.
    Scan,
}

/// What became of a claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The shipment stands where it says.
    Decides,
    /// Its class is lower than that of the one that decides.
    LowerClass,
    /// Of the same class, and earlier.
    Earlier,
    /// Of the same class and time, and of lower rank.
    LowerRank,
    /// The same status at the same time: only the event's id tells them apart.
    Same,
    /// It was taken back, by the event of this sequence.
    Retracted(Sequence),
    /// A later event of the same kind was written in its place.
    Replaced(Sequence),
}

impl Verdict {
    /// Whether it has a say at all.
    pub const fn counts(self) -> bool {
        !matches!(self, Self::Retracted(_) | Self::Replaced(_))
    }
}

impl Claim {
    /// Whether its clock ran so far ahead that it counts at the time of its recording instead.
    pub const fn is_from_the_future(&self) -> bool {
        is_from_the_future(self.occurred_at, self.recorded_at)
    }

    /// What it says, for the lattice.
    pub const fn standing(&self) -> Standing {
        Standing::new(self.status, self.at, self.event_id)
    }
}

/// Why the shipment of this history stands where [`fold`](crate::fold) puts it. The history is given as for that: in whatever
/// order and with whatever repeats.
pub fn why<'a>(history: impl IntoIterator<Item = &'a ShipmentEvent>) -> Why {
    let (mut shipment, mut claims) = (Shipment::default(), Vec::new());
    for event in in_order(history) {
        hear(&mut claims, event);
        shipment = evolve(shipment, event);
    }
    let standing = shipment.standing();
    if let Some(decides) = claims.iter().filter(|c| c.verdict.counts()).map(Claim::standing).max() {
        for claim in claims.iter_mut().filter(|claim| claim.verdict.counts()) {
            claim.verdict = held_against(claim.standing(), decides);
        }
    }
    claims.sort_by(|a, b| {
        (b.verdict.counts(), b.standing(), b.sequence).cmp(&(a.verdict.counts(), a.standing(), a.sequence))
    });
    Why { standing, claims }
}

/// Takes down what this event says, and what it takes back. Until all is heard, each that counts is held to decide.
fn hear(claims: &mut Vec<Claim>, event: &ShipmentEvent) {
    let counts_at = effective_time(event.occurred_at, event.recorded_at);
    let (by, status, at) = match &event.body {
        // Ordered by our clock: see `evolve`.
        EventBody::ShipmentRegistered(_) => (Speaker::Registration, Status::Registered, event.recorded_at),
        EventBody::ShipmentCancelled(_) => (Speaker::Cancellation, Status::Cancelled, counts_at),
        EventBody::ScanRecorded(body) => (Speaker::Scan, body.scan.status, counts_at),
        EventBody::ScanRetracted(retraction) => {
            let of = |claim: &&mut Claim| {
                claim.by == Speaker::Scan
                    && claim.event_id == retraction.scan_event_id
                    && claim.verdict.counts()
            };
            for claim in claims.iter_mut().filter(of) {
                claim.verdict = Verdict::Retracted(event.sequence);
            }
            return;
        }
        EventBody::ShipmentAmended(_) | EventBody::ShipmentArchived(_) => return,
    };
    if by != Speaker::Scan {
        for claim in claims.iter_mut().filter(|claim| claim.by == by && claim.verdict.counts()) {
            claim.verdict = Verdict::Replaced(event.sequence);
        }
    }
    claims.push(Claim {
        event_id: event.event_id,
        sequence: event.sequence,
        by,
        status,
        at,
        occurred_at: if by == Speaker::Registration { at } else { event.occurred_at },
        recorded_at: event.recorded_at,
        verdict: Verdict::Decides,
    });
}

fn held_against(said: Standing, decides: Standing) -> Verdict {
    if said == decides {
        Verdict::Decides
    } else if said.status.class() != decides.status.class() {
        Verdict::LowerClass
    } else if said.since != decides.since {
        Verdict::Earlier
    } else if said.status != decides.status {
        Verdict::LowerRank
    } else {
        Verdict::Same
    }
}
