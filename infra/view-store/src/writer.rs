//! Writing to one generation.

mod repair;
mod requests;
pub(crate) mod statements;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::{StreamExt, stream};
use scylla::statement::prepared::PreparedStatement;
use shipment_events::{ShipmentId, Timestamp};
use tokio_util::sync::CancellationToken;
use tracking_view::{OutcomeWrite, ShipmentWrites, Statement};

use crate::{Error, Fault, ViewStore, outcomes};
use statements::Statements;

/// Writes projections to one generation. Cheap to clone; its clones share their statements and counters.
#[derive(Clone)]
pub struct Writer {
    store: ViewStore,
    generation: u32,
    statements: Arc<Statements>,
    outcome: Arc<PreparedStatement>,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    requests: AtomicU64,
    retries: AtomicU64,
}

/// What became of a `write`.
#[derive(Default, Debug)]
pub struct Written {
    /// How many shipments are durably written, whole.
    pub shipments: usize,
    /// The others: the database will never take what was to be written for them.
    pub refused: Vec<Refused>,
}

/// A shipment whose writes the database will never take. Nothing of its row was written, so its version stands where it
/// stood; write its events one by one to find the one to park.
#[derive(Debug)]
pub struct Refused {
    /// The shipment.
    pub shipment_id: ShipmentId,
    /// Why.
    pub error: Error,
}

impl ViewStore {
    /// A writer to a generation.
    pub async fn writer(&self, generation: u32) -> Result<Writer, Error> {
        Ok(Writer {
            store: self.clone(),
            generation,
            statements: Arc::new(Statements::prepare(self, &self.keyspace_of(generation)).await?),
            outcome: Arc::new(outcomes::prepare_insert(self).await?),
            counts: Arc::default(),
        })
    }
}

impl Writer {
    /// The generation it writes to.
    pub const fn generation(&self) -> u32 {
        self.generation
    }

    /// How many requests were sent, and how many of them were sent again because the database was away or busy.
    pub fn requests_and_retries(&self) -> (u64, u64) {
        (self.counts.requests.load(Ordering::Relaxed), self.counts.retries.load(Ordering::Relaxed))
    }

    /// Writes what [`tracking_view::merge`] left of a poll. When it returns `Ok`, all but the refused is durable. A
    /// database that is away is waited for, however long; [`Error::Cancelled`] ends that, and then anything may have
    /// been written or not: the same again does no harm.
    pub async fn write(
        &self,
        writes: &[ShipmentWrites],
        cancel: &CancellationToken,
    ) -> Result<Written, Error> {
        let concurrency = self.store.options().write_concurrency.max(1);
        let mut results = stream::iter(0..writes.len())
            .map(|n| async move { (n, self.write_shipment(&writes[n], cancel).await) })
            .buffer_unordered(concurrency);
        let mut written = Written::default();
        while let Some((n, result)) = results.next().await {
            match result {
                Ok(()) => written.shipments += 1,
                Err(error) if error.fault() == Fault::Value => {
                    written.refused.push(Refused { shipment_id: writes[n].shipment_id, error });
                }
                Err(error) => return Err(error),
            }
        }
        Ok(written)
    }

    /// Writes commands' outcomes; what has expired at `now` is left out.
    pub async fn write_outcomes(
        &self,
        outcomes: &[OutcomeWrite],
        now: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        outcomes::write(&self.store, &self.outcome, outcomes, now, &self.counts.retries, cancel).await
    }

    /// Each part is durable before the next begins: see [`ShipmentWrites`].
    async fn write_shipment(&self, writes: &ShipmentWrites, cancel: &CancellationToken) -> Result<(), Error> {
        for part in [&writes.first, &writes.row, &writes.last] {
            self.write_part(part, cancel).await?;
        }
        Ok(())
    }

    async fn write_part(&self, part: &[Statement], cancel: &CancellationToken) -> Result<(), Error> {
        let mut requests = requests::requests(part)?;
        match requests.len() {
            0 => Ok(()),
            1 => self.send(requests.remove(0), cancel).await,
            _ => {
                let sent = requests.into_iter().map(|request| self.send(request, cancel));
                futures::future::try_join_all(sent).await.map(drop)
            }
        }
    }
}
