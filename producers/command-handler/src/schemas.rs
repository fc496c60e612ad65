//! Where the schemas of writers that aren't known yet come from.

use event_codec::WriterSchemas;
use schema_registry::{Error as RegistryError, Registry};
use tokio::runtime::Handle;

/// Makes schemas known. Blocking: a worker asks while it decides.
pub trait Schemas: Send + Sync {
    /// Makes the schema under this id known; `false` when there is none that could be.
    fn learn(&self, id: u32) -> Result<bool, Unavailable>;
}

/// The registry doesn't answer.
#[derive(Debug, thiserror::Error)]
#[error("the schema registry doesn't say what schema {id} is")]
pub struct Unavailable {
    /// The schema asked for.
    pub id: u32,
    /// Why not.
    #[source]
    pub source: RegistryError,
}

/// The registry, asked from threads that aren't the runtime's.
pub(crate) struct FromRegistry {
    pub(crate) registry: Registry,
    pub(crate) writers: WriterSchemas,
    pub(crate) runtime: Handle,
}

impl Schemas for FromRegistry {
    fn learn(&self, id: u32) -> Result<bool, Unavailable> {
        match self.runtime.block_on(self.registry.writer_schema(id)) {
            // What isn't Avro can't have written anything that could be read.
            Ok(schema) => Ok(self.writers.add(id, &schema).is_ok()),
            Err(RegistryError::UnknownId { .. }) => Ok(false),
            Err(source) => Err(Unavailable { id, source }),
        }
    }
}
