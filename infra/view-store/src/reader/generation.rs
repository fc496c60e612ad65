use std::sync::Arc;
use std::time::Duration;

use scylla::statement::prepared::PreparedStatement;
use shipment_events::ShipmentId;
use tracking_view::{EventRow, List, ListEntry, ShipmentRow};

use super::live::Live;
use super::scan::Scans;
use super::{Detail, rows};
use crate::backoff::insist;
use crate::bound::Bound;
use crate::tables::{list_partition, list_table};
use crate::writer::statements::bind_entry;
use crate::{Error, ViewStore};

/// How long a database that is away or busy is asked again before a read fails.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// Reads one generation, whichever is live, and its tables from end to end: for who holds it against the log. Cheap to
/// clone. A database that is away or busy is asked again for half a minute.
#[derive(Clone)]
pub struct GenerationReader {
    pub(super) store: ViewStore,
    pub(super) keyspace: Arc<str>,
    live: Arc<Live>,
    entries: Arc<Vec<PreparedStatement>>,
    pub(super) scans: Arc<Scans>,
}

impl ViewStore {
    /// A reader of this generation.
    pub async fn generation_reader(&self, generation: u32) -> Result<GenerationReader, Error> {
        let keyspace = self.keyspace_of(generation);
        let mut entries = Vec::new();
        for list in List::ALL {
            let key = list_partition(list).iter().map(|(name, _)| *name).chain(["listed_at", "shipment_id"]);
            let key: Vec<_> = key.map(|name| format!("{name} = ?")).collect();
            let table = list_table(list);
            let cql = format!("SELECT shipment_id FROM {keyspace}.{table} WHERE {}", key.join(" AND "));
            entries.push(self.prepare("look for a list entry", &cql).await?);
        }
        Ok(GenerationReader {
            store: self.clone(),
            live: Arc::new(Live::load(self, generation).await?),
            entries: Arc::new(entries),
            scans: Arc::new(Scans::prepare(self, &keyspace).await?),
            keyspace: keyspace.into(),
        })
    }
}

impl GenerationReader {
    /// The generation that is read.
    pub fn generation(&self) -> u32 {
        self.live.generation
    }

    /// A shipment's row, all of it.
    pub async fn shipment(&self, id: ShipmentId) -> Result<Option<ShipmentRow>, Error> {
        insist(PATIENCE, || rows::shipment(&self.store, &self.live, id, Detail::Full)).await
    }

    /// The whole history of a shipment.
    pub async fn whole_history(&self, id: ShipmentId) -> Result<Vec<EventRow>, Error> {
        insist(PATIENCE, || rows::whole_history(&self.store, &self.live, id)).await
    }

    /// Whether this very entry lies in its list.
    pub async fn has_entry(&self, entry: &ListEntry) -> Result<bool, Error> {
        let statement = &self.entries[entry.bucket.list() as usize];
        let mut values: Vec<Bound<'_>> = Vec::with_capacity(5);
        bind_entry(entry, &mut values);
        let rows =
            insist(PATIENCE, || self.store.read("looking for a list entry", statement, &values)).await?;
        Ok(!rows.is_empty())
    }
}

impl std::fmt::Debug for GenerationReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GenerationReader").field("keyspace", &self.keyspace).finish_non_exhaustive()
    }
}
