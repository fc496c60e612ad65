//! From what lies in a topic to what can be compared.

use bytes::Bytes;
use event_codec::{Decoder, contract};
use schema_registry::Codecs;
use serde::de::DeserializeOwned;
use shipment_events::{Sequence, ShipmentEvent, ShipmentId, ShipmentSnapshot};

use crate::Error;
use crate::compare::{EventRecord, Unreadable};

/// Stamps have 47 bits for the sequence.
const LAST_SEQUENCE: i64 = 1 << 46;

/// A record's value and what decoding needs of its headers: what is kept of a partition until its shipments' turn comes.
#[derive(Clone, Debug)]
pub(crate) struct Raw {
    pub(crate) offset: i64,
    pub(crate) value: Option<Bytes>,
    pub(crate) stamp: Option<Bytes>,
}

/// The same under an event's key.
#[derive(Clone, Debug)]
pub(crate) struct RawEvent {
    pub(crate) sequence: Sequence,
    pub(crate) raw: Raw,
}

/// Decodes events and snapshots, whoever wrote them.
#[derive(Clone)]
pub(crate) struct Intake {
    codecs: Codecs,
    events: Decoder<ShipmentEvent>,
    snapshots: Decoder<ShipmentSnapshot>,
}

impl Intake {
    pub(crate) fn new(codecs: Codecs) -> Self {
        let (events, snapshots) = (codecs.decoder(&contract::event()), codecs.decoder(&contract::snapshot()));
        Self { codecs, events, snapshots }
    }

    /// Asks the registry for all that it has, so that nothing waits for it later.
    pub(crate) async fn preload(&self) -> Result<(), Error> {
        Ok(self.codecs.preload().await?)
    }

    /// A shipment's records, decoded.
    pub(crate) async fn records(
        &self,
        shipment_id: ShipmentId,
        raw: &[RawEvent],
    ) -> Result<Vec<EventRecord>, Error> {
        let mut records = Vec::with_capacity(raw.len());
        for RawEvent { sequence, raw } in raw {
            let event = self.decode(&self.events, raw).await?;
            let event = event.and_then(|event| checked(shipment_id, *sequence, event));
            let value = raw.value.clone().unwrap_or_default();
            records.push(EventRecord { offset: raw.offset, sequence: *sequence, value, event });
        }
        Ok(records)
    }

    /// The event in a record whose key tells nothing.
    pub(crate) async fn event(&self, raw: &Raw) -> Result<Option<ShipmentEvent>, Error> {
        Ok(self.decode(&self.events, raw).await?.ok())
    }

    pub(crate) async fn snapshot(&self, raw: &Raw) -> Result<Result<ShipmentSnapshot, Unreadable>, Error> {
        self.decode(&self.snapshots, raw).await
    }

    async fn decode<T: DeserializeOwned>(
        &self,
        decoder: &Decoder<T>,
        raw: &Raw,
    ) -> Result<Result<T, Unreadable>, Error> {
        let Some(value) = &raw.value else { return Ok(Err(Unreadable { code: "no-value" })) };
        match self.codecs.decode(decoder, value, raw.stamp.as_deref()).await {
            Ok(value) => Ok(Ok(value)),
            Err(schema_registry::Error::Codec(error)) => Ok(Err(Unreadable { code: error.code() })),
            Err(error) => Err(error.into()),
        }
    }
}

/// What decoded and yet is no event of this key: what the projector parks, too.
fn checked(
    shipment_id: ShipmentId,
    sequence: Sequence,
    event: ShipmentEvent,
) -> Result<ShipmentEvent, Unreadable> {
    if !(1..LAST_SEQUENCE).contains(&event.sequence.get()) || event.revision.get() < 0 {
        return Err(Unreadable { code: "bad-sequence" });
    }
    if (event.shipment_id, event.sequence) != (shipment_id, sequence) {
        return Err(Unreadable { code: "wrong-key" });
    }
    Ok(event)
}

/// What the key of an event's record says, if it is written as the contract has it.
pub(crate) fn event_key(key: Option<&[u8]>) -> Option<(ShipmentId, Sequence)> {
    let (id, sequence) = std::str::from_utf8(key?).ok()?.split_once('#')?;
    let number: i64 = sequence.parse().ok()?;
    // `+7` and `07` are numbers, too.
    (number.to_string() == sequence).then_some(())?;
    Some((canonical(id)?, Sequence::new(number)))
}

/// What the key of a snapshot's record says.
pub(crate) fn snapshot_key(key: Option<&[u8]>) -> Option<ShipmentId> {
    canonical(std::str::from_utf8(key?).ok()?)
}

/// A UUID can be written in several ways, and a key in one.
fn canonical(text: &str) -> Option<ShipmentId> {
    let id: ShipmentId = text.parse().ok()?;
    let mut buffer = uuid::Uuid::encode_buffer();
    (*id.as_uuid().hyphenated().encode_lower(&mut buffer) == *text).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_only_as_the_contract_writes_it() {
        let id = "0190a5b2-0000-7000-8000-0000000000ab";
        let key = |text: &str| event_key(Some(text.as_bytes())).map(|(id, n)| (id.to_string(), n.get()));
        assert_eq!(key(&format!("{id}#12")), Some((id.to_owned(), 12)));
        for odd in [
            id.to_owned(),
            format!("{id}#"),
            format!("{id}#012"),
            format!("{id}#+12"),
            format!("{id}#12 "),
            format!("{}#12", id.to_uppercase()),
            format!("{}#12", id.replace('-', "")),
            "#1".to_owned(),
            String::new(),
        ] {
            assert_eq!(key(&odd), None, "{odd}");
        }
        assert_eq!(event_key(None), None);
        assert_eq!(snapshot_key(Some(id.as_bytes())).map(|id| id.to_string()).as_deref(), Some(id));
        assert_eq!(snapshot_key(Some(format!("{{{id}}}").as_bytes())), None);
    }
}
