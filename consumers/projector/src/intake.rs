//! From a record to an event, or to the reason why it can't be projected.

use std::time::Duration;

use event_codec::{Decoder, contract, headers};
use event_log::Received;
use schema_registry::Codecs;
use serde::de::DeserializeOwned;
use shipment_events::{CommandReply, Sequence, ShipmentEvent, ShipmentId};
use telemetry::Condition;
use tokio_util::sync::CancellationToken;

use crate::Error;
use crate::pause::Pauses;

/// Stamps have 47 bits for the sequence.
const LAST_SEQUENCE: i64 = 1 << 46;

/// Why a record is put among the dead letters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Unprojectable {
    /// A stable word.
    pub(crate) code: &'static str,
    /// In words. May show some of the record: not for logs.
    pub(crate) text: String,
}

/// Decodes records, and asks the registry for schemas it doesn't know yet, for as long as that takes.
#[derive(Clone)]
pub(crate) struct Intake {
    codecs: Codecs,
    events: Decoder<ShipmentEvent>,
    replies: Decoder<CommandReply>,
    longest_pause: Duration,
    registry: Option<Condition>,
}

impl Intake {
    pub(crate) fn new(codecs: Codecs, longest_pause: Duration) -> Self {
        let (events, replies) = (codecs.decoder(&contract::event()), codecs.decoder(&contract::reply()));
        Self { codecs, events, replies, longest_pause, registry: None }
    }

    /// The same, which says on this condition when the registry is away.
    pub(crate) fn telling(&self, registry: Condition) -> Self {
        registry.met();
        Self { registry: Some(registry), ..self.clone() }
    }

    /// The event in a record.
    pub(crate) async fn event(
        &self,
        record: &Received,
        cancel: &CancellationToken,
    ) -> Result<Result<ShipmentEvent, Unprojectable>, Error> {
        Ok(self.decode(&self.events, record, cancel).await?.and_then(|event| checked(record, event)))
    }

    /// The reply in a record.
    pub(crate) async fn reply(
        &self,
        record: &Received,
        cancel: &CancellationToken,
    ) -> Result<Result<CommandReply, Unprojectable>, Error> {
        self.decode(&self.replies, record, cancel).await
    }

    /// Whatever a decoder reads.
    async fn decode<T: DeserializeOwned>(
        &self,
        decoder: &Decoder<T>,
        record: &Received,
        cancel: &CancellationToken,
    ) -> Result<Result<T, Unprojectable>, Error> {
        let Some(bytes) = record.value.as_deref() else {
            let text = "the record has no value: nothing like that is ever written here".to_owned();
            return Ok(Err(Unprojectable { code: "no-value", text }));
        };
        let stamp = record.headers.get(headers::PT_SCHEMA);
        loop {
            match decoder.decode(bytes, stamp) {
                Ok(value) => return Ok(Ok(value)),
                Err(event_codec::Error::UnknownSchema { id }) => match self.learn(id, cancel).await? {
                    Learnt::Known => {}
                    Learnt::Absent => {
                        return Ok(decoder.decode_by_stamp(bytes, stamp).map_err(|e| unreadable(&e)));
                    }
                    Learnt::Useless(error) => return Ok(Err(unreadable(&error))),
                },
                Err(error) => return Ok(Err(unreadable(&error))),
            }
        }
    }

    /// Only the registry's own word that there is no such schema is final; everything else is waited out.
    async fn learn(&self, id: u32, cancel: &CancellationToken) -> Result<Learnt, Error> {
        let mut pauses = Pauses::up_to(self.longest_pause);
        loop {
            let learnt = tokio::select! {
                () = cancel.cancelled() => return Err(Error::Cancelled),
                learnt = self.codecs.learn(id) => learnt,
            };
            let error = match learnt {
                Ok(()) => {
                    self.registry.iter().for_each(Condition::met);
                    return Ok(Learnt::Known);
                }
                Err(schema_registry::Error::UnknownId { .. }) => {
                    self.registry.iter().for_each(Condition::met);
                    return Ok(Learnt::Absent);
                }
                Err(schema_registry::Error::Codec(error)) => return Ok(Learnt::Useless(error)),
                Err(error) => error,
            };
            tracing::warn!(id, error = %error, "a schema can't be fetched, trying again");
            if let Some(registry) = &self.registry {
                registry.unmet(format!("events wait for schema {id}: {error}"));
            }
            pauses.wait(cancel).await?;
        }
    }
}

/// What the registry had to say of a schema.
enum Learnt {
    /// It is known now.
    Known,
    /// There is none.
    Absent,
    /// It is no schema.
    Useless(event_codec::Error),
}

fn unreadable(error: &event_codec::Error) -> Unprojectable {
    Unprojectable { code: error.code(), text: error.full_text() }
}

/// What decoded and yet would corrupt the views.
fn checked(record: &Received, event: ShipmentEvent) -> Result<ShipmentEvent, Unprojectable> {
    let sequence = event.sequence.get();
    if !(1..LAST_SEQUENCE).contains(&sequence) || event.revision.get() < 0 {
        let text = format!("sequence {sequence}, revision {}: no event has such", event.revision.get());
        return Err(Unprojectable { code: "bad-sequence", text });
    }
    if record.key_str() != Some(event.key().as_str()) {
        let text = format!("the key is not {}, as the value would have it", event.key());
        return Err(Unprojectable { code: "wrong-key", text });
    }
    Ok(event)
}

/// What the key of an event's record says of it, whether or not the rest can be read. A sequence that can't be read is
/// [`Sequence::NONE`].
pub(crate) fn told_by_key(record: &Received) -> Option<(ShipmentId, Sequence)> {
    told_by(record.key_str()?)
}

/// The same of a key alone.
pub(crate) fn told_by(key: &str) -> Option<(ShipmentId, Sequence)> {
    let (id, sequence) = key.split_once('#').unwrap_or((key, ""));
    let sequence = sequence.parse().ok().filter(|n| (1..LAST_SEQUENCE).contains(n)).unwrap_or(0);
    Some((id.parse().ok()?, Sequence::new(sequence)))
}

#[cfg(test)]
mod tests {
    use event_log::{Headers, Timestamp};

    use super::*;

    fn record(key: &str) -> Received {
        Received {
            topic: "events".into(),
            partition: 0,
            offset: 0,
            timestamp: Timestamp::Missing,
            key: Some(key.to_owned().into()),
            value: None,
            headers: Headers::new(),
        }
    }

    #[test]
    fn a_key_tells_the_shipment_even_where_nothing_else_does() {
        let id = "00000000-0000-0000-0000-000000000007";
        let told = |key: &str| told_by_key(&record(key)).map(|(id, n)| (id.to_string(), n.get()));
        assert_eq!(told(&format!("{id}#12")), Some((id.to_owned(), 12)));
        for odd in [format!("{id}#x"), format!("{id}#-3"), format!("{id}#{}", i64::MAX), id.to_owned()] {
            assert_eq!(told(&odd), Some((id.to_owned(), 0)), "{odd}");
        }
        assert_eq!(told("hello#1"), None);
        assert_eq!(told(""), None);
    }
}
