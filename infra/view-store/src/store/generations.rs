use scylla::value::CqlTimestamp;
use shipment_events::Timestamp;
use tracking_view::Value;

use super::ViewStore;
use crate::tables::GENERATIONS;
use crate::{Error, bound};

/// Which generations there are, and which one is read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Generations {
    /// The one that is read.
    pub live: u32,
    /// The one that was read before, if it is still there: `flip_back` goes there.
    pub previous: Option<u32>,
    /// The one that a rebuild is filling.
    pub building: Option<u32>,
    /// The highest number ever used; numbers aren't used again.
    pub last: u32,
    /// When the live one became so.
    pub since: Timestamp,
    /// What was said of it then.
    pub note: String,
}

impl Generations {
    /// Every generation that is in use.
    pub fn all(&self) -> impl Iterator<Item = u32> + use<> {
        [Some(self.live), self.previous, self.building].into_iter().flatten()
    }
}

const READING: &str = "reading which generation is live";

impl ViewStore {
    /// Which generations there are. [`Error::NoTables`] before the first `apply_tables`.
    pub async fn generations(&self) -> Result<Generations, Error> {
        let keyspace = &self.options().keyspace;
        let missing = || Error::NoTables { keyspace: keyspace.clone() };
        let known = "SELECT table_name FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?";
        let cql = format!(
            "SELECT live, previous, building, last, since, note FROM {keyspace}.{GENERATIONS} WHERE name = 'live'"
        );
        let rows = match self.ask(READING, &cql, ()).await {
            // The error of a missing table is worded differently by each database; the schema is not.
            Err(error) => {
                let there = self.ask(READING, known, (keyspace, GENERATIONS)).await;
                return Err(if there.is_ok_and(|rows| rows.is_empty()) { missing() } else { error });
            }
            Ok(rows) => rows,
        };
        let row = rows.into_iter().next().ok_or_else(missing)?;
        let mut cells = row.columns.into_iter().map(|cell| cell.and_then(bound::read));
        let mut number = || match cells.next() {
            Some(Some(Value::Int(n))) => Some(n as u32),
            _ => None,
        };
        let (live, previous, building, last) = (number(), number(), number(), number());
        let live = live.ok_or_else(missing)?;
        let since = match cells.next() {
            Some(Some(Value::Timestamp(since))) => since,
            _ => Timestamp::default(),
        };
        let note = match cells.next() {
            Some(Some(Value::Text(note))) => note,
            _ => String::new(),
        };
        Ok(Generations { live, previous, building, last: last.unwrap_or(live).max(live), since, note })
    }

    /// The generation that a rebuild fills: the one begun earlier, if that was interrupted, or a new and empty one.
    pub async fn begin_generation(&self) -> Result<u32, Error> {
        let mut generations = self.generations().await?;
        if let Some(building) = generations.building {
            self.make_generation(building).await?;
            return Ok(building);
        }
        let next = generations.last + 1;
        self.make_generation(next).await?;
        generations.building = Some(next);
        generations.last = next;
        self.put(&generations).await?;
        tracing::info!(generation = next, "generation begun");
        Ok(next)
    }

    /// Makes a generation the one that is read. Readers follow within a second or so, without a restart.
    pub async fn flip(&self, to: u32, note: &str) -> Result<Generations, Error> {
        let mut generations = self.generations().await?;
        if generations.live == to {
            return Ok(generations);
        }
        if !self.generation_keyspaces().await?.contains(&to) {
            return Err(Error::Generation { generation: to, reason: "there is none of that number" });
        }
        generations.previous = Some(generations.live);
        generations.live = to;
        generations.building = generations.building.filter(|building| *building != to);
        generations.since = now();
        note.clone_into(&mut generations.note);
        self.put(&generations).await?;
        tracing::info!(live = to, previous = generations.previous, "generation flipped");
        Ok(generations)
    }

    /// Goes back to the generation that was read before.
    pub async fn flip_back(&self, note: &str) -> Result<Generations, Error> {
        let generations = self.generations().await?;
        let first = Error::Generation { generation: generations.live, reason: "there is none before it" };
        self.flip(generations.previous.ok_or(first)?, note).await
    }

    /// Drops every generation that is neither live nor being filled, and says which.
    pub async fn drop_old(&self) -> Result<Vec<u32>, Error> {
        let mut generations = self.generations().await?;
        let kept = [Some(generations.live), generations.building];
        let old: Vec<u32> =
            self.generation_keyspaces().await?.into_iter().filter(|n| !kept.contains(&Some(*n))).collect();
        // First the row, so that nobody flips to what is about to go.
        generations.previous = None;
        self.put(&generations).await?;
        for generation in &old {
            self.drop_keyspace(*generation).await?;
        }
        Ok(old)
    }

    /// Gives up the generation being filled, and says which.
    pub async fn abandon_building(&self) -> Result<Option<u32>, Error> {
        let mut generations = self.generations().await?;
        let Some(building) = generations.building.take() else { return Ok(None) };
        self.put(&generations).await?;
        self.drop_keyspace(building).await?;
        Ok(Some(building))
    }

    pub(super) async fn start_with_first_generation(&self) -> Result<Generations, Error> {
        let note = "the first".to_owned();
        let first = Generations { live: 1, previous: None, building: None, last: 1, since: now(), note };
        self.put(&first).await?;
        Ok(first)
    }

    async fn drop_keyspace(&self, generation: u32) -> Result<(), Error> {
        let cql = format!("DROP KEYSPACE IF EXISTS {}", self.keyspace_of(generation));
        self.define("dropping a generation", &cql).await?;
        tracing::info!(generation, "generation dropped");
        Ok(())
    }

    pub(super) async fn generation_keyspaces(&self) -> Result<Vec<u32>, Error> {
        let prefix = format!("{}_g", self.options().keyspace);
        let rows =
            self.ask("listing generations", "SELECT keyspace_name FROM system_schema.keyspaces", ()).await?;
        let names = rows.into_iter().filter_map(|row| row.columns.into_iter().next().flatten());
        let mut numbers: Vec<u32> = names
            .filter_map(|name| name.as_text().and_then(|name| name.strip_prefix(&prefix)?.parse().ok()))
            .collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    async fn put(&self, generations: &Generations) -> Result<(), Error> {
        let cql = format!(
            "INSERT INTO {}.{GENERATIONS} (name, live, previous, building, last, since, note) \
             VALUES ('live', ?, ?, ?, ?, ?, ?)",
            self.options().keyspace
        );
        let number = |n: Option<u32>| n.map(|n| n as i32);
        let values = (
            generations.live as i32,
            number(generations.previous),
            number(generations.building),
            generations.last as i32,
            CqlTimestamp(generations.since.as_millis()),
            generations.note.as_str(),
        );
        self.ask("writing which generation is live", &cql, values).await?;
        Ok(())
    }
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(since.as_millis() as i64)
}
