//! How far the roles are behind.

use std::time::Duration;

use event_log::{GroupOffsets, Isolation, Kafka, Topics};
use serde::Serialize;
use settings::Settings;

const TIMEOUT: Duration = Duration::from_secs(3);

/// One group and what it still has before it.
#[derive(Debug, Serialize)]
pub(crate) struct GroupLag {
    /// The consumer group.
    pub(crate) group: String,
    /// The topic it reads.
    pub(crate) topic: String,
    /// Offsets not yet dealt with, over all partitions; control records count.
    pub(crate) records: i64,
}

/// The lag of the command handlers, and of the projectors on the generation that is live.
pub(crate) async fn of_roles(settings: &Settings) -> anyhow::Result<Vec<GroupLag>> {
    let projectors = projector::live_group(settings).await?;
    let settings = settings.clone();
    tokio::task::spawn_blocking(move || of_groups(&settings, projectors)).await?
}

fn of_groups(settings: &Settings, projectors: String) -> anyhow::Result<Vec<GroupLag>> {
    let kafka = Kafka::of_settings(&settings.kafka, "parceltrack-cli")?;
    let topics = Topics::of_settings(&settings.kafka);
    let groups = [(settings.command_handler_group(), &topics.commands), (projectors, &topics.events)];
    groups
        .into_iter()
        .map(|(group, topic)| {
            let lag = GroupOffsets::new(&kafka, &group, TIMEOUT)?.lag(topic, Isolation::Committed)?;
            Ok(GroupLag { group, topic: topic.to_string(), records: lag.iter().map(|(_, n)| n).sum() })
        })
        .collect()
}
