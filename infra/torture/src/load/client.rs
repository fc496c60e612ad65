//! A client that asks again, under the same key, until it is answered.

use std::sync::Arc;
use std::time::Duration;

use rand::Rng;
use rand::rngs::StdRng;
use shipment_events::{CommandId, EventId, ShipmentId};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::read::ReadGate;
use super::{Gate, Wanted};
use crate::chance::uuid;
use crate::ledger::{Answer, Ledger, OpNumber};

/// Between two tries.
pub(super) const PAUSE: std::ops::Range<u64> = 150..900;

/// A client.
pub(super) struct Client {
    pub(super) name: String,
    pub(super) gate: Gate,
    pub(super) reads: Arc<ReadGate>,
    pub(super) ledger: Ledger,
    pub(super) chance: StdRng,
    /// How long it thinks between two commands, about.
    pub(super) think: Duration,
    /// Nothing new is begun.
    pub(super) stop: CancellationToken,
    /// Nothing is asked again.
    pub(super) give_up: CancellationToken,
}

/// Something that was asked for.
pub(super) struct Asked {
    op: OpNumber,
    key: Uuid,
    wanted: Wanted,
    /// The definite answer; none when it was given up.
    pub(super) answer: Option<Answer>,
    /// The shipment, as far as known.
    pub(super) shipment_id: Option<ShipmentId>,
    command_id: Option<CommandId>,
}

impl Asked {
    /// The version, if it was accepted.
    pub(super) fn version(&self) -> Option<i64> {
        match &self.answer {
            Some(Answer::Accepted { version, .. }) => Some(*version),
            _ => None,
        }
    }

    /// The event that it led to, if it was accepted.
    pub(super) fn event_id(&self) -> Option<EventId> {
        self.version().and(self.command_id).map(|command| EventId::of_command(command, 0))
    }
}

impl Client {
    /// Asks for something new until there is an answer. Now and then twice at a time.
    pub(super) async fn ask(&mut self, wanted: Wanted) -> Asked {
        let key = uuid(&mut self.chance);
        let mut intent = wanted.intent(&self.name);
        intent.command_id = self.gate.names(key);
        if intent.shipment_id.is_none() {
            intent.shipment_id = intent.command_id.map(|_| ShipmentId::new(key));
        }
        let op = self.ledger.begin(intent);
        let first = self.chance.random_range(0..64);
        let answer = if self.chance.random_bool(0.06) {
            let (one, other) = tokio::join!(
                until_answered(self, op, key, &wanted, first, self.chance.clone()),
                until_answered(self, op, key, &wanted, first + 1, StdRng::clone(&self.chance))
            );
            one.or(other)
        } else {
            until_answered(self, op, key, &wanted, first, self.chance.clone()).await
        };
        self.asked(op, key, wanted, answer)
    }

    /// Asks for the same once more, although it was answered.
    pub(super) async fn ask_again(&mut self, asked: &Asked) {
        let first = self.chance.random_range(0..64);
        until_answered(self, asked.op, asked.key, &asked.wanted, first, self.chance.clone()).await;
    }

    fn asked(&self, op: OpNumber, key: Uuid, wanted: Wanted, answer: Option<Answer>) -> Asked {
        let kept = self.ledger.op(op);
        Asked { op, key, wanted, answer, shipment_id: kept.shipment_id, command_id: kept.command_id }
    }

    /// Thinks, for about as long as usual. False when it is time to end.
    pub(super) async fn think(&mut self) -> bool {
        let pause = self.think.mul_f64(self.chance.random_range(0.3..1.7));
        tokio::select! {
            () = self.stop.cancelled() => false,
            () = tokio::time::sleep(pause) => true,
        }
    }

    pub(super) fn sometimes(&mut self, how_often: f64) -> bool {
        self.chance.random_bool(how_often)
    }
}

async fn until_answered(
    client: &Client,
    op: OpNumber,
    key: Uuid,
    wanted: &Wanted,
    first: usize,
    mut chance: StdRng,
) -> Option<Answer> {
    for n in first.. {
        let attempt = client.ledger.sent(op, &client.gate.door(n));
        let (answer, told) = client.gate.ask(n, key, wanted).await;
        client.ledger.answered(op, attempt, answer.clone(), told);
        if answer.is_definite() {
            return Some(answer);
        }
        let pause = Duration::from_millis(chance.random_range(PAUSE));
        tokio::select! {
            () = client.give_up.cancelled() => return None,
            () = tokio::time::sleep(pause) => {}
        }
    }
    None
}
