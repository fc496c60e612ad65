//! How a member of a group is set up.

use std::time::Duration;

use crate::figures::STATISTICS;
use crate::{Isolation, Kafka};

/// What happens to a partition that was assigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartPolicy {
    /// It is paused until the owner says where to start.
    Held,
    /// It is read from the committed offset on.
    Committed,
}

/// What to do where there is no committed offset, or one that is no longer in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reset {
    /// Fail with [`crate::Error::NoOffset`].
    Fail,
    /// Read from the beginning.
    Earliest,
    /// Read what comes from now on.
    Latest,
}

/// How a [`crate::GroupConsumer`] is set up.
#[derive(Clone, Debug)]
pub struct GroupSettings {
    /// The group.
    pub group: String,
    /// A name for this member that is stable over restarts: it gets its partitions back without a rebalance if it returns
    /// within the session timeout.
    pub instance: Option<String>,
    /// What to read.
    pub topics: Vec<String>,
    /// What happens to an assigned partition.
    pub start: StartPolicy,
    /// What to do without a committed offset.
    pub reset: Reset,
    /// Which records are seen.
    pub isolation: Isolation,
    /// A member not heard of for so long is out. The broker takes 6 s and more.
    pub session_timeout: Duration,
    /// A member that does not poll for so long is out.
    pub max_poll_interval: Duration,
    /// Whether it is told when the end of a partition is reached. For members of one topic only.
    pub ends: bool,
}

impl GroupSettings {
    /// Read-committed from the committed offset on, failing without one; session 10 s, a poll at least every 5 minutes.
    pub fn new(group: impl Into<String>, topics: &[&str]) -> Self {
        Self {
            group: group.into(),
            instance: None,
            topics: topics.iter().map(|topic| (*topic).to_owned()).collect(),
            start: StartPolicy::Committed,
            reset: Reset::Fail,
            isolation: Isolation::Committed,
            session_timeout: Duration::from_secs(10),
            max_poll_interval: Duration::from_mins(5),
            ends: false,
        }
    }

    pub(super) fn to_config(&self, kafka: &Kafka) -> rdkafka::ClientConfig {
        let mut config = kafka.config();
        config
            .set("group.id", &self.group)
            .set("group.protocol", "classic")
            .set("partition.assignment.strategy", "cooperative-sticky")
            .set("isolation.level", self.isolation.as_property())
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("enable.partition.eof", self.ends.to_string())
            .set(
                "auto.offset.reset",
                match self.reset {
                    Reset::Fail => "error",
                    Reset::Earliest => "earliest",
                    Reset::Latest => "latest",
                },
            )
            .set("session.timeout.ms", self.session_timeout.as_millis().to_string())
            .set("heartbeat.interval.ms", (self.session_timeout.as_millis() / 4).to_string())
            .set(
                "max.poll.interval.ms",
                self.max_poll_interval.max(self.session_timeout).as_millis().to_string(),
            )
            // The default of a second makes a consumer that was full a moment ago wait that long.
            .set("fetch.queue.backoff.ms", "5")
            // What is fetched ahead is memory, and takes several times what is counted here: 4 MiB a member, not 64.
            .set("queued.max.messages.kbytes", "4096");
        kafka.tune(&mut config, STATISTICS);
        if let Some(instance) = &self.instance {
            config.set("group.instance.id", instance);
        }
        config
    }
}
