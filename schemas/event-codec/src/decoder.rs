//! Framed bytes to records.

use std::fmt;
use std::io::BufRead;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::de::DeserializeOwned;
use serde_avro_fast::de::read::SliceRead;
use serde_avro_fast::de::{DeError, DeserializerConfig, DeserializerState};

use crate::writers::WriterSchema;
use crate::{Contract, Error, WriterSchemas, contract, frame};

/// Decodes the records of one topic, whichever version wrote them. Cheap to clone; clones share what they know and
/// count.
pub struct Decoder<T> {
    contract: Arc<Contract>,
    writers: WriterSchemas,
    unstamped: Arc<AtomicU64>,
    of: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Decoder<T> {
    /// A decoder for this contract's records, with the writers' schemas known so far.
    pub fn new(contract: Arc<Contract>, writers: WriterSchemas) -> Self {
        Self { contract, writers, unstamped: Arc::default(), of: PhantomData }
    }

    /// Makes a writer's schema known; all decoders that share the [`WriterSchemas`] know it then.
    ///
    /// # Errors
    /// [`Error::InvalidSchema`] when it isn't an Avro record.
    pub fn add_writer(&self, id: u32, schema_json: &str) -> Result<(), Error> {
        self.writers.add(id, schema_json)
    }

    /// Decodes a record's value. `stamp` is its `pt-schema` header, if it has one: writers that aren't ours need not
    /// send it.
    ///
    /// # Errors
    /// [`Error::UnknownSchema`] when the writer's schema must be fetched and added first, or, if the registry doesn't have
    /// it, [`decode_by_stamp`](Self::decode_by_stamp) be used. All others mean that this record can't be read, now or
    /// later, and is to be parked.
    pub fn decode(&self, bytes: &[u8], stamp: Option<&[u8]>) -> Result<T, Error> {
        let (id, datum) = frame::split(bytes)?;
        let writer = self.writers.get(id).ok_or(Error::UnknownSchema { id })?;
        match stamp {
            Some(stamp) if stamp == writer.stamp.as_bytes() => {}
            Some(stamp) => {
                let header = String::from_utf8_lossy(stamp).into_owned();
                return Err(Error::WrongFingerprint { id, header, registry: writer.stamp.clone() });
            }
            None => {
                self.unstamped.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.datum(&writer, id, datum)
    }

    /// Decodes a record whose schema the registry has said it doesn't have: by its stamp, which names the schema by
    /// fingerprint. So a registry that lost its memory makes none of our own records unreadable.
    ///
    /// # Errors
    /// [`Error::AbsentSchema`] when the stamp names no schema that was ever released. All errors mean that this record is
    /// to be parked.
    pub fn decode_by_stamp(&self, bytes: &[u8], stamp: Option<&[u8]>) -> Result<T, Error> {
        let (id, datum) = frame::split(bytes)?;
        let writer = stamp.and_then(contract::released_writer).ok_or(Error::AbsentSchema { id })?;
        self.datum(writer, id, datum)
    }

    /// The same for a record that has lost its stamp as well: tries every released schema of the record, the newest first, and
    /// takes the first that gives what `is_it` knows again. For stored values whose identity is known from elsewhere.
    ///
    /// # Errors
    /// [`Error::AbsentSchema`] when none does.
    pub fn decode_by_trial(&self, bytes: &[u8], is_it: impl Fn(&T) -> bool) -> Result<T, Error> {
        let (id, datum) = frame::split(bytes)?;
        contract::released_writers(self.contract.name())
            .filter_map(|writer| self.datum(writer, id, datum).ok())
            .find(|value| is_it(value))
            .ok_or(Error::AbsentSchema { id })
    }

    fn datum(&self, writer: &WriterSchema, id: u32, datum: &[u8]) -> Result<T, Error> {
        if writer.name != self.contract.name() {
            let (written, wanted) = (writer.name.clone(), self.contract.name().to_owned());
            return Err(Error::WrongRecord { id, written, wanted });
        }
        datum_of(writer, id, datum)
    }

    /// How many records without a `pt-schema` header were decoded: for these, nothing guards against a registry that
    /// has lost its memory.
    pub fn unstamped(&self) -> u64 {
        self.unstamped.load(Ordering::Relaxed)
    }

    /// The writers' schemas it knows.
    pub fn writers(&self) -> &WriterSchemas {
        &self.writers
    }

    /// What it reads.
    pub fn contract(&self) -> &Arc<Contract> {
        &self.contract
    }
}

fn datum_of<T: DeserializeOwned>(writer: &WriterSchema, id: u32, datum: &[u8]) -> Result<T, Error> {
    let mut config = DeserializerConfig::new(&writer.schema);
    // An element takes a byte at least, so a longer array is a lie that would only cost time.
    config.max_seq_size = datum.len();
    let mut state = DeserializerState::with_config(SliceRead::new(datum), config);
    let value = T::deserialize(state.deserializer()).map_err(|source| refused(writer, id, source))?;
    let surplus = state.into_reader().fill_buf().map_or(0, <[u8]>::len);
    if surplus > 0 {
        return Err(Error::TrailingBytes { id, record: writer.name.clone(), surplus });
    }
    Ok(value)
}

fn refused(writer: &WriterSchema, id: u32, source: DeError) -> Error {
    let record = writer.name.clone();
    // serde has no kinds of errors: its wording of this one is part of its interface, and a test holds it fast.
    let what = source.to_string();
    if what.starts_with("unknown variant") {
        return Error::UnknownMember { id, record, what };
    }
    Error::Undecodable { id, record, source }
}

impl<T> Clone for Decoder<T> {
    fn clone(&self) -> Self {
        Self {
            contract: Arc::clone(&self.contract),
            writers: self.writers.clone(),
            unstamped: Arc::clone(&self.unstamped),
            of: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Decoder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder").field("contract", &self.contract).finish_non_exhaustive()
    }
}
