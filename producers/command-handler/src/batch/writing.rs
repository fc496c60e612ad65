//! What was decided, as records.

use std::fmt::Display;
use std::sync::Arc;

use bytes::Bytes;
use event_codec::headers::{PT_REPLY_TO, TRACEPARENT};
use event_codec::{CloudEvent, Encoder, Error, Headers as Built};
use event_log::{Block, Headers, Outgoing, Received};
use serde::Serialize;
use shipment_events::{CommandReply, ShipmentEvent};

use super::Circumstances;
use super::overlay::Changed;
use super::traced::place;

/// CloudEvents: who wrote it.
const SOURCE: &str = "/parceltrack/command-handler";

/// Writes the records of one batch. They lie together in memory, and what is needed to make one is used for the next.
pub(super) struct Writing<'a> {
    pub(super) given: &'a Circumstances,
    block: Block,
    value: Vec<u8>,
    headers: Built,
}

impl<'a> Writing<'a> {
    pub(super) fn new(given: &'a Circumstances) -> Self {
        Self { given, block: Block::new(), value: Vec::new(), headers: Built::new() }
    }

    /// An event. Like all that follows from a command it goes to the command's partition and continues its trace. The
    /// command's key is its shipment's id as text.
    pub(super) fn event(&mut self, event: &ShipmentEvent, command: &Received) -> Result<Outgoing, Error> {
        let encoder = &self.given.codec.events;
        let shipment = command.key_str().unwrap_or_default();
        let about = CloudEvent {
            id: event.event_id,
            body: event.body.type_name(),
            source: SOURCE,
            time: event.occurred_at,
            subject: shipment,
        };
        let value = self.begin(encoder, event, &about)?;
        self.continue_trace(command);
        let key = self.block.show(format_args!("{shipment}#{}", event.sequence));
        Ok(self.end(&self.given.topics.events, command.partition, key, value))
    }

    pub(super) fn reply(&mut self, reply: &CommandReply, command: &Received) -> Result<Outgoing, Error> {
        let encoder = &self.given.codec.replies;
        let id = self.block.show(reply.command_id);
        let about = CloudEvent {
            id: std::str::from_utf8(&id).unwrap_or_default(),
            body: "CommandReply",
            source: SOURCE,
            time: reply.decided_at,
            subject: command.key_str().unwrap_or_default(),
        };
        let value = self.begin(encoder, reply, &about)?;
        self.continue_trace(command);
        self.headers.push_some(PT_REPLY_TO, command.headers.get_str(PT_REPLY_TO));
        Ok(self.end(&self.given.topics.replies, command.partition, id, value))
    }

    pub(super) fn snapshot(&mut self, changed: &Changed) -> Result<Outgoing, Error> {
        let Changed { snapshot, partition, key, .. } = changed;
        let shipment = std::str::from_utf8(key).unwrap_or_default();
        let about = CloudEvent {
            id: format_args!("{shipment}#{}", snapshot.state.version),
            body: "ShipmentSnapshot",
            source: SOURCE,
            time: snapshot.state.recorded_at,
            subject: shipment,
        };
        let value = self.begin(&self.given.codec.snapshots, snapshot, &about)?;
        self.headers.push_some(TRACEPARENT, changed.traceparent());
        Ok(self.end(&self.given.topics.snapshots, *partition, key.clone(), value))
    }

    /// What follows from a command belongs to its trace; where that is sampled, to the span of the writing.
    fn continue_trace(&mut self, command: &Received) {
        match place(&command.headers) {
            Some(place) => self.headers.show(TRACEPARENT, place.writing),
            None => self.headers.push_some(TRACEPARENT, command.headers.get_str(TRACEPARENT)),
        };
    }

    fn begin<T: Serialize>(
        &mut self,
        encoder: &Encoder<T>,
        record: &T,
        about: &CloudEvent<'_, impl Display, impl Display>,
    ) -> Result<Bytes, Error> {
        self.headers.clear();
        about.write(encoder.stamp(), &mut self.headers);
        self.value.clear();
        encoder.encode(record, &mut self.value)?;
        Ok(self.block.copy(&self.value))
    }

    fn end(&mut self, topic: &Arc<str>, partition: i32, key: Bytes, value: Bytes) -> Outgoing {
        Outgoing {
            topic: topic.clone(),
            partition,
            key: Some(key),
            value: Some(value),
            headers: Headers::within(&mut self.block, self.headers.iter()),
            timestamp: None,
        }
    }
}
