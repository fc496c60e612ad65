//! The handler without a broker: records in, records out, a clock that is set by hand.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use command_handler::batch::{self, Batch, Circumstances, Codec, SchemaIds, StateReader, pack};
use event_codec::evolution::Level;
use event_codec::{Contract, Decoder, Encoder, WriterSchemas, contract, headers};
use event_log::{Outgoing, Received, TopicSettings, Topics, partition_of};
use serde::de::DeserializeOwned;
use shipment_domain::ShipmentCommand;
use shipment_events::{CommandReply, ShipmentEvent, ShipmentId, ShipmentSnapshot, Timestamp};

use crate::commands::{blank, moment};

/// The ids under which a registry would know our schemas.
pub(crate) const COMMAND_SCHEMA: u32 = 1;
pub(crate) const SCHEMA_IDS: SchemaIds = SchemaIds { event: 2, snapshot: 3, reply: 4 };

pub(crate) fn writers() -> WriterSchemas {
    let writers = WriterSchemas::new();
    for (id, contract) in (COMMAND_SCHEMA..).zip(contract::all()) {
        writers.add_contract(id, contract).unwrap();
    }
    writers.add_contract(NEXT_SNAPSHOT_SCHEMA, &next_snapshots()).unwrap();
    writers
}

/// The id of the next version of the snapshots' schema.
pub(crate) const NEXT_SNAPSHOT_SCHEMA: u32 = 13;

/// Snapshots as a later version will have them: with a field that may be null.
pub(crate) fn next_snapshots() -> Arc<Contract> {
    let mut json: serde_json::Value = serde_json::from_str(contract::snapshot().schema_json()).unwrap();
    json["fields"].as_array_mut().unwrap().push(serde_json::json!(
        {"name": "insured_for", "type": ["null", "long"], "default": null}
    ));
    Arc::new(Contract::new("shipment.snapshots.v1", Level::FullTransitive, json.to_string()).unwrap())
}

pub(crate) fn codec() -> Codec {
    Codec::new(SCHEMA_IDS, writers())
}

pub(crate) fn encoded(command: &ShipmentCommand) -> Vec<u8> {
    Encoder::new(contract::command(), COMMAND_SCHEMA).to_vec(command).unwrap()
}

pub(crate) fn event(record: &Outgoing) -> ShipmentEvent {
    decoded(&Decoder::new(contract::event(), writers()), record)
}

pub(crate) fn snapshot(record: &Outgoing) -> ShipmentSnapshot {
    decoded(&Decoder::new(contract::snapshot(), writers()), record)
}

pub(crate) fn reply(record: &Outgoing) -> CommandReply {
    decoded(&Decoder::new(contract::reply(), writers()), record)
}

fn decoded<T: DeserializeOwned>(decoder: &Decoder<T>, record: &Outgoing) -> T {
    decoder.decode(record.value.as_ref().unwrap(), record.headers.get(headers::PT_SCHEMA)).unwrap()
}

/// A handler's memory, and the log it reads and writes.
pub(crate) struct Driver {
    pub(crate) given: Circumstances,
    pub(crate) now: Timestamp,
    state: BTreeMap<(i32, ShipmentId), Vec<u8>>,
    offsets: BTreeMap<i32, i64>,
}

impl Default for Driver {
    fn default() -> Self {
        let topics =
            Topics::new(TopicSettings { prefix: "t".to_owned(), partitions: 4, ..TopicSettings::default() });
        let given = Circumstances {
            codec: codec(),
            topics,
            commands_topic_id: "first".to_owned(),
            absent_schemas: HashSet::new(),
        };
        Self { given, now: moment(100), state: BTreeMap::new(), offsets: BTreeMap::new() }
    }
}

impl Driver {
    /// The record of a command, appended to the partition where it belongs.
    pub(crate) fn record(&mut self, command: &ShipmentCommand) -> Received {
        let partition = partition_of(command.shipment_id, self.given.topics.partitions());
        self.record_on(partition, command)
    }

    /// The record of a command, appended to some partition.
    pub(crate) fn record_on(&mut self, partition: i32, command: &ShipmentCommand) -> Received {
        let offset = self.offsets.entry(partition).or_default();
        let record = blank(&self.given.topics.commands, partition, *offset);
        *offset += 1;
        let stamp = contract::command().stamp().to_owned();
        Received {
            key: Some(command.key().into()),
            value: Some(encoded(command).into()),
            headers: record.headers.with(headers::PT_SCHEMA, stamp),
            ..record
        }
    }

    /// Decides, and throws away what follows: what a transaction that is aborted does.
    pub(crate) fn decide(&self, records: &[Received]) -> Batch {
        batch::decide(records, self, &self.given, self.now).unwrap()
    }

    /// Decides and commits.
    pub(crate) fn commit(&mut self, records: &[Received]) -> Batch {
        let batch = self.decide(records);
        for record in &batch.outgoing[batch.snapshots.clone()] {
            let stored = pack(&record.headers, record.value.as_ref().unwrap());
            self.state.insert((record.partition, snapshot(record).shipment_id), stored);
        }
        batch
    }

    /// Decides commands, each in its own record where it belongs, and commits.
    pub(crate) fn post(&mut self, commands: &[ShipmentCommand]) -> Batch {
        let records: Vec<_> = commands.iter().map(|command| self.record(command)).collect();
        self.commit(&records)
    }
}

impl StateReader for Driver {
    type Stored = Vec<u8>;
    type Error = std::convert::Infallible;

    fn read(&self, partition: i32, shipment: ShipmentId) -> Result<Option<Vec<u8>>, Self::Error> {
        Ok(self.state.get(&(partition, shipment)).cloned())
    }
}

impl Driver {
    /// Gives a shipment the history of another.
    pub(crate) fn copy_state(&mut self, from: ShipmentId, to: ShipmentId) {
        let key = |id| (partition_of(id, self.given.topics.partitions()), id);
        let stored = self.state[&key(from)].clone();
        self.state.insert(key(to), stored);
    }
}
