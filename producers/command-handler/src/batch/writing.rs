//! What was decided, as records.

use event_codec::headers::{PT_REPLY_TO, TRACEPARENT};
use event_codec::{CloudEvent, Error, Headers as Built};
use event_log::{Headers, Outgoing, Received};
use shipment_events::{CommandReply, ShipmentEvent};

use super::Circumstances;
use super::overlay::Changed;

/// CloudEvents: who wrote it.
const SOURCE: &str = "/parceltrack/command-handler";

/// What a command's records have in common: they go to the partition of the command, and continue its trace.
pub(super) struct Written<'a> {
    pub(super) record: &'a Received,
    pub(super) partition: i32,
    pub(super) given: &'a Circumstances,
}

impl Written<'_> {
    pub(super) fn event(&self, event: &ShipmentEvent) -> Result<Outgoing, Error> {
        let encoder = &self.given.codec.events;
        let mut headers = Built::new();
        CloudEvent {
            id: event.event_id,
            body: event.body.type_name(),
            source: SOURCE,
            time: event.occurred_at,
            subject: event.shipment_id,
        }
        .write(encoder.stamp(), &mut headers);
        headers.push_some(TRACEPARENT, self.record.headers.get_str(TRACEPARENT));
        Ok(Outgoing {
            topic: self.given.topics.events.clone(),
            partition: self.partition,
            key: Some(event.key().into()),
            value: Some(encoder.to_vec(event)?.into()),
            headers: owned(&headers),
            timestamp: None,
        })
    }

    pub(super) fn reply(&self, reply: &CommandReply) -> Result<Outgoing, Error> {
        let encoder = &self.given.codec.replies;
        let mut headers = Built::new();
        CloudEvent {
            id: reply.command_id,
            body: "CommandReply",
            source: SOURCE,
            time: reply.decided_at,
            subject: reply.shipment_id,
        }
        .write(encoder.stamp(), &mut headers);
        headers.push_some(TRACEPARENT, self.record.headers.get_str(TRACEPARENT));
        headers.push_some(PT_REPLY_TO, self.record.headers.get_str(PT_REPLY_TO));
        Ok(Outgoing {
            topic: self.given.topics.replies.clone(),
            partition: self.partition,
            key: Some(reply.command_id.to_string().into()),
            value: Some(encoder.to_vec(reply)?.into()),
            headers: owned(&headers),
            timestamp: None,
        })
    }
}

pub(super) fn snapshot(changed: &Changed, given: &Circumstances) -> Result<Outgoing, Error> {
    let Changed { snapshot, partition, traceparent } = changed;
    let encoder = &given.codec.snapshots;
    let mut headers = Built::new();
    CloudEvent {
        id: format_args!("{}#{}", snapshot.shipment_id, snapshot.state.version),
        body: "ShipmentSnapshot",
        source: SOURCE,
        time: snapshot.state.recorded_at,
        subject: snapshot.shipment_id,
    }
    .write(encoder.stamp(), &mut headers);
    headers.push_some(TRACEPARENT, traceparent.as_deref());
    Ok(Outgoing {
        topic: given.topics.snapshots.clone(),
        partition: *partition,
        key: Some(snapshot.shipment_id.to_string().into()),
        value: Some(encoder.to_vec(snapshot)?.into()),
        headers: owned(&headers),
        timestamp: None,
    })
}

fn owned(headers: &Built) -> Headers {
    headers.iter().map(|(name, value)| (name, value.to_vec())).collect()
}
