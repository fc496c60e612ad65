//! Whether the topics are what they must be.

use std::collections::BTreeMap;
use std::fmt;

use super::TopicSpec;
use crate::admin::{ConfigValue, Layout};
use crate::{Admin, Error};

/// A topic that is not what it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// The topic.
    pub topic: String,
    /// What is wrong: `partitions`, `replication`, or a setting as Kafka names it; `topic` if there is none.
    pub what: String,
    /// How it must be.
    pub expected: String,
    /// How it is.
    pub found: String,
    /// What to type.
    pub fix: String,
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { topic, what, expected, found, fix } = self;
        write!(f, "{topic}: {what} is {found}, must be {expected}; fix: {fix}")
    }
}

impl Admin {
    /// Everything about these topics that is not as it must be. Empty is good.
    pub async fn verify(&self, specs: &[TopicSpec]) -> Result<Vec<Deviation>, Error> {
        let mut deviations = Vec::new();
        for spec in specs {
            match self.layout(&spec.name).await? {
                None => deviations.push(Deviation {
                    topic: spec.name.to_string(),
                    what: "topic".to_owned(),
                    expected: "there".to_owned(),
                    found: "missing".to_owned(),
                    fix: "parceltrack topics apply".to_owned(),
                }),
                Some(layout) => {
                    let found = Found::of(self.describe(&spec.name).await?);
                    deviations.extend(compare(spec, &layout, &found, self.bootstrap()));
                }
            }
        }
        Ok(deviations)
    }
}

/// A topic's configuration as found.
pub(super) struct Found(BTreeMap<String, ConfigValue>);

impl Found {
    pub(super) fn of(config: BTreeMap<String, ConfigValue>) -> Self {
        Self(config)
    }

    /// What is in force, wherever it was set.
    pub(super) fn effective(&self, name: &str) -> &str {
        self.0.get(name).map_or("unset", |value| value.value.as_str())
    }

    /// What was set on the topic itself.
    pub(super) fn set_on_topic(&self) -> BTreeMap<String, String> {
        let set = self.0.iter().filter(|(_, value)| value.set_on_topic);
        set.map(|(name, value)| (name.clone(), value.value.clone())).collect()
    }
}

fn compare(spec: &TopicSpec, layout: &Layout, found: &Found, bootstrap: &str) -> Vec<Deviation> {
    let topic = &spec.name;
    let deviation = |what: &str, expected: String, found: String, fix: String| Deviation {
        topic: topic.to_string(),
        what: what.to_owned(),
        expected,
        found,
        fix,
    };
    let mut all = Vec::new();
    if layout.partitions != spec.partitions {
        let fix = if spec.foreign {
            format!(
                "kafka-topics.sh --bootstrap-server {bootstrap} --delete --topic {topic}; parceltrack topics apply; parceltrack schemas restore"
            )
        } else {
            // Another count sends a shipment's next command elsewhere than its history.
            format!("set kafka.partitions={}: the count is fixed for the life of a topic", layout.partitions)
        };
        all.push(deviation("partitions", spec.partitions.to_string(), layout.partitions.to_string(), fix));
    }
    if layout.replication != spec.replication {
        let fix = format!(
            "kafka-reassign-partitions.sh --bootstrap-server {bootstrap} --execute --reassignment-json-file FILE, where FILE \
             gives each partition of {topic} {} replicas (or set kafka.replication={})",
            spec.replication, layout.replication
        );
        all.push(deviation("replication", spec.replication.to_string(), layout.replication.to_string(), fix));
    }
    for (name, expected) in &spec.config {
        let effective = found.effective(name);
        if !same(effective, expected) {
            let fix = format!(
                "parceltrack topics apply --repair (or kafka-configs.sh --bootstrap-server {bootstrap} --alter --topic {topic} \
                 --add-config {name}={expected})"
            );
            all.push(deviation(name, expected.clone(), effective.to_owned(), fix));
        }
    }
    all
}

/// Whether two values mean the same: a broker may write 0.50 for 0.5.
pub(super) fn same(found: &str, expected: &str) -> bool {
    found == expected
        || matches!((found.parse::<f64>(), expected.parse::<f64>()), (Ok(a), Ok(b)) if (a - b).abs() < f64::EPSILON)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{TopicSettings, Topics};

    #[test]
    fn every_setting_is_compared_and_each_deviation_says_how_to_mend_it() {
        let specs = Topics::new(TopicSettings::default()).specs();
        let commands = &specs[0];
        let wrong = commands
            .config
            .keys()
            .map(|name| {
                ((*name).to_owned(), ConfigValue { value: "something else".to_owned(), set_on_topic: true })
            })
            .collect();
        let layout = Layout { partitions: 12, replication: 2, ready: true };
        let deviations = compare(commands, &layout, &Found::of(wrong), "localhost:9092");
        let what: Vec<_> = deviations.iter().map(|d| d.what.as_str()).collect();
        assert_eq!(
            what,
            [
                "partitions",
                "replication",
                "cleanup.policy",
                "max.message.bytes",
                "message.timestamp.type",
                "min.insync.replicas",
                "retention.bytes",
                "retention.ms",
                "segment.ms"
            ]
        );
        assert!(deviations[0].fix.contains("kafka.partitions=12"));
        assert!(deviations[7].fix.contains("--add-config retention.ms=604800000"), "{}", deviations[7].fix);
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        assert!(same("0.50", "0.5") && same("compact", "compact"));
        assert!(!same("0.5", "0.2") && !same("unset", "-1"));
    }
}
