//! What a role needs to encode and to decode.

use std::sync::Arc;

use event_codec::{Contract, Decoder, Encoder, WriterSchemas};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::runtime::Handle;

use crate::{Contracts, Error, Ids, Registry};

/// Fetches the schema that the registry has under an id.
pub type FetchSchema = Arc<
    dyn Fn(u32) -> BoxFuture<'static, Result<String, Box<dyn std::error::Error + Send + Sync>>> + Send + Sync,
>;

/// Encoders with the registry's ids, decoders that learn unknown writers' schemas from it. Cheap to clone; clones
/// share what they have learnt. Once open it works without the registry, but for writers never met before.
#[derive(Clone, Debug)]
pub struct Codecs {
    registry: Registry,
    contracts: Contracts,
    ids: Arc<Ids>,
    writers: WriterSchemas,
    runtime: Handle,
}

impl Codecs {
    /// Checks and registers the contracts, and knows their ids then. Call it before anything is written.
    ///
    /// # Errors
    /// [`Error::Refused`] with the offending fields, or when the registry doesn't answer.
    pub async fn open(registry: Registry, contracts: Contracts) -> Result<Self, Error> {
        let ids = registry.apply(&contracts).await?;
        let codecs = Self { ids: Arc::new(ids), ..Self::for_reading(registry, contracts) };
        for (subject, contract) in codecs.contracts.subjects() {
            if let Some(id) = codecs.ids.get(&subject) {
                codecs.writers.add_contract(id, contract)?;
            }
            codecs.learn_versions(&subject).await?;
        }
        Ok(codecs)
    }

    /// Learns every version of the contracts that the registry has: what is known needs no registry later. For those who
    /// only read; [`Codecs::open`] has done it.
    ///
    /// # Errors
    /// When the registry doesn't answer. What was learnt until then stays.
    pub async fn preload(&self) -> Result<(), Error> {
        for (subject, _) in self.contracts.subjects() {
            self.learn_versions(&subject).await?;
        }
        Ok(())
    }

    /// What older and newer writers of this subject use.
    async fn learn_versions(&self, subject: &str) -> Result<(), Error> {
        for version in self.registry.versions(subject).await? {
            if let Err(error) = self.writers.add(version.id, &version.schema) {
                // Somebody else's; whoever meets such a record will say so.
                tracing::warn!(subject, id = version.id, %error, "registered schema is not one of ours");
            }
        }
        Ok(())
    }

    /// For one who only reads: nothing is registered, and the registry isn't asked before the first record. Must be
    /// called within a Tokio runtime.
    pub fn for_reading(registry: Registry, contracts: Contracts) -> Self {
        let (ids, writers) = (Arc::default(), WriterSchemas::new());
        Self { registry, contracts, ids, writers, runtime: Handle::current() }
    }

    /// The encoder for a contract.
    ///
    /// # Errors
    /// [`Error::NotOpened`] when this was opened without it, or for reading only.
    pub fn encoder<T: Serialize>(&self, contract: &Arc<Contract>) -> Result<Encoder<T>, Error> {
        Ok(Encoder::new(Arc::clone(contract), self.id(contract)?))
    }

    /// The decoder for a contract.
    pub fn decoder<T: DeserializeOwned>(&self, contract: &Arc<Contract>) -> Decoder<T> {
        Decoder::new(Arc::clone(contract), self.writers.clone())
    }

    /// The id that the registry gave our schema.
    ///
    /// # Errors
    /// [`Error::NotOpened`] when this was opened without it, or for reading only.
    pub fn id(&self, contract: &Contract) -> Result<u32, Error> {
        self.contracts
            .subjects()
            .find(|(_, c)| c.name() == contract.name())
            .and_then(|(subject, _)| self.ids.get(&subject))
            .ok_or_else(|| Error::NotOpened { name: contract.name().to_owned() })
    }

    /// The writers' schemas known so far, shared with all decoders made here.
    pub fn writers(&self) -> &WriterSchemas {
        &self.writers
    }

    /// The registry behind it.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Decodes, and fetches the writer's schema first if it must.
    ///
    /// # Errors
    /// [`Error::Codec`] when the record can't be read and is to be parked; an error that
    /// [is passing](Error::is_passing) when only the registry is away.
    pub async fn decode<T>(
        &self,
        decoder: &Decoder<T>,
        bytes: &[u8],
        stamp: Option<&[u8]>,
    ) -> Result<T, Error>
    where
        T: DeserializeOwned,
    {
        match decoder.decode(bytes, stamp) {
            Err(event_codec::Error::UnknownSchema { id }) => match self.learn(id).await {
                Err(Error::UnknownId { .. }) => Ok(decoder.decode_by_stamp(bytes, stamp)?),
                learnt => {
                    learnt?;
                    Ok(decoder.decode(bytes, stamp)?)
                }
            },
            result => Ok(result?),
        }
    }

    /// Learns a writer's schema; at once where it is known.
    ///
    /// # Errors
    /// [`Error::UnknownId`] when the registry doesn't have it.
    pub async fn learn(&self, id: u32) -> Result<(), Error> {
        if !self.writers.knows(id) {
            let schema = self.registry.writer_schema(id).await?;
            self.writers.add(id, &schema)?;
            tracing::debug!(id, schema = self.writers.stamp(id), "writer's schema learnt");
        }
        Ok(())
    }

    /// The same for a thread that isn't one of the runtime's, such as a worker with a consumer of its own.
    ///
    /// # Errors
    /// As [`Codecs::learn`].
    ///
    /// # Panics
    /// When called from within asynchronous code.
    pub fn learn_blocking(&self, id: u32) -> Result<(), Error> {
        self.runtime.block_on(self.learn(id))
    }

    /// The way to fetch a schema, for those who keep their decoders themselves.
    pub fn fetch(&self) -> FetchSchema {
        let registry = self.registry.clone();
        Arc::new(move |id| {
            let registry = registry.clone();
            async move { Ok(registry.writer_schema(id).await?) }.boxed()
        })
    }
}
