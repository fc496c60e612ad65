//! All shipments' commands, in the order in which they are posted.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use shipment_domain::ShipmentCommand;
use shipment_events::Timestamp;
use uuid::Uuid;

use super::journey::{Posted, plan};

/// A new shipment every three minutes of the network's time: some two thousand are on their way at once.
const PACE_MS: i64 = 180_000;
/// However many there are, they are registered within these days, so that none lies in the future for long.
const SEASON_MS: i64 = 180 * 24 * 60 * 60 * 1000;

/// The commands of a simulated network. Holds only what is on its way, not the whole season.
pub struct Traffic {
    namespace: Uuid,
    opening: i64,
    pace: i64,
    shipments: u64,
    begun: u64,
    waiting: BinaryHeap<Next>,
}

impl Traffic {
    /// The traffic of so many shipments, the first of which is registered as the network opens.
    pub fn new(shipments: u64, seed: u64, opening: Timestamp) -> Self {
        let namespace = Uuid::new_v5(&Uuid::NAMESPACE_DNS, b"simulate.parceltrack.org");
        Self {
            namespace: Uuid::new_v5(&namespace, &seed.to_be_bytes()),
            opening: opening.as_millis(),
            pace: PACE_MS.min(SEASON_MS / i64::try_from(shipments.max(1)).unwrap_or(i64::MAX)).max(1),
            shipments,
            begun: 0,
            waiting: BinaryHeap::new(),
        }
    }

    fn begin_those_due(&mut self) {
        while self.begun < self.shipments {
            let registered_at = self.opening + self.begun as i64 * self.pace;
            if self.waiting.peek().is_some_and(|next| next.at < registered_at) {
                return;
            }
            let shipment = Uuid::new_v5(&self.namespace, &self.begun.to_be_bytes());
            for (order, Posted { at, command }) in plan(shipment, registered_at).into_iter().enumerate() {
                self.waiting.push(Next { at, shipment: self.begun, order, command });
            }
            self.begun += 1;
        }
    }
}

impl Iterator for Traffic {
    type Item = ShipmentCommand;

    fn next(&mut self) -> Option<Self::Item> {
        self.begin_those_due();
        self.waiting.pop().map(|next| next.command)
    }
}

/// A command that waits for its time.
struct Next {
    at: i64,
    shipment: u64,
    order: usize,
    command: ShipmentCommand,
}

impl Next {
    fn key(&self) -> (i64, u64, usize) {
        (self.at, self.shipment, self.order)
    }
}

impl Ord for Next {
    /// The heap gives its greatest first, and the earliest is to come first.
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(&self.key())
    }
}

impl PartialOrd for Next {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Next {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Next {}

#[cfg(test)]
mod tests;
