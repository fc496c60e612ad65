//! How each topic must be set up, and why.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Topics;
use crate::client::MAX_RECORD_BYTES;

/// The largest command: an eighth of what the other topics take, so that a legal command never makes a record that can't be
/// written.
pub(crate) const COMMAND_BYTES: usize = 256 * 1024;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// How one topic must be set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicSpec {
    /// Its name.
    pub name: Arc<str>,
    /// Its partitions.
    pub partitions: i32,
    /// Copies of each.
    pub replication: i32,
    /// Its configuration, as Kafka names and writes it. What is not here is the broker's to choose.
    pub config: BTreeMap<&'static str, String>,
    /// Whether another program owns it: then partitions are checked against `partitions` as well, but it is not ours to say
    /// what its records look like.
    pub foreign: bool,
}

impl TopicSpec {
    fn new(name: &Arc<str>, partitions: i32, replication: i32) -> Self {
        let min_isr = if replication >= 3 { 2 } else { 1 };
        let spec =
            Self { name: name.clone(), partitions, replication, config: BTreeMap::new(), foreign: false };
        // Acknowledged by all in-sync replicas means little when one may be in sync alone.
        spec.set("min.insync.replicas", min_isr).set("max.message.bytes", MAX_RECORD_BYTES)
    }

    fn set(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.config.insert(name, value.to_string());
        self
    }

    fn kept_for(self, millis: i64) -> Self {
        self.set("cleanup.policy", "delete").set("retention.ms", millis).set("retention.bytes", -1)
    }

    fn compacted(self, dirty_ratio: f64) -> Self {
        self.set("cleanup.policy", "compact").set("min.cleanable.dirty.ratio", dirty_ratio)
    }
}

pub(super) fn all(topics: &Topics) -> Vec<TopicSpec> {
    let (partitions, replication) = (topics.settings.partitions, topics.settings.replication);
    let shipment = |name: &Arc<str>| TopicSpec::new(name, partitions, replication);
    let single = |name: &Arc<str>| TopicSpec::new(name, 1, replication);
    let mut specs = vec![
        // LogAppendTime: recorded_at comes from the broker's clock, whoever posts.
        shipment(&topics.commands)
            .kept_for(7 * DAY)
            .set("segment.ms", DAY)
            .set("message.timestamp.type", "LogAppendTime")
            .set("max.message.bytes", COMMAND_BYTES),
        // A sequence that was ever written twice stays visible for a day; a rewrite (erasure) is through within a week.
        shipment(&topics.events)
            .compacted(0.5)
            .set("min.compaction.lag.ms", DAY)
            .set("max.compaction.lag.ms", 7 * DAY)
            .set("message.timestamp.type", "CreateTime"),
        // Read at every restore: kept short. A store on disk older than delete.retention.ms may have missed a tombstone.
        shipment(&topics.snapshots)
            .compacted(0.2)
            .set("segment.ms", HOUR)
            .set("delete.retention.ms", DAY)
            .set("message.timestamp.type", "CreateTime"),
        // Segments are deleted whole, and not before they are closed: by default, after a week.
        shipment(&topics.replies).kept_for(DAY).set("segment.ms", HOUR),
        shipment(&topics.dead_letters).kept_for(30 * DAY).set("segment.ms", DAY),
        // One partition each: they are read whole and in order.
        // What a value was, who changed it and why stays readable for as long as compaction spares it. The broker's clock tells
        // when.
        single(&topics.config)
            .compacted(0.5)
            .set("min.compaction.lag.ms", 90 * DAY)
            // A deletion goes on telling that there was something.
            .set("delete.retention.ms", 3650 * DAY)
            .set("message.timestamp.type", "LogAppendTime"),
        // How old a lease is that somebody finds as he starts is told by one clock, the broker's. What lies in the open segment
        // isn't compacted, and heartbeats come all the time: ten minutes of them is what a start may have to read.
        single(&topics.registry)
            .compacted(0.2)
            .set("segment.ms", 10 * MINUTE)
            .set("message.timestamp.type", "LogAppendTime"),
        // A key's record stays for ever, revoked or not: its name stands in what it did.
        single(&topics.api_keys).compacted(0.5).set("message.timestamp.type", "LogAppendTime"),
        // A year, and time to look at it. No longer: it says what people did.
        single(&topics.audit)
            .kept_for(400 * DAY)
            .set("segment.ms", 7 * DAY)
            .set("message.timestamp.type", "LogAppendTime"),
    ];
    if !topics.settings.journal.is_empty() {
        specs.push(journal(&topics.settings.journal, replication));
    }
    specs
}

/// The schema registry keeps its schemas in a topic of its own, which it would create with the broker's retention of 7 days,
/// and forget them. So it is created for it.
fn journal(name: &str, replication: i32) -> TopicSpec {
    let mut spec = TopicSpec::new(&Arc::from(name), 1, replication).kept_for(-1);
    spec.foreign = true;
    // The registry's records are its own affair; the broker's limit holds.
    spec.config.remove("max.message.bytes");
    spec
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TopicSettings;

    fn spec<'a>(specs: &'a [TopicSpec], end: &str) -> &'a TopicSpec {
        specs.iter().find(|spec| spec.name.ends_with(end)).unwrap()
    }

    #[test]
    fn each_topic_is_as_the_design_has_it() {
        let settings = TopicSettings { partitions: 48, replication: 3, ..TopicSettings::default() };
        let specs = Topics::new(settings).specs();
        for (end, policy, retention, bytes, partitions) in [
            ("commands.v1", "delete", Some("604800000"), Some("262144"), 48),
            ("events.v1", "compact", None, Some("2097152"), 48),
            ("snapshots.v1", "compact", None, Some("2097152"), 48),
            ("replies.v1", "delete", Some("86400000"), Some("2097152"), 48),
            ("dead-letters.v1", "delete", Some("2592000000"), Some("2097152"), 48),
            ("config.v1", "compact", None, Some("2097152"), 1),
            ("registry.v1", "compact", None, Some("2097152"), 1),
            ("api-keys.v1", "compact", None, Some("2097152"), 1),
            ("audit.v1", "delete", Some("34560000000"), Some("2097152"), 1),
            ("kafkasql-journal", "delete", Some("-1"), None, 1),
        ] {
            let spec = spec(&specs, end);
            let get = |name: &str| spec.config.get(name).map(String::as_str);
            assert_eq!(get("cleanup.policy"), Some(policy), "{end}");
            assert_eq!(get("retention.ms"), retention, "{end}");
            assert_eq!(get("max.message.bytes"), bytes, "{end}");
            assert_eq!(get("min.insync.replicas"), Some("2"), "{end}");
            assert_eq!((spec.partitions, spec.replication), (partitions, 3), "{end}");
        }
        assert_eq!(specs.len(), 10);
    }

    #[test]
    fn times_are_the_brokers_where_they_are_compared() {
        let specs = Topics::new(TopicSettings::default()).specs();
        for (end, clock) in [
            ("commands.v1", "LogAppendTime"),
            ("events.v1", "CreateTime"),
            ("snapshots.v1", "CreateTime"),
            ("registry.v1", "LogAppendTime"),
            ("api-keys.v1", "LogAppendTime"),
            ("audit.v1", "LogAppendTime"),
        ] {
            assert_eq!(spec(&specs, end).config["message.timestamp.type"], clock, "{end}");
        }
    }

    #[test]
    fn one_copy_needs_one_in_sync() {
        let specs = Topics::new(TopicSettings::default()).specs();
        assert!(specs.iter().all(|spec| spec.config["min.insync.replicas"] == "1"));
    }
}
