//! The state as the batch has it so far: what it read, and what it changed.

use std::collections::HashMap;

use bytes::Bytes;
use event_codec::Error as CodecError;
use event_codec::headers::TRACEPARENT;
use event_log::{Headers, Received};
use shipment_events::{ShipmentId, ShipmentSnapshot};

use super::{Circumstances, Error, StateReader};

pub(super) struct Overlay<'a, R> {
    state: &'a R,
    /// Boxed: a table of hundreds of bytes each would be moved about as it grows.
    shipments: HashMap<ShipmentId, Box<Shipment>>,
    /// In the order of their first change, so that the same batch gives the same records in the same order.
    changed: Vec<ShipmentId>,
    bytes: usize,
}

struct Shipment {
    snapshot: Option<ShipmentSnapshot>,
    partition: i32,
    /// What the last command that changed it came with.
    cause: Option<Cause>,
}

struct Cause {
    key: Bytes,
    headers: Headers,
}

/// A snapshot to write.
pub(super) struct Changed {
    pub(super) snapshot: ShipmentSnapshot,
    pub(super) partition: i32,
    /// Its id as text, as the command had it.
    pub(super) key: Bytes,
    headers: Headers,
}

impl Changed {
    /// The trace of the last command that changed it.
    pub(super) fn traceparent(&self) -> Option<&str> {
        self.headers.get_str(TRACEPARENT)
    }
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
            self.shipments.insert(id, Box::new(Shipment { snapshot, partition, cause: None }));
        }
        Ok(self.shipments.get(&id).and_then(|shipment| shipment.snapshot.as_ref()))
    }

    /// What the command in this record made of its shipment.
    pub(super) fn change(&mut self, partition: i32, snapshot: ShipmentSnapshot, record: &Received) {
        let id = snapshot.shipment_id;
        let unread = || Box::new(Shipment { snapshot: None, partition, cause: None });
        let shipment = self.shipments.entry(id).or_insert_with(unread);
        if shipment.cause.is_none() {
            self.changed.push(id);
        }
        let key = record.key.clone().unwrap_or_default();
        shipment.cause = Some(Cause { key, headers: record.headers.clone() });
        shipment.snapshot = Some(snapshot);
    }

    /// The last snapshot of each shipment that changed.
    pub(super) fn changed(mut self) -> impl Iterator<Item = Changed> {
        self.changed.into_iter().filter_map(move |id| {
            let Shipment { snapshot, partition, cause } = *self.shipments.remove(&id)?;
            let Cause { key, headers } = cause?;
            Some(Changed { snapshot: snapshot?, partition, key, headers })
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
