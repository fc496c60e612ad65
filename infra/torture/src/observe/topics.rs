//! The topics, read committed, from their beginning to their end.

use std::collections::BTreeMap;
use std::time::Duration;

use event_codec::headers::{
    PT_ERROR_BY, PT_ERROR_CODE, PT_ERROR_OFFSET, PT_ERROR_PARTITION, PT_ERROR_TOPIC, PT_REPLY_TO, PT_SCHEMA,
};
use event_codec::{Decoder, contract};
use event_log::{Isolation, Kafka, Reader, Received, Start, Topics, partition_of};
use schema_registry::Codecs;
use serde::de::DeserializeOwned;
use shipment_domain::ShipmentCommand;
use shipment_events::{CommandReply, ShipmentEvent, ShipmentSnapshot};

use crate::cluster::{Cluster, PARTITIONS};
use crate::load::MARK;
use crate::observed::{Logged, Observed, Parked, Posted, Replied};

/// Nothing at all for so long is an error.
const PATIENCE: Duration = Duration::from_secs(30);

/// All of them.
pub(super) async fn read(cluster: &Cluster, codecs: &Codecs) -> anyhow::Result<Observed> {
    // Handlers of the next version wrote by schemas that are registered by now.
    codecs.preload().await?;
    let (kafka, topics, codecs) = (cluster.kafka("torture-observer"), cluster.topics(), codecs.clone());
    tokio::task::spawn_blocking(move || read_blocking(&kafka, &topics, &codecs)).await?
}

/// The offset of the last record of each partition of the commands.
pub(super) fn last_commands(kafka: &Kafka, topics: &Topics) -> Result<BTreeMap<i32, i64>, event_log::Error> {
    let mut last = BTreeMap::new();
    each(kafka, &topics.commands, |record| {
        last.insert(record.partition, record.offset);
        Ok::<_, event_log::Error>(())
    })?;
    Ok(last)
}

fn read_blocking(kafka: &Kafka, topics: &Topics, codecs: &Codecs) -> anyhow::Result<Observed> {
    let mut observed = Observed::default();
    let commands: Decoder<ShipmentCommand> = codecs.decoder(&contract::command());
    let events: Decoder<ShipmentEvent> = codecs.decoder(&contract::event());
    let snapshots: Decoder<ShipmentSnapshot> = codecs.decoder(&contract::snapshot());
    let replies: Decoder<CommandReply> = codecs.decoder(&contract::reply());
    each(kafka, &topics.commands, |record| {
        observed.commands.push(posted(&record, &commands));
        anyhow::Ok(())
    })?;
    each(kafka, &topics.events, |record| {
        let event = logged(&record, &events)?;
        let at = (event.value.shipment_id, event.value.sequence.get());
        let value = record.value.map(|value| value.to_vec()).unwrap_or_default();
        observed.payloads.entry(at).or_insert(value);
        observed.events.push(event);
        anyhow::Ok(())
    })?;
    each(kafka, &topics.snapshots, |record| {
        observed.snapshots.push(logged(&record, &snapshots)?);
        anyhow::Ok(())
    })?;
    each(kafka, &topics.replies, |record| {
        let reply = logged(&record, &replies)?.value;
        observed.replies.push(Replied { reply_to: text(&record, PT_REPLY_TO), reply });
        anyhow::Ok(())
    })?;
    each(kafka, &topics.dead_letters, |record| {
        let told = |name| text(&record, name).unwrap_or_else(|| "?".to_owned());
        observed.dead_letters.push(Parked {
            by: told(PT_ERROR_BY),
            code: told(PT_ERROR_CODE),
            mark: text(&record, MARK),
            from: format!("{}[{}]@{}", told(PT_ERROR_TOPIC), told(PT_ERROR_PARTITION), told(PT_ERROR_OFFSET)),
        });
        anyhow::Ok(())
    })?;
    observed.events.sort_by_key(|event| (event.partition, event.offset));
    observed.snapshots.sort_by_key(|snapshot| (snapshot.partition, snapshot.offset));
    Ok(observed)
}

fn each<E: From<event_log::Error>>(
    kafka: &Kafka,
    topic: &str,
    take: impl FnMut(Received) -> Result<(), E>,
) -> Result<(), E> {
    let starts: Vec<_> = (0..PARTITIONS).map(|partition| (partition, Start::Beginning)).collect();
    Reader::open(kafka, topic, &starts, Isolation::Committed)?.read_to_end(PATIENCE, take)
}

fn posted(record: &Received, decoder: &Decoder<ShipmentCommand>) -> Posted {
    let value = record.value.as_deref().unwrap_or_default();
    let command = decoder.decode(value, record.headers.get(PT_SCHEMA)).ok();
    let at_home = command.as_ref().is_some_and(|command| {
        record.key_str() == Some(command.key().as_str())
            && partition_of(command.shipment_id, PARTITIONS) == record.partition
    });
    Posted {
        partition: record.partition,
        offset: record.offset,
        reply_to: text(record, PT_REPLY_TO),
        command_id: command.map(|command| command.command_id),
        mark: text(record, MARK),
        at_home,
    }
}

fn logged<T: DeserializeOwned>(record: &Received, decoder: &Decoder<T>) -> anyhow::Result<Logged<T>> {
    let value = decoder.decode(record.value.as_deref().unwrap_or_default(), record.headers.get(PT_SCHEMA));
    let value = value.map_err(|error| anyhow::anyhow!("{record:?}: {}", error.full_text()))?;
    Ok(Logged { partition: record.partition, offset: record.offset, value })
}

fn text(record: &Received, header: &str) -> Option<String> {
    record.headers.get_str(header).map(str::to_owned)
}
