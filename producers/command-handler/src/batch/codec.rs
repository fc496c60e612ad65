//! The contract as the handler uses it, and the form in which snapshots lie in the state store.

use std::collections::HashSet;
use std::sync::Arc;

use event_codec::headers::PT_SCHEMA;
use event_codec::{Contract, Decoder, Encoder, Error, WriterSchemas, contract};
use event_log::Headers;
use serde::de::DeserializeOwned;
use shipment_domain::ShipmentCommand;
use shipment_events::{CommandReply, ShipmentEvent, ShipmentSnapshot};

/// Decodes what comes in, encodes what goes out.
#[derive(Clone, Debug)]
pub struct Codec {
    commands: Decoder<ShipmentCommand>,
    stored: Decoder<ShipmentSnapshot>,
    pub(super) events: Encoder<ShipmentEvent>,
    pub(super) snapshots: Encoder<ShipmentSnapshot>,
    pub(super) replies: Encoder<CommandReply>,
}

/// Under which ids the registry knows the schemas that we write.
#[derive(Clone, Copy, Debug)]
pub struct SchemaIds {
    /// `ShipmentEvent`
    pub event: u32,
    /// `ShipmentSnapshot`
    pub snapshot: u32,
    /// `CommandReply`
    pub reply: u32,
}

impl Codec {
    /// Writes with these ids; reads what `writers` knows, which may grow.
    pub fn new(ids: SchemaIds, writers: WriterSchemas) -> Self {
        Self {
            commands: Decoder::new(contract::command(), writers.clone()),
            stored: Decoder::new(contract::snapshot(), writers),
            events: Encoder::new(contract::event(), ids.event),
            snapshots: Encoder::new(contract::snapshot(), ids.snapshot),
            replies: Encoder::new(contract::reply(), ids.reply),
        }
    }

    /// Writes snapshots by another version of their contract, as handlers do in the middle of an upgrade.
    #[must_use]
    pub fn with_snapshots(self, contract: Arc<Contract>, id: u32) -> Self {
        Self { snapshots: Encoder::new(contract, id), ..self }
    }

    /// The writers' schemas it knows.
    pub fn writers(&self) -> &WriterSchemas {
        self.commands.writers()
    }

    /// A command. `absent` are the schemas that the registry doesn't have.
    pub(super) fn command(
        &self,
        value: &[u8],
        headers: &Headers,
        absent: &HashSet<u32>,
    ) -> Result<ShipmentCommand, Error> {
        decode(&self.commands, value, headers.get(PT_SCHEMA), absent)
    }

    /// A snapshot, as it is stored.
    pub(super) fn snapshot(&self, stored: &[u8], absent: &HashSet<u32>) -> Result<ShipmentSnapshot, Error> {
        let (stamp, value) = unpack(stored);
        decode(&self.stored, value, stamp, absent)
    }
}

fn decode<T: DeserializeOwned>(
    decoder: &Decoder<T>,
    value: &[u8],
    stamp: Option<&[u8]>,
    absent: &HashSet<u32>,
) -> Result<T, Error> {
    match decoder.decode(value, stamp) {
        Err(Error::UnknownSchema { id }) if absent.contains(&id) => decoder.decode_by_stamp(value, stamp),
        result => result,
    }
}

/// The stored form of a snapshot: its `pt-schema` header, which decoding checks, and its value as it is in the topic.
pub fn pack(headers: &Headers, value: &[u8]) -> Vec<u8> {
    let stamp = headers.get(PT_SCHEMA).unwrap_or_default();
    // Ours are never as long; one that is can't be ours, and isn't needed to find that out.
    let (length, stamp) = u8::try_from(stamp.len()).map_or((0, &[][..]), |length| (length, stamp));
    let mut stored = Vec::with_capacity(1 + stamp.len() + value.len());
    stored.push(length);
    stored.extend_from_slice(stamp);
    stored.extend_from_slice(value);
    stored
}

/// The header, if there was one, and the value.
pub fn unpack(stored: &[u8]) -> (Option<&[u8]>, &[u8]) {
    let Some((length, rest)) = stored.split_first() else { return (None, stored) };
    match rest.split_at_checked(usize::from(*length)) {
        Some(([], value)) => (None, value),
        Some((stamp, value)) => (Some(stamp), value),
        // Not ours. What is left isn't framed either, and decoding will say so.
        None => (None, stored),
    }
}
