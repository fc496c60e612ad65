//! The topics, by short names.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use event_log::Topics;

/// A topic of the platform, whatever its installation's prefix.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum TopicName {
    /// What somebody wants done.
    Commands,
    /// What happened.
    #[default]
    Events,
    /// Where each shipment stands.
    Snapshots,
    /// What became of each command.
    Replies,
    /// What could not be read or decided.
    DeadLetters,
    /// Settings, and who changed them.
    Config,
    /// Who runs where.
    Registry,
    /// API keys, without their secrets.
    ApiKeys,
    /// Who did what.
    Audit,
}

/// The text names no topic.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "the topics are commands, events, snapshots, replies, dead-letters, config, registry, api-keys and audit"
)]
pub struct UnknownTopic;

impl TopicName {
    /// Each.
    pub const ALL: [Self; 9] = [
        Self::Events,
        Self::Commands,
        Self::Replies,
        Self::Snapshots,
        Self::DeadLetters,
        Self::Config,
        Self::Registry,
        Self::ApiKeys,
        Self::Audit,
    ];

    /// As it stands in links.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Commands => "commands",
            Self::Events => "events",
            Self::Snapshots => "snapshots",
            Self::Replies => "replies",
            Self::DeadLetters => "dead-letters",
            Self::Config => "config",
            Self::Registry => "registry",
            Self::ApiKeys => "api-keys",
            Self::Audit => "audit",
        }
    }

    /// What lies in it, for people.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Commands => "what somebody wants done; kept for 7 days",
            Self::Events => "what happened: the truth, kept for ever",
            Self::Snapshots => "where each shipment stands: the command handler's own memory",
            Self::Replies => "what became of each command; kept for a day",
            Self::DeadLetters => "what could not be read or decided; kept for 30 days",
            Self::Config => "settings, and who changed them",
            Self::Registry => "who runs where: leases and heartbeats",
            Self::ApiKeys => "API keys, without their secrets",
            Self::Audit => "who did what; kept for 400 days",
        }
    }

    /// Whether its records are about shipments, a shipment's all in one partition.
    pub const fn is_of_shipments(self) -> bool {
        matches!(self, Self::Commands | Self::Events | Self::Snapshots | Self::Replies | Self::DeadLetters)
    }

    /// Whether it is only for who may see personal data: it names people, or who holds which key.
    pub const fn is_personal(self) -> bool {
        matches!(self, Self::ApiKeys)
    }

    /// Its full name in an installation.
    pub fn of(self, topics: &Topics) -> &Arc<str> {
        match self {
            Self::Commands => &topics.commands,
            Self::Events => &topics.events,
            Self::Snapshots => &topics.snapshots,
            Self::Replies => &topics.replies,
            Self::DeadLetters => &topics.dead_letters,
            Self::Config => &topics.config,
            Self::Registry => &topics.registry,
            Self::ApiKeys => &topics.api_keys,
            Self::Audit => &topics.audit,
        }
    }

    /// The one with this full name.
    pub fn named(name: &str, topics: &Topics) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| **topic.of(topics) == *name)
    }
}

impl fmt::Display for TopicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for TopicName {
    type Err = UnknownTopic;

    fn from_str(text: &str) -> Result<Self, UnknownTopic> {
        Self::ALL.into_iter().find(|topic| topic.as_str() == text).ok_or(UnknownTopic)
    }
}

#[cfg(test)]
mod tests {
    use event_log::TopicSettings;

    use super::*;

    #[test]
    fn a_topic_is_found_by_either_name() {
        let topics = Topics::new(TopicSettings { prefix: "other".to_owned(), ..TopicSettings::default() });
        for topic in TopicName::ALL {
            assert_eq!(topic.as_str().parse(), Ok(topic));
            assert_eq!(TopicName::named(topic.of(&topics), &topics), Some(topic));
        }
        assert_eq!("nothing".parse::<TopicName>(), Err(UnknownTopic));
        assert_eq!(TopicName::named("parceltrack.shipment.events.v1", &topics), None);
    }
}
