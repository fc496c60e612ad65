//! Commands that lie on the wrong partition, as another client's partitioner would put them there.

use std::sync::Arc;

use bytes::Bytes;
use event_codec::headers::{PT_REPLY_TO, PT_SCHEMA};
use event_codec::{Encoder, contract};
use event_log::{Headers, Outgoing, Producer, ProducerSettings, partition_of};
use rand::Rng;
use schema_registry::Codecs;
use shipment_domain::ShipmentCommand;
use shipment_events::ShipmentId;

use super::Wanted;
use super::client::Client;
use super::wanted::{registration, scan};
use crate::chance::uuid;
use crate::cluster::{Cluster, PARTITIONS};

/// Posts records as they are.
#[derive(Clone)]
pub(super) struct Posting {
    producer: Producer,
    pub(super) topic: Arc<str>,
    pub(super) encoder: Encoder<ShipmentCommand>,
}

impl Posting {
    pub(super) fn new(cluster: &Cluster, codecs: &Codecs) -> anyhow::Result<Self> {
        let kafka = cluster.kafka("torture-posting");
        Ok(Self {
            producer: Producer::new(&kafka, &ProducerSettings::for_commands())?,
            topic: cluster.topics().commands,
            encoder: codecs.encoder(&contract::command())?,
        })
    }

    /// Writes a record. Whether Kafka says that it has it.
    pub(super) async fn post(&self, record: &Outgoing) -> bool {
        match self.producer.send(record) {
            Ok(delivery) => delivery.await.is_ok(),
            Err(_) => false,
        }
    }
}

impl Client {
    /// Posts commands to partitions where they don't belong, and asks for the same where they do.
    pub(super) async fn misplace(mut self, posting: Posting) {
        let mut shipment: Option<ShipmentId> = None;
        let mut n = 0_u64;
        while self.think().await {
            n += 1;
            let id = match shipment {
                Some(id) if !n.is_multiple_of(40) => id,
                _ => {
                    let id = ShipmentId::new(uuid(&mut self.chance));
                    if self.ask(Wanted::of(id, registration("misplaced", n))).await.version().is_none() {
                        return;
                    }
                    *shipment.insert(id)
                }
            };
            self.misplace_once(&posting, id, n).await;
        }
    }

    async fn misplace_once(&mut self, posting: &Posting, id: ShipmentId, n: u64) {
        let wanted = Wanted::of(id, scan(format!("misplaced-{id}-{n}"), n as usize));
        let key = uuid(&mut self.chance);
        let mut intent = wanted.intent(&self.name);
        intent.command_id = self.gate.names(key);
        let op = self.ledger.begin(intent);
        let command = wanted.command(key.into(), id);
        let Ok(value) = posting.encoder.to_vec(&command) else { return };
        let home = partition_of(id, PARTITIONS);
        let away = (home + self.chance.random_range(1..PARTITIONS)) % PARTITIONS;
        let record = Outgoing {
            topic: posting.topic.clone(),
            partition: away,
            key: Some(command.key().into()),
            value: Some(value.into()),
            headers: Headers::new()
                .with(PT_SCHEMA, Bytes::copy_from_slice(posting.encoder.stamp().as_bytes()))
                .with(PT_REPLY_TO, format!("torture-misplaced/{key}")),
            timestamp: None,
        };
        self.ledger.sent(op, "kafka, another partition");
        posting.post(&record).await;
        // The reply to that one has no reader, so the same is asked for in the usual way.
        self.finish(op, key, &wanted).await;
    }

    async fn finish(&mut self, op: usize, key: uuid::Uuid, wanted: &Wanted) {
        loop {
            let attempt = self.ledger.sent(op, &self.gate.door(0));
            let (answer, told) = self.gate.ask(0, key, wanted).await;
            let definite = answer.is_definite();
            self.ledger.answered(op, attempt, answer, told);
            if definite || self.give_up.is_cancelled() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        }
    }
}
