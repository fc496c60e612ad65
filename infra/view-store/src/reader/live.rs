use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use scylla::statement::prepared::PreparedStatement;
use tokio::sync::Mutex;

use super::statements::ReadStatements;
use crate::{Error, ViewStore, outcomes};

/// How old the knowledge of which generation is live may be.
const FRESH: Duration = Duration::from_secs(1);

/// A generation that is read, with its statements.
pub(super) struct Live {
    pub(super) generation: u32,
    pub(super) statements: ReadStatements,
}

/// The generation last seen to be live.
pub(super) struct Current {
    seen: RwLock<Seen>,
    /// Held by the one who looks; the others go on with what was seen last.
    looking: Mutex<()>,
    pub(super) outcome: PreparedStatement,
}

#[derive(Clone)]
struct Seen {
    live: Arc<Live>,
    at: Instant,
}

impl Current {
    pub(super) async fn load(store: &ViewStore) -> Result<Self, Error> {
        let live = Arc::new(Live::load(store, store.generations().await?.live).await?);
        Ok(Self {
            seen: RwLock::new(Seen { live, at: Instant::now() }),
            looking: Mutex::new(()),
            outcome: outcomes::prepare_select(store).await?,
        })
    }

    /// The live generation, as seen within the last second.
    pub(super) async fn get(&self, store: &ViewStore) -> Result<Arc<Live>, Error> {
        let seen = self.seen();
        if seen.at.elapsed() < FRESH {
            return Ok(seen.live);
        }
        let Ok(_looking) = self.looking.try_lock() else { return Ok(seen.live) };
        self.look(store).await.or_else(|error| {
            // The read itself will tell if the database is away.
            tracing::debug!(%error, "could not look which generation is live");
            Ok(seen.live)
        })
    }

    /// The live generation, as it is now.
    pub(super) async fn refresh(&self, store: &ViewStore) -> Result<Arc<Live>, Error> {
        let _looking = self.looking.lock().await;
        self.look(store).await
    }

    async fn look(&self, store: &ViewStore) -> Result<Arc<Live>, Error> {
        let generation = store.generations().await?.live;
        let seen = self.seen();
        let live = if seen.live.generation == generation {
            seen.live
        } else {
            tracing::info!(from = seen.live.generation, to = generation, "following to another generation");
            Arc::new(Live::load(store, generation).await?)
        };
        let seen = Seen { live: Arc::clone(&live), at: Instant::now() };
        *self.seen.write().unwrap_or_else(PoisonError::into_inner) = seen;
        Ok(live)
    }

    fn seen(&self) -> Seen {
        self.seen.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Live {
    pub(super) async fn load(store: &ViewStore, generation: u32) -> Result<Self, Error> {
        let statements = ReadStatements::prepare(store, &store.keyspace_of(generation)).await?;
        Ok(Self { generation, statements })
    }
}
