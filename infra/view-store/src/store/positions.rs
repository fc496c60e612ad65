use std::collections::BTreeMap;

use tracking_view::Value;

use super::ViewStore;
use crate::tables::POSITIONS;
use crate::{Error, bound};

/// Under this name, beside the topics', lies which form of the projection fills the generation.
const FORM: &str = "form of the projection";

impl ViewStore {
    /// Which form of the projection fills a generation, if that was [said](Self::save_form).
    pub async fn form(&self, generation: u32) -> Result<Option<i32>, Error> {
        let form = self.positions(generation, FORM).await?.into_values().next();
        Ok(form.and_then(|form| i32::try_from(form).ok()))
    }

    /// Says which form of the projection fills a generation. To be called before anything is written.
    pub async fn save_form(&self, generation: u32, form: i32) -> Result<(), Error> {
        self.save_position(generation, FORM, 0, form.into()).await
    }

    /// How far the rebuild of a generation has come: of each partition of a topic, the offset to go on from.
    pub async fn positions(&self, generation: u32, topic: &str) -> Result<BTreeMap<i32, i64>, Error> {
        let keyspace = self.keyspace_of(generation);
        let cql = format!("SELECT partition, position FROM {keyspace}.{POSITIONS} WHERE topic = ?");
        let rows = self.ask("reading how far a rebuild has come", &cql, (topic,)).await?;
        let position = |row: scylla::value::Row| {
            let mut cells = row.columns.into_iter().map(|cell| cell.and_then(bound::read));
            match (cells.next()??, cells.next()??) {
                (Value::Int(partition), Value::BigInt(position)) => Some((partition, position)),
                _ => None,
            }
        };
        Ok(rows.into_iter().filter_map(position).collect())
    }

    /// Remembers how far the rebuild of a generation has come. To be called after the writes up to there are durable.
    pub async fn save_position(
        &self,
        generation: u32,
        topic: &str,
        partition: i32,
        position: i64,
    ) -> Result<(), Error> {
        let keyspace = self.keyspace_of(generation);
        let cql = format!("INSERT INTO {keyspace}.{POSITIONS} (topic, partition, position) VALUES (?, ?, ?)");
        self.ask("remembering how far a rebuild has come", &cql, (topic, partition, position)).await?;
        Ok(())
    }
}
