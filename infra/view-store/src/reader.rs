//! Reading the live generation, or one that is named.

mod generation;
mod lists;
mod live;
mod rows;
mod scan;
mod statements;

use std::sync::Arc;

use futures::{StreamExt, TryStreamExt, stream};
use shipment_events::{CommandId, CommandReply, Sequence, ShipmentId};
use tracking_view::{EventRow, ShipmentRow};

use crate::{Error, Fault, ViewStore, outcomes};
pub use generation::GenerationReader;
pub use lists::{EntryPage, RowPage};
use live::{Current, Live};
pub use scan::{Listed, Slice};

/// How much of a shipment's row is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Detail {
    /// All of it.
    Full,
    /// Not who sends and who gets it: those cells aren't even read.
    Public,
}

/// How many rows are read at a time when many are wanted.
const CONCURRENCY: usize = 64;

/// Reads the live generation, and follows a flip by itself within a second. Cheap to clone.
#[derive(Clone)]
pub struct Reader {
    store: ViewStore,
    current: Arc<Current>,
}

impl ViewStore {
    /// A reader of whatever generation is live.
    pub async fn reader(&self) -> Result<Reader, Error> {
        Ok(Reader { store: self.clone(), current: Arc::new(Current::load(self).await?) })
    }
}

impl Reader {
    /// The generation that is read just now.
    pub async fn generation(&self) -> Result<u32, Error> {
        Ok(self.live().await?.generation)
    }

    /// A shipment's row. Whoever shows it must treat one without `registered_at` as not found.
    pub async fn shipment(&self, id: ShipmentId, detail: Detail) -> Result<Option<ShipmentRow>, Error> {
        self.with_live(|live| async move { rows::shipment(&self.store, &live, id, detail).await }).await
    }

    /// Several rows, in the order of their ids; `None` for those that aren't there.
    pub async fn shipments(
        &self,
        ids: &[ShipmentId],
        detail: Detail,
    ) -> Result<Vec<Option<ShipmentRow>>, Error> {
        let reads: Vec<_> = ids.iter().map(|id| self.shipment(*id, detail)).collect();
        stream::iter(reads).buffered(CONCURRENCY).try_collect().await
    }

    /// The version of a shipment's row; `None` when there is no row. The cheapest read there is, to wait by.
    pub async fn version(&self, id: ShipmentId) -> Result<Option<Sequence>, Error> {
        self.with_live(|live| async move { rows::version(&self.store, &live, id).await }).await
    }

    /// A page of a shipment's history: at most `limit` events, in order, from the one after `after`.
    pub async fn history(
        &self,
        id: ShipmentId,
        after: Sequence,
        limit: usize,
    ) -> Result<Vec<EventRow>, Error> {
        self.with_live(|live| async move { rows::history(&self.store, &live, id, after, limit).await }).await
    }

    /// The whole history of a shipment.
    pub async fn whole_history(&self, id: ShipmentId) -> Result<Vec<EventRow>, Error> {
        self.with_live(|live| async move { rows::whole_history(&self.store, &live, id).await }).await
    }

    /// What became of a command, for seven days.
    pub async fn outcome(&self, id: CommandId) -> Result<Option<CommandReply>, Error> {
        outcomes::read(&self.store, &self.current.outcome, id).await
    }

    /// Reads, and if that fails because the tables went away, looks for the live ones and reads again: somebody may
    /// have flipped and dropped the old ones within the second that readers take to follow.
    async fn with_live<T, F, A>(&self, read: F) -> Result<T, Error>
    where
        F: Fn(Arc<Live>) -> A,
        A: Future<Output = Result<T, Error>>,
    {
        let live = self.live().await?;
        let generation = live.generation;
        match read(live).await {
            Err(error) if error.fault() == Fault::Fatal => {
                let live = self.current.refresh(&self.store).await?;
                if live.generation == generation { Err(error) } else { read(live).await }
            }
            result => result,
        }
    }

    async fn live(&self) -> Result<Arc<Live>, Error> {
        self.current.get(&self.store).await
    }
}
