//! The topics of ParcelTrack: their names, and how each must be set up.

mod apply;
mod spec;
mod verify;

use std::sync::Arc;

pub use self::apply::{Action, Applied};
pub use self::spec::TopicSpec;
pub use self::verify::Deviation;

pub(crate) use self::spec::COMMAND_BYTES;

/// What a user chooses about the topics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicSettings {
    /// Before every name: `parceltrack` gives `parceltrack.shipment.commands.v1`.
    pub prefix: String,
    /// Of each shipment topic. Fixed for life.
    pub partitions: i32,
    /// Copies of each partition.
    pub replication: i32,
    /// The schema registry's own topic; an empty name leaves it out.
    pub journal: String,
}

impl Default for TopicSettings {
    /// As on one machine: 6 partitions, one copy.
    fn default() -> Self {
        Self {
            prefix: "parceltrack".to_owned(),
            partitions: 6,
            replication: 1,
            journal: "kafkasql-journal".to_owned(),
        }
    }
}

/// The names of all topics, and their set-up.
#[derive(Clone, Debug)]
pub struct Topics {
    /// Anyone may post here.
    pub commands: Arc<str>,
    /// The full history: the source of truth.
    pub events: Arc<str>,
    /// Each shipment's state now: the command handler's changelog.
    pub snapshots: Arc<str>,
    /// Outcomes of commands.
    pub replies: Arc<str>,
    /// Parked records.
    pub dead_letters: Arc<str>,
    /// Configuration.
    pub config: Arc<str>,
    /// Who runs where.
    pub registry: Arc<str>,
    /// API keys, without their secrets.
    pub api_keys: Arc<str>,
    /// Who did what.
    pub audit: Arc<str>,
    settings: TopicSettings,
}

impl Topics {
    /// Of these settings.
    pub fn new(settings: TopicSettings) -> Self {
        let name = |rest: &str| Arc::from(format!("{}.{rest}", settings.prefix));
        Self {
            commands: name("shipment.commands.v1"),
            events: name("shipment.events.v1"),
            snapshots: name("shipment.snapshots.v1"),
            replies: name("shipment.replies.v1"),
            dead_letters: name("shipment.dead-letters.v1"),
            config: name("config.v1"),
            registry: name("registry.v1"),
            api_keys: name("api-keys.v1"),
            audit: name("audit.v1"),
            settings,
        }
    }

    /// What they were made of.
    pub fn settings(&self) -> &TopicSettings {
        &self.settings
    }

    /// The partitions of each shipment topic.
    pub fn partitions(&self) -> i32 {
        self.settings.partitions
    }

    /// How each topic must be set up, the registry's journal included.
    pub fn specs(&self) -> Vec<TopicSpec> {
        spec::all(self)
    }
}
