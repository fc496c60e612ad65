//! Making and describing topics and groups.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::admin::{
    AdminClient, AdminOptions, AlterConfig, ConfigSource, NewTopic, ResourceSpecifier, TopicReplication,
};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{Offset, TopicPartitionList};

use crate::context::LogContext;
use crate::offsets::lookup_error;
use crate::{Error, Kafka, Refusal, TopicPartition, TopicSpec};

/// A client that makes and describes topics.
#[derive(Clone)]
pub struct Admin {
    kafka: Kafka,
    pub(crate) client: Arc<AdminClient<LogContext>>,
    pub(crate) timeout: Duration,
}

/// How a topic is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) partitions: i32,
    /// The fewest copies that any of its partitions has.
    pub(crate) replication: i32,
    /// Whether each partition has a leader.
    pub(crate) ready: bool,
}

/// A setting of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConfigValue {
    pub(crate) value: String,
    /// Set on the topic itself, not by the broker's own configuration or default.
    pub(crate) set_on_topic: bool,
}

impl Admin {
    /// Connects in the background. `timeout` is that of each request.
    pub fn new(kafka: &Kafka, timeout: Duration) -> Result<Self, Error> {
        let client =
            kafka.config().create_with_context(LogContext::new("admin")).map_err(Error::configuration)?;
        Ok(Self { kafka: kafka.clone(), client: Arc::new(client), timeout })
    }

    /// The addresses of the cluster.
    pub fn bootstrap(&self) -> &str {
        self.kafka.bootstrap()
    }

    /// Deletes topics; those that do not exist are fine.
    pub async fn delete(&self, topics: &[&str]) -> Result<(), Error> {
        let options = self.options();
        let deleted = self.client.delete_topics(topics, &options).await;
        for outcome in deleted.map_err(|e| self.error("", "deleting topics".to_owned(), e))? {
            match outcome {
                Ok(_)
                | Err((_, RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic)) => {}
                Err((topic, code)) => {
                    return Err(self.error(&topic, format!("deleting {topic}"), KafkaError::AdminOp(code)));
                }
            }
        }
        Ok(())
    }

    /// Deletes all records before the given offsets. Only topics with cleanup policy `delete` take it.
    pub async fn delete_before(&self, offsets: &[(TopicPartition, i64)]) -> Result<(), Error> {
        let doing = "deleting old records";
        let mut list = TopicPartitionList::with_capacity(offsets.len());
        for (at, offset) in offsets {
            list.add_partition_offset(&at.topic, at.partition, Offset::Offset(*offset))
                .map_err(|e| self.error(&at.topic, doing.to_owned(), e))?;
        }
        let deleted = self.client.delete_records(&list, &self.options()).await;
        let deleted = deleted.map_err(|e| self.error("", doing.to_owned(), e))?;
        for at in deleted.elements() {
            at.error().map_err(|e| self.error(at.topic(), format!("{doing} of {}", at.topic()), e))?;
        }
        Ok(())
    }

    /// The names of all topics that start with `prefix`.
    pub async fn list(&self, prefix: &str) -> Result<Vec<String>, Error> {
        let (client, timeout, prefix) = (self.client.clone(), self.timeout, prefix.to_owned());
        let listed = blocking(move || {
            let metadata = client.inner().fetch_metadata(None, timeout)?;
            let names = metadata.topics().iter().map(|topic| topic.name().to_owned());
            Ok(names.filter(|name| name.starts_with(&prefix)).collect())
        });
        listed.await.map_err(|e| self.error("", "listing topics".to_owned(), e))
    }

    /// Creates topics as they must be, and waits until each partition has a leader. One that is there already is fine.
    pub async fn create(&self, specs: &[TopicSpec]) -> Result<(), Error> {
        if specs.is_empty() {
            return Ok(());
        }
        let new: Vec<_> = specs.iter().map(new_topic).collect();
        let created = self.client.create_topics(&new, &self.options()).await;
        for outcome in created.map_err(|e| self.error("", "creating topics".to_owned(), e))? {
            match outcome {
                Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
                Err((topic, code)) => {
                    return Err(self.error(&topic, format!("creating {topic}"), KafkaError::AdminOp(code)));
                }
            }
        }
        for spec in specs {
            self.wait_until_ready(spec).await?;
        }
        Ok(())
    }

    async fn wait_until_ready(&self, spec: &TopicSpec) -> Result<(), Error> {
        let deadline = Instant::now() + self.timeout;
        loop {
            let layout = self.layout(&spec.name).await?;
            if layout.is_some_and(|layout| layout.ready && layout.partitions >= spec.partitions) {
                return Ok(());
            }
            if Instant::now() > deadline {
                let doing = format!("waiting for leaders of {}", spec.name);
                return Err(Error::Unreachable {
                    bootstrap: self.bootstrap().to_owned(),
                    doing,
                    waited: self.timeout,
                });
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// How a topic is laid out; none if there is no such topic.
    pub(crate) async fn layout(&self, topic: &str) -> Result<Option<Layout>, Error> {
        let (client, timeout, name) = (self.client.clone(), self.timeout, topic.to_owned());
        let layout = blocking(move || {
            // Of all topics: to ask for one by its name makes it, where the broker makes topics by itself.
            let metadata = client.inner().fetch_metadata(None, timeout)?;
            Ok(metadata.topics().iter().find(|found| found.name() == name).and_then(|found| {
                let partitions = found.partitions();
                let ready = found.error().is_none() && partitions.iter().all(|p| p.leader() >= 0);
                (!partitions.is_empty()).then(|| Layout {
                    partitions: partitions.len() as i32,
                    replication: partitions.iter().map(|p| p.replicas().len() as i32).min().unwrap_or(0),
                    ready,
                })
            }))
        });
        layout.await.map_err(|e| self.error(topic, format!("looking up {topic}"), e))
    }

    /// Every setting that is in force on a topic.
    pub(crate) async fn describe(&self, topic: &str) -> Result<BTreeMap<String, ConfigValue>, Error> {
        let doing = || format!("describing {topic}");
        let resources = [ResourceSpecifier::Topic(topic)];
        let described = self.client.describe_configs(&resources, &self.options()).await;
        let described = described.map_err(|e| self.error(topic, doing(), e))?;
        let first = described.into_iter().next().unwrap_or(Err(RDKafkaErrorCode::UnknownTopicOrPartition));
        let resource = first.map_err(|code| self.error(topic, doing(), KafkaError::AdminOp(code)))?;
        Ok(resource
            .entries
            .into_iter()
            .filter_map(|entry| {
                let set_on_topic = entry.source == ConfigSource::DynamicTopic;
                Some((entry.name, ConfigValue { value: entry.value?, set_on_topic }))
            })
            .collect())
    }

    /// Replaces *all* that is set on a topic.
    pub(crate) async fn alter(&self, topic: &str, config: &BTreeMap<String, String>) -> Result<(), Error> {
        let doing = || format!("setting the configuration of {topic}");
        let mut alteration = AlterConfig::new(ResourceSpecifier::Topic(topic));
        for (name, value) in config {
            alteration = alteration.set(name, value);
        }
        let altered = self.client.alter_configs(&[alteration], &self.options()).await;
        for outcome in altered.map_err(|e| self.error(topic, doing(), e))? {
            if let Err((_, code)) = outcome {
                return Err(self.error(topic, doing(), KafkaError::AdminOp(code)));
            }
        }
        Ok(())
    }

    fn options(&self) -> AdminOptions {
        AdminOptions::new().request_timeout(Some(self.timeout)).operation_timeout(Some(self.timeout))
    }

    pub(crate) fn error(&self, topic: &str, doing: String, source: KafkaError) -> Error {
        lookup_error(&self.kafka, || Refusal::tried(&self.kafka), topic, doing, self.timeout, source)
    }
}

fn new_topic(spec: &TopicSpec) -> NewTopic<'_> {
    let empty = NewTopic::new(&spec.name, spec.partitions, TopicReplication::Fixed(spec.replication));
    spec.config.iter().fold(empty, |topic, (name, value)| topic.set(name, value))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, KafkaError> + Send + 'static,
) -> Result<T, KafkaError> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(KafkaError::Canceled))
}
