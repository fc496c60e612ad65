//! The contract: one schema for each topic, assembled from the files that define its records.

use std::fmt;
use std::sync::{Arc, LazyLock};

use crate::Error;
use crate::evolution::Level;

mod assemble;
mod files;
mod released;

pub use released::by_stamp;
pub(crate) use released::{released_writer, released_writers};

/// What one topic's values look like: its Avro schema, and by which rule it may change.
pub struct Contract {
    name: String,
    topic_suffix: &'static str,
    level: Level,
    schema_json: String,
    schema: serde_avro_fast::Schema,
    fingerprint: u64,
    stamp: String,
}

impl Contract {
    /// A contract for a schema of one's own, such as another version in a test.
    ///
    /// # Errors
    /// When the text isn't a self-contained Avro record schema.
    pub fn new(topic_suffix: &'static str, level: Level, schema_json: String) -> Result<Self, Error> {
        let name = record_name(&schema_json)?;
        let schema = parse(&name, &schema_json)?;
        let fingerprint = u64::from_le_bytes(*schema.rabin_fingerprint());
        let stamp = stamp(&name, fingerprint);
        Ok(Self { name, topic_suffix, level, schema_json, schema, fingerprint, stamp })
    }

    /// The full name of its record, such as `parceltrack.shipment.ShipmentEvent`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The topic's name without the installation's prefix, such as `shipment.events.v1`.
    pub fn topic_suffix(&self) -> &'static str {
        self.topic_suffix
    }

    /// The topic's name in an installation with this prefix.
    pub fn topic(&self, prefix: &str) -> String {
        format!("{prefix}.{}", self.topic_suffix)
    }

    /// The subject in the registry, by its `TopicNameStrategy`.
    pub fn subject(&self, prefix: &str) -> String {
        format!("{prefix}.{}-value", self.topic_suffix)
    }

    /// The rule by which its schema may change.
    pub fn level(&self) -> Level {
        self.level
    }

    /// The whole schema, all records in it, as it is registered.
    pub fn schema_json(&self) -> &str {
        &self.schema_json
    }

    /// The schema as the codec uses it.
    pub fn schema(&self) -> &serde_avro_fast::Schema {
        &self.schema
    }

    /// CRC-64-AVRO of its canonical form.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// The value of the `pt-schema` header: the record's full name, a colon, the fingerprint in hex.
    pub fn stamp(&self) -> &str {
        &self.stamp
    }
}

impl fmt::Debug for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Contract").field(&self.stamp).finish()
    }
}

/// What lies in the commands topic.
pub fn command() -> Arc<Contract> {
    Arc::clone(&ALL[0])
}

/// What lies in the events topic.
pub fn event() -> Arc<Contract> {
    Arc::clone(&ALL[1])
}

/// What lies in the snapshots topic.
pub fn snapshot() -> Arc<Contract> {
    Arc::clone(&ALL[2])
}

/// What lies in the replies topic.
pub fn reply() -> Arc<Contract> {
    Arc::clone(&ALL[3])
}

/// All contracts, in the order in which they are registered: commands, events, snapshots, replies.
pub fn all() -> &'static [Arc<Contract>; 4] {
    &ALL
}

static ALL: LazyLock<[Arc<Contract>; 4]> = LazyLock::new(|| {
    let ours = |root, topic_suffix, level| {
        let json = assemble::self_contained(root, &files::by_name)
            .and_then(|json| Contract::new(topic_suffix, level, json));
        // The files are part of this binary and a test assembles each of them.
        Arc::new(json.unwrap_or_else(|e| panic!("schemas/avro: {e}")))
    };
    [
        ours("parceltrack.shipment.ShipmentCommand", "shipment.commands.v1", Level::BackwardTransitive),
        ours("parceltrack.shipment.ShipmentEvent", "shipment.events.v1", Level::BackwardTransitive),
        // In a rolling upgrade an older handler may get a partition back, and must read what a newer one wrote.
        ours("parceltrack.shipment.ShipmentSnapshot", "shipment.snapshots.v1", Level::FullTransitive),
        ours("parceltrack.shipment.CommandReply", "shipment.replies.v1", Level::FullTransitive),
    ]
});

pub(crate) fn stamp(name: &str, fingerprint: u64) -> String {
    format!("{name}:{fingerprint:016x}")
}

pub(crate) fn parse(name: &str, json: &str) -> Result<serde_avro_fast::Schema, Error> {
    json.parse::<serde_avro_fast::Schema>()
        .map_err(|e| Error::InvalidSchema { name: name.to_owned(), reason: e.to_string() })
}

/// The full name of the record that a schema defines.
pub(crate) fn record_name(json: &str) -> Result<String, Error> {
    let invalid = |reason: String| Error::InvalidSchema { name: "(unnamed)".to_owned(), reason };
    let value: serde_json::Value = serde_json::from_str(json).map_err(|e| invalid(e.to_string()))?;
    let name =
        value.get("name").and_then(|n| n.as_str()).ok_or_else(|| invalid("it names no record".to_owned()))?;
    let namespace = value.get("namespace").and_then(|n| n.as_str());
    Ok(assemble::full_name(name, namespace))
}

#[cfg(test)]
mod tests;
