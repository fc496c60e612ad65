//! The state as the batch has it so far: what it read, and what it changed.

use std::collections::HashMap;

use event_codec::Error as CodecError;
use event_codec::headers::TRACEPARENT;
use event_log::Received;
use shipment_events::{ShipmentId, ShipmentSnapshot};

use super::{Circumstances, Error, StateReader};

pub(super) struct Overlay<'a, R> {
    state: &'a R,
    shipments: HashMap<ShipmentId, Shipment>,
    /// In the order of their first change, so that the same batch gives the same records in the same order.
    changed: Vec<ShipmentId>,
    bytes: usize,
}

struct Shipment {
    snapshot: Option<ShipmentSnapshot>,
    partition: i32,
    /// The trace of the last command that changed it.
    traceparent: Option<String>,
    is_changed: bool,
}

/// A snapshot to write.
pub(super) struct Changed {
    pub(super) snapshot: ShipmentSnapshot,
    pub(super) partition: i32,
    pub(super) traceparent: Option<String>,
}

impl<'a, R: StateReader> Overlay<'a, R> {
    pub(super) fn new(state: &'a R) -> Self {
        Self { state, shipments: HashMap::new(), changed: Vec::new(), bytes: 0 }
    }

    /// Roughly the memory that the snapshots take.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn snapshot(
        &mut self,
        partition: i32,
        id: ShipmentId,
        given: &Circumstances,
    ) -> Result<Option<&ShipmentSnapshot>, Error<R::Error>> {
        // Looked up twice where it is known, because a reference returned early would hold `self` for the rest.
        if !self.shipments.contains_key(&id) {
            let snapshot = match self.state.read(partition, id).map_err(Error::State)? {
                None => None,
                Some(stored) => {
                    self.bytes += stored.as_ref().len();
                    Some(decoded(stored.as_ref(), id, given)?)
                }
            };
            let shipment = Shipment { snapshot, partition, traceparent: None, is_changed: false };
            self.shipments.insert(id, shipment);
        }
        Ok(self.shipments.get(&id).and_then(|shipment| shipment.snapshot.as_ref()))
    }

    /// What the command in this record made of its shipment.
    pub(super) fn change(&mut self, partition: i32, snapshot: ShipmentSnapshot, record: &Received) {
        let id = snapshot.shipment_id;
        let traceparent = record.headers.get_str(TRACEPARENT).map(str::to_owned);
        let shipment = Shipment { snapshot: Some(snapshot), partition, traceparent, is_changed: true };
        let before = self.shipments.insert(id, shipment);
        if !before.is_some_and(|before| before.is_changed) {
            self.changed.push(id);
        }
    }

    /// The last snapshot of each shipment that changed.
    pub(super) fn changed(mut self) -> impl Iterator<Item = Changed> {
        self.changed.into_iter().filter_map(move |id| {
            let Shipment { snapshot, partition, traceparent, .. } = self.shipments.remove(&id)?;
            Some(Changed { snapshot: snapshot?, partition, traceparent })
        })
    }
}

fn decoded<E>(
    stored: &[u8],
    shipment_id: ShipmentId,
    given: &Circumstances,
) -> Result<ShipmentSnapshot, Error<E>> {
    given.codec.snapshot(stored, &given.absent_schemas).map_err(|source| match source {
        CodecError::UnknownSchema { id } => Error::UnknownSchema { id },
        source => Error::Snapshot { shipment_id, source },
    })
}
