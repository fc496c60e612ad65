//! What a rebuild does with what can't be projected: the live projector has parked most of it already.

use std::collections::HashMap;

use event_log::Received;
use tokio_util::sync::CancellationToken;

use crate::batch::Park;
use crate::dead_letters::log::{Fate, Log};
use crate::intake::Unprojectable;
use crate::parking::Parking;
use crate::{Error, Projector};

/// Parks what isn't among the dead letters yet, and nothing twice.
pub(super) struct RebuildParking {
    parking: Parking,
    /// What was known when the rebuild began, by partition and offset of the events topic.
    known: HashMap<(i32, i64), Fate>,
}

impl RebuildParking {
    pub(super) async fn load(projector: &Projector) -> Result<Self, Error> {
        let events = projector.topics.events.to_string();
        let log = Log::read(projector).await?;
        let of_events = log.sources().filter(|(source, _)| source.topic == events);
        let known = of_events.map(|(source, fate)| ((source.partition, source.offset), fate)).collect();
        Ok(Self { parking: projector.parking.clone(), known })
    }
}

impl Park for RebuildParking {
    async fn park(
        &self,
        record: &Received,
        why: &Unprojectable,
        cancel: &CancellationToken,
    ) -> Result<bool, Error> {
        match self.known.get(&(record.partition, record.offset)) {
            Some(Fate::Open) => Ok(true),
            Some(Fate::Discarded) => Ok(false),
            Some(Fate::Retried) | None => self.parking.park(record, why, cancel).await.map(|()| true),
        }
    }
}
