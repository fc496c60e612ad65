//! The writers' schemas known here, by their ids in the registry.

use std::collections::HashMap;
use std::sync::{Arc, RwLock, RwLockReadGuard};

use crate::{Contract, Error, contract};

/// What is known of the registry, shared by all decoders of a process: ids mean the same in all topics.
#[derive(Clone, Default, Debug)]
pub struct WriterSchemas {
    by_id: Arc<RwLock<HashMap<u32, Arc<WriterSchema>>>>,
}

/// One writer's schema.
pub(crate) struct WriterSchema {
    pub(crate) name: String,
    pub(crate) stamp: String,
    pub(crate) schema: serde_avro_fast::Schema,
}

impl WriterSchema {
    pub(crate) fn parse(schema_json: &str) -> Result<Self, Error> {
        let name = contract::record_name(schema_json)?;
        let schema = contract::parse(&name, schema_json)?;
        let stamp = contract::stamp(&name, u64::from_le_bytes(*schema.rabin_fingerprint()));
        Ok(Self { name, stamp, schema })
    }
}

impl std::fmt::Debug for WriterSchema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.stamp)
    }
}

impl WriterSchemas {
    /// Nothing known yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what the registry has under an id. Adding it again changes nothing: an id never changes its meaning while
    /// a process lives.
    ///
    /// # Errors
    /// [`Error::InvalidSchema`] when it isn't an Avro record.
    pub fn add(&self, id: u32, schema_json: &str) -> Result<(), Error> {
        if self.knows(id) {
            return Ok(());
        }
        let id_text = |e| match e {
            Error::InvalidSchema { reason, .. } => Error::InvalidSchema { name: id.to_string(), reason },
            other => other,
        };
        let writer = Arc::new(WriterSchema::parse(schema_json).map_err(id_text)?);
        self.by_id.write().unwrap_or_else(std::sync::PoisonError::into_inner).entry(id).or_insert(writer);
        Ok(())
    }

    /// Adds our own schema under the id that the registry gave it.
    ///
    /// # Errors
    /// Never for a contract of [`crate::contract::all`].
    pub fn add_contract(&self, id: u32, contract: &Contract) -> Result<(), Error> {
        self.add(id, contract.schema_json())
    }

    /// Whether this id is known.
    pub fn knows(&self, id: u32) -> bool {
        self.read().contains_key(&id)
    }

    /// The name and fingerprint of the schema known under this id, as the `pt-schema` header has them.
    pub fn stamp(&self, id: u32) -> Option<String> {
        self.get(id).map(|writer| writer.stamp.clone())
    }

    pub(crate) fn get(&self, id: u32) -> Option<Arc<WriterSchema>> {
        self.read().get(&id).cloned()
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<u32, Arc<WriterSchema>>> {
        // A panic while the map was held leaves it whole: one insert is all that ever happens.
        self.by_id.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
