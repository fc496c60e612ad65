//! From the settings that users write to what this crate takes.

use crate::{Error, Kafka, TopicSettings, Topics};

impl Kafka {
    /// The cluster that the settings name; `client_id` is shown in the broker's logs and metrics.
    ///
    /// # Errors
    /// When a property is given that carries a guarantee of ours.
    pub fn of_settings(kafka: &settings::keys::Kafka, client_id: impl Into<String>) -> Result<Self, Error> {
        Self::new(&kafka.bootstrap, client_id, kafka.properties.0.clone())
    }
}

impl Topics {
    /// The topics that the settings name, the registry's journal included.
    pub fn of_settings(kafka: &settings::keys::Kafka) -> Self {
        Self::new(TopicSettings {
            prefix: kafka.topic_prefix.clone(),
            partitions: kafka.partitions,
            replication: kafka.replication,
            ..TopicSettings::default()
        })
    }
}
