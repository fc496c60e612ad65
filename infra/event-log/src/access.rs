//! What a principal may do, as Kafka's authorizer has it.

use std::fmt;

use rdkafka::error::KafkaError;

use crate::{Admin, Error, ffi};

/// The group that readers of whole partitions name. They never join it and commit nothing to it; but librdkafka asks who
/// coordinates it, and a broker with an authorizer answers only those who may describe it.
pub const READER_GROUP: &str = "parceltrack-reader";

/// One right: whoever is authenticated as the principal may do this, from any host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Right {
    /// Who, without the `User:` that Kafka writes before it.
    pub principal: String,
    /// What kind of thing.
    pub resource: Resource,
    /// Which one.
    pub name: Pattern,
    /// What may be done with it.
    pub operation: Operation,
}

/// A kind of thing that rights are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// A topic.
    Topic,
    /// A consumer group.
    Group,
    /// A transactional id.
    TransactionalId,
}

/// Which things of a kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pattern {
    /// The one of this name.
    Literal(String),
    /// All whose names begin so.
    Prefixed(String),
}

/// What may be done.
///
/// Who may read or write may describe, and who may alter configuration may describe that: Kafka takes it so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// Read records; be a member of a group, and commit its offsets.
    Read,
    /// Write records; be the producer of a transactional id.
    Write,
    /// Make it.
    Create,
    /// See that it is there.
    Describe,
    /// See how it is set up.
    DescribeConfigs,
    /// Set it up otherwise.
    AlterConfigs,
}

impl Resource {
    /// As `kafka-acls.sh` names its option, without the dashes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Topic => "topic",
            Self::Group => "group",
            Self::TransactionalId => "transactional-id",
        }
    }
}

impl Pattern {
    /// The name, or how names begin.
    pub fn text(&self) -> &str {
        match self {
            Self::Literal(name) | Self::Prefixed(name) => name,
        }
    }

    /// Whether it is about names that begin so.
    pub const fn is_prefixed(&self) -> bool {
        matches!(self, Self::Prefixed(_))
    }
}

impl Operation {
    /// As `kafka-acls.sh` names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "Read",
            Self::Write => "Write",
            Self::Create => "Create",
            Self::Describe => "Describe",
            Self::DescribeConfigs => "DescribeConfigs",
            Self::AlterConfigs => "AlterConfigs",
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The name; with a star where names only begin so.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.text(), if self.is_prefixed() { "*" } else { "" })
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Admin {
    /// Gives these rights. Those that are given already stay, and so do all others; none is taken away.
    pub async fn grant(&self, rights: &[Right]) -> Result<(), Error> {
        if rights.is_empty() {
            return Ok(());
        }
        let (client, rights, timeout) = (self.client.clone(), rights.to_vec(), self.timeout);
        let granted = tokio::task::spawn_blocking(move || ffi::create_acls(client.inner(), &rights, timeout));
        granted.await.map_err(|_| Error::Ended)?.map_err(|code| {
            self.error("", "giving rights to principals".to_owned(), KafkaError::AdminOp(code))
        })
    }
}
