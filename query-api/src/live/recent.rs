//! Which shipments had events lately, and up to where.

use std::collections::HashMap;

use shipment_events::{Sequence, ShipmentId};

/// How many shipments one half remembers.
const HALF: usize = 50_000;

/// The last sequences of the shipments that had events last, 50,000 to 100,000 of them. Who comes to watch one of them
/// may be ahead of its row: the event went by when nobody watched, and its row is still to be written.
#[derive(Default)]
pub(super) struct Recent {
    newer: HashMap<ShipmentId, i64>,
    older: HashMap<ShipmentId, i64>,
}

impl Recent {
    pub(super) fn note(&mut self, id: ShipmentId, sequence: Sequence) {
        if self.newer.len() >= HALF {
            self.older = std::mem::take(&mut self.newer);
        }
        let last = self.newer.entry(id).or_default();
        *last = sequence.get().max(*last);
    }

    /// The last sequence of a shipment, 0 where none is remembered.
    pub(super) fn last(&self, id: ShipmentId) -> i64 {
        let last = |half: &HashMap<ShipmentId, i64>| half.get(&id).copied().unwrap_or(0);
        last(&self.newer).max(last(&self.older))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: usize) -> ShipmentId {
        ShipmentId::new(uuid::Uuid::from_u128(n as u128))
    }

    #[test]
    fn the_last_ones_are_remembered_and_no_more() {
        let mut recent = Recent::default();
        recent.note(id(1), Sequence::new(7));
        recent.note(id(1), Sequence::new(6));
        assert_eq!((recent.last(id(1)), recent.last(id(2))), (7, 0));
        for n in 2..HALF * 4 {
            recent.note(id(n), Sequence::new(1));
        }
        assert!(recent.newer.len() + recent.older.len() <= 2 * HALF);
        assert_eq!((recent.last(id(1)), recent.last(id(HALF * 4 - HALF))), (0, 1));
    }
}
