//! Records to framed bytes.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::Serialize;
use serde_avro_fast::ser::{SerializerConfig, SerializerState};

use crate::{Contract, Error, frame};

/// Encodes the records of one topic. Cheap to clone, free to share between threads.
pub struct Encoder<T> {
    contract: Arc<Contract>,
    id: u32,
    of: PhantomData<fn(&T)>,
}

impl<T: Serialize> Encoder<T> {
    /// An encoder for this contract, which the registry knows under this id.
    pub fn new(contract: Arc<Contract>, id: u32) -> Self {
        Self { contract, id, of: PhantomData }
    }

    /// Appends the framed value to the buffer, so that one buffer can hold many or be used again and again. The same
    /// value gives the same bytes, always.
    ///
    /// # Errors
    /// [`Error::Unencodable`] when the type and the schema don't fit; the buffer is then as it was.
    pub fn encode(&self, value: &T, buffer: &mut Vec<u8>) -> Result<(), Error> {
        let start = buffer.len();
        frame::begin(self.id, buffer);
        // Allocates nothing while the type's fields come in the schema's order, as ours do.
        let mut config = SerializerConfig::new(self.contract.schema());
        let mut state = SerializerState::from_writer(&mut *buffer, &mut config);
        let written = value.serialize(state.serializer());
        drop(state);
        written.map_err(|source| {
            buffer.truncate(start);
            Error::Unencodable { record: self.contract.name().to_owned(), source }
        })
    }

    /// The framed value in a buffer of its own.
    ///
    /// # Errors
    /// As [`Encoder::encode`].
    pub fn to_vec(&self, value: &T) -> Result<Vec<u8>, Error> {
        let mut buffer = Vec::with_capacity(512);
        self.encode(value, &mut buffer)?;
        Ok(buffer)
    }

    /// The value of the `pt-schema` header that goes with what this writes.
    pub fn stamp(&self) -> &str {
        self.contract.stamp()
    }

    /// The id it writes into the frame.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// What it writes.
    pub fn contract(&self) -> &Arc<Contract> {
        &self.contract
    }
}

impl<T> Clone for Encoder<T> {
    fn clone(&self) -> Self {
        Self { contract: Arc::clone(&self.contract), id: self.id, of: PhantomData }
    }
}

impl<T> fmt::Debug for Encoder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder").field("contract", &self.contract).field("id", &self.id).finish()
    }
}
