//! The decoders, with the registry behind them.

use event_codec::headers::{PT_ERROR_CODE, PT_ERROR_TOPIC, PT_SCHEMA};
use event_codec::{Decoder, contract};
use event_log::{Received, Topics};
use schema_registry::{Codecs, Contracts, Registry};
use serde::de::DeserializeOwned;
use settings::Settings;
use shipment_domain::ShipmentCommand;
use shipment_events::{CommandReply, ShipmentEvent, ShipmentSnapshot};
use telemetry::chain;
use view_store::Detail;

use crate::record::hex;
use crate::{Payload, RecordView, TopicName, payload, sight};

/// Makes records readable. Cheap to clone; clones share the schemas they have learnt.
#[derive(Clone, Debug)]
pub struct RecordViews {
    codecs: Codecs,
    topics: Topics,
    commands: Decoder<ShipmentCommand>,
    events: Decoder<ShipmentEvent>,
    snapshots: Decoder<ShipmentSnapshot>,
    replies: Decoder<CommandReply>,
}

impl RecordViews {
    /// As the settings say. The registry isn't asked before the first record. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// When the registry's address can't be used.
    pub fn of_settings(settings: &Settings) -> Result<Self, schema_registry::Error> {
        let registry = Registry::of_settings(&settings.registry)?;
        let codecs = Codecs::for_reading(registry, Contracts::ours(&settings.kafka.topic_prefix));
        Ok(Self::new(codecs, Topics::of_settings(&settings.kafka)))
    }

    /// With codecs of one's own.
    pub fn new(codecs: Codecs, topics: Topics) -> Self {
        Self {
            commands: codecs.decoder(&contract::command()),
            events: codecs.decoder(&contract::event()),
            snapshots: codecs.decoder(&contract::snapshot()),
            replies: codecs.decoder(&contract::reply()),
            codecs,
            topics,
        }
    }

    /// The topics whose records it knows.
    pub fn topics(&self) -> &Topics {
        &self.topics
    }

    /// A record of this topic, in this detail. Whatever the record is, it has a view: what can't be decoded says why.
    pub async fn view(&self, topic: TopicName, record: &Received, detail: Detail) -> RecordView {
        let payload = self.payload(topic, record, detail).await;
        RecordView::new(topic, record, payload, detail)
    }

    /// An event itself.
    ///
    /// # Errors
    /// Why it can't be decoded, in words.
    pub async fn event(&self, record: &Received) -> Result<ShipmentEvent, String> {
        self.decode(&self.events, record).await
    }

    async fn payload(&self, topic: TopicName, record: &Received, detail: Detail) -> Payload {
        if record.value.is_none() {
            return Payload::Deleted;
        }
        let decoded = match topic {
            TopicName::Events => self.event(record).await.map(|event| payload::event(event, detail)),
            TopicName::Commands => {
                self.decode(&self.commands, record).await.map(|command| payload::command(command, detail))
            }
            TopicName::Snapshots => {
                self.decode(&self.snapshots, record).await.map(|snapshot| payload::snapshot(snapshot, detail))
            }
            TopicName::Replies => self.decode(&self.replies, record).await.map(payload::reply),
            TopicName::DeadLetters => match self.parked_from(record) {
                Some(TopicName::DeadLetters) => Err("parked twice".to_owned()),
                // It is still what it was when it was parked.
                Some(source) => return Box::pin(self.payload(source, record, detail)).await,
                None if record.headers.get(PT_ERROR_CODE).is_some() => {
                    Err("it came from a topic that is not this installation's".to_owned())
                }
                None => return payload::plain(topic, record, detail),
            },
            TopicName::Config | TopicName::Registry | TopicName::ApiKeys | TopicName::Audit => {
                return payload::plain(topic, record, detail);
            }
        };
        match decoded {
            Ok(json) => Payload::Json(json),
            Err(why) if detail == Detail::Full => {
                Payload::Undecoded { why, hex: record.value.as_deref().map(hex) }
            }
            Err(why) => Payload::Undecoded { why: sight::unquoted(&why), hex: None },
        }
    }

    /// Which topic a dead letter came from.
    fn parked_from(&self, record: &Received) -> Option<TopicName> {
        TopicName::named(record.headers.get_str(PT_ERROR_TOPIC)?, &self.topics)
    }

    async fn decode<T: DeserializeOwned>(
        &self,
        decoder: &Decoder<T>,
        record: &Received,
    ) -> Result<T, String> {
        let bytes = record.value.as_deref().ok_or("the record has no value")?;
        let stamp = record.headers.get(PT_SCHEMA);
        match self.codecs.decode(decoder, bytes, stamp).await {
            Ok(value) => Ok(value),
            // The registry may be away; the stamp names each schema that was ever released.
            Err(error) => decoder.decode_by_stamp(bytes, stamp).map_err(|_| chain(&error)),
        }
    }
}
