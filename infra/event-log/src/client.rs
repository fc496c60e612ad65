//! Where Kafka is, and what every client of ours is built from.

use std::collections::BTreeMap;
use std::fmt;

use rdkafka::config::RDKafkaLogLevel;

use crate::Error;

/// What every producer of ours has, unless the properties given have it otherwise.
pub(crate) const PRODUCER_TUNING: &[(&str, &str)] = &[("linger.ms", "1"), ("compression.type", "lz4")];

/// The largest record any topic of ours takes: 2 MiB.
pub(crate) const MAX_RECORD_BYTES: usize = 2 * 1024 * 1024;

/// How many milliseconds pass at most between two tries to reach a broker.
const MOST_BACKOFF: &str = "reconnect.backoff.max.ms";

/// Properties that carry a guarantee. They are ours to set, so a configuration that names one is refused.
const RESERVED: &[(&str, &str)] = &[
    ("bootstrap.servers", "set `kafka.bootstrap` instead"),
    ("metadata.broker.list", "set `kafka.bootstrap` instead"),
    ("acks", "every write waits for all in-sync replicas"),
    ("request.required.acks", "every write waits for all in-sync replicas"),
    ("enable.idempotence", "a retry must not write a record twice"),
    ("transactional.id", "it is made of group, instance, worker and slot, so that a successor fences it"),
    ("isolation.level", "each reader has the one that its purpose needs"),
    ("enable.auto.commit", "offsets are committed with what was made of the records"),
    ("enable.auto.offset.store", "offsets are committed with what was made of the records"),
    ("auto.offset.reset", "a lost offset must not silently skip or repeat records"),
    ("partition.assignment.strategy", "the rebalance code is written for cooperative-sticky"),
    ("group.protocol", "librdkafka 2.12 stalls in rebalances of the new protocol"),
    ("group.id", "each role has its own"),
    ("group.instance.id", "it is made of instance and worker"),
    ("log_level", "lines are picked by `log.level`; what they say tells a slow broker from one that is away"),
    ("log.connection.close", "a closed connection is how a broker that is away is told from a slow one"),
    ("partitioner", "partitions are chosen by parceltrack, as Java's clients do"),
];

/// Which records a reader sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// Only what is outside any transaction or in a committed one, up to the last stable offset.
    Committed,
    /// Everything up to the high watermark.
    Uncommitted,
}

impl Isolation {
    pub(crate) fn as_property(self) -> &'static str {
        match self {
            Self::Committed => "read_committed",
            Self::Uncommitted => "read_uncommitted",
        }
    }
}

/// A Kafka cluster and how to speak to it. Cheap to clone; opens nothing by itself.
#[derive(Clone)]
pub struct Kafka {
    bootstrap: String,
    client_id: String,
    properties: BTreeMap<String, String>,
}

impl Kafka {
    /// A cluster at `bootstrap` (`host:port`, comma-separated).
    ///
    /// `properties` may hold any property of librdkafka (TLS, SASL, buffers, …) but those that carry a guarantee of ours:
    /// those are refused with [`Error::ReservedProperty`].
    pub fn new(
        bootstrap: impl Into<String>,
        client_id: impl Into<String>,
        properties: BTreeMap<String, String>,
    ) -> Result<Self, Error> {
        for (name, reason) in RESERVED {
            if properties.contains_key(*name) {
                return Err(Error::ReservedProperty { name, reason });
            }
        }
        Ok(Self { bootstrap: bootstrap.into(), client_id: client_id.into(), properties })
    }

    /// Without any further property.
    pub fn at(bootstrap: impl Into<String>) -> Self {
        Self { bootstrap: bootstrap.into(), client_id: "parceltrack".to_owned(), properties: BTreeMap::new() }
    }

    /// The addresses given.
    pub fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    /// The same cluster under another client id (shown in the broker's logs and metrics).
    #[must_use]
    pub fn with_client_id(&self, client_id: impl Into<String>) -> Self {
        Self { client_id: client_id.into(), ..self.clone() }
    }

    pub(crate) fn config(&self) -> rdkafka::ClientConfig {
        let mut config = rdkafka::ClientConfig::new();
        // Who sets `debug` wants to see what it gives.
        let debug = self.properties.contains_key("debug");
        config.set_log_level(if debug { RDKafkaLogLevel::Debug } else { RDKafkaLogLevel::Info });
        config.set("client.id", &self.client_id);
        config.set("socket.keepalive.enable", "true");
        // A broker that comes back is found again within two seconds, not ten. A client of a group that knows no broker heeds only
        // half of the lower number, and with librdkafka's own would try one twenty times a second.
        let most = self.properties.get(MOST_BACKOFF).and_then(|most| most.parse().ok()).unwrap_or(2_000_u32);
        config.set(MOST_BACKOFF, most.to_string());
        config.set("reconnect.backoff.ms", most.min(1_000).to_string());
        for (name, value) in &self.properties {
            config.set(name, value);
        }
        config.set("bootstrap.servers", &self.bootstrap);
        config
    }

    /// Adds what one kind of client of ours tunes for itself, unless the properties given have it otherwise.
    pub(crate) fn tune(&self, config: &mut rdkafka::ClientConfig, tuning: &[(&str, &str)]) {
        for (name, value) in tuning.iter().filter(|(name, _)| !self.properties.contains_key(*name)) {
            config.set(*name, *value);
        }
    }
}

impl fmt::Debug for Kafka {
    /// Names the properties that are set, but none of their values: some are passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kafka")
            .field("bootstrap", &self.bootstrap)
            .field("client_id", &self.client_id)
            .field("properties", &self.properties.keys())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_that_carries_a_guarantee_is_refused() {
        let properties = BTreeMap::from([("acks".to_owned(), "0".to_owned())]);
        let refused = Kafka::new("localhost:9092", "test", properties).unwrap_err();
        assert!(refused.to_string().contains("`acks`"), "{refused}");
        for name in ["log_level", "log.connection.close"] {
            let properties = BTreeMap::from([(name.to_owned(), "0".to_owned())]);
            assert!(Kafka::new("localhost:9092", "test", properties).is_err(), "{name}");
        }
    }

    #[test]
    fn any_other_property_is_passed_on_and_checked() {
        let with = |pairs: &[(&str, &str)]| {
            let properties = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            let kafka = Kafka::new("localhost:1", "test", properties).unwrap();
            crate::Producer::new(&kafka, &crate::ProducerSettings::default()).map(|_| ())
        };
        with(&[
            ("security.protocol", "SASL_SSL"),
            ("sasl.mechanism", "SCRAM-SHA-512"),
            ("sasl.username", "u"),
            ("sasl.password", "p"),
        ])
        .unwrap();
        let unknown = with(&[("no.such.property", "1")]).unwrap_err();
        let cause = std::error::Error::source(&unknown).unwrap().to_string();
        assert!(
            matches!(unknown, Error::Configuration { .. }) && cause.contains("no.such.property"),
            "{cause}"
        );
    }

    #[test]
    fn what_is_only_tuned_gives_way_to_a_property() {
        let properties = BTreeMap::from([("linger.ms".to_owned(), "7".to_owned())]);
        let kafka = Kafka::new("localhost:9092", "test", properties).unwrap();
        let mut config = kafka.config();
        kafka.tune(&mut config, &[("linger.ms", "1"), ("compression.type", "lz4")]);
        assert_eq!((config.get("linger.ms"), config.get("compression.type")), (Some("7"), Some("lz4")));
    }

    #[test]
    fn a_broker_that_is_away_is_tried_now_and_then() {
        let backoff = |most: &[(&str, &str)]| {
            let properties = most.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            let config = Kafka::new("localhost:1", "test", properties).unwrap().config();
            ["reconnect.backoff.ms", MOST_BACKOFF].map(|name| config.get(name).unwrap().to_owned())
        };
        assert_eq!(backoff(&[]), ["1000", "2000"]);
        // librdkafka refuses a lower number that is above the higher.
        assert_eq!(backoff(&[(MOST_BACKOFF, "500")]), ["500", "500"]);
        assert_eq!(backoff(&[("reconnect.backoff.ms", "200")]), ["200", "2000"]);
    }

    #[test]
    fn no_secret_is_shown() {
        let properties = BTreeMap::from([("sasl.password".to_owned(), "hunter2".to_owned())]);
        let shown = format!("{:?}", Kafka::new("localhost:9092", "test", properties).unwrap());
        assert!(shown.contains("sasl.password") && !shown.contains("hunter2"), "{shown}");
    }
}
