//! Records as the rest of the code holds them: owned, and without a client's lifetime.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use rdkafka::Message;
use rdkafka::message::{BorrowedMessage, Headers as _};

use crate::{Block, Headers};

/// A topic and one of its partitions.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    /// The topic's name.
    pub topic: Arc<str>,
    /// The partition's number, from 0.
    pub partition: i32,
}

impl TopicPartition {
    /// Of a topic, a partition.
    pub fn new(topic: impl Into<Arc<str>>, partition: i32) -> Self {
        Self { topic: topic.into(), partition }
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.topic, self.partition)
    }
}

impl fmt::Debug for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Where a record was written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Position {
    /// The partition.
    pub partition: i32,
    /// The offset in it.
    pub offset: i64,
}

/// A record's time, in milliseconds since 1970, and who set it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Timestamp {
    /// The record has none.
    Missing,
    /// Set by the producer.
    Created(i64),
    /// Set by the broker as it appended the record.
    Appended(i64),
}

impl Timestamp {
    /// The milliseconds, whoever set them.
    pub fn millis(self) -> Option<i64> {
        match self {
            Self::Missing => None,
            Self::Created(millis) | Self::Appended(millis) => Some(millis),
        }
    }
}

impl From<rdkafka::Timestamp> for Timestamp {
    fn from(timestamp: rdkafka::Timestamp) -> Self {
        match timestamp {
            rdkafka::Timestamp::NotAvailable => Self::Missing,
            rdkafka::Timestamp::CreateTime(millis) => Self::Created(millis),
            rdkafka::Timestamp::LogAppendTime(millis) => Self::Appended(millis),
        }
    }
}

/// A record read from a topic.
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    /// Where from.
    pub topic: Arc<str>,
    /// Of which partition.
    pub partition: i32,
    /// At which offset.
    pub offset: i64,
    /// When, and by whose clock.
    pub timestamp: Timestamp,
    /// The key, if it has one.
    pub key: Option<Bytes>,
    /// The value; none is a tombstone on a compacted topic.
    pub value: Option<Bytes>,
    /// The headers.
    pub headers: Headers,
}

impl Received {
    /// The topic and partition it was read from.
    pub fn topic_partition(&self) -> TopicPartition {
        TopicPartition { topic: self.topic.clone(), partition: self.partition }
    }

    /// The key, if it is UTF-8 text.
    pub fn key_str(&self) -> Option<&str> {
        self.key.as_deref().and_then(|key| std::str::from_utf8(key).ok())
    }

    /// The bytes of key, value and headers.
    pub fn size(&self) -> usize {
        self.key.as_ref().map_or(0, Bytes::len)
            + self.value.as_ref().map_or(0, Bytes::len)
            + self.headers.size()
    }

    /// The bytes that they take in the log, at most.
    pub fn weight(&self) -> usize {
        self.size() - self.headers.size() + self.headers.weight()
    }
}

impl fmt::Debug for Received {
    /// Position and sizes: key and value may hold what has no place in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]@{} ({} bytes)", self.topic, self.partition, self.offset, self.size())
    }
}

/// A record to write.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Where to.
    pub topic: Arc<str>,
    /// To which partition: always said, never left to a client's default hash.
    pub partition: i32,
    /// The key, if it has one.
    pub key: Option<Bytes>,
    /// The value; none writes a tombstone.
    pub value: Option<Bytes>,
    /// The headers.
    pub headers: Headers,
    /// The time in milliseconds since 1970; none means now.
    pub timestamp: Option<i64>,
}

impl Outgoing {
    /// The bytes of key, value and headers.
    pub fn size(&self) -> usize {
        self.key.as_ref().map_or(0, Bytes::len)
            + self.value.as_ref().map_or(0, Bytes::len)
            + self.headers.size()
    }

    /// The bytes that they take in the log, at most.
    pub fn weight(&self) -> usize {
        self.size() - self.headers.size() + self.headers.weight()
    }
}

impl fmt::Debug for Outgoing {
    /// Destination and size: key and value may hold what has no place in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}] ({} bytes)", self.topic, self.partition, self.size())
    }
}

/// Copies messages out of librdkafka's memory, with one shared copy of each topic's name. Many records share a block of
/// memory, which lives as long as any of them: an allocation for each part of each would cost more than all the copying.
#[derive(Default)]
pub(crate) struct Copier {
    topics: Vec<Arc<str>>,
    block: Block,
}

impl Copier {
    pub(crate) fn copy(&mut self, message: &BorrowedMessage<'_>) -> Received {
        let headers = message.headers().map_or_else(Headers::new, |headers| {
            let all = headers.iter().map(|header| (header.key, header.value.unwrap_or_default()));
            Headers::within(&mut self.block, all)
        });
        Received {
            topic: self.topic(message.topic()),
            partition: message.partition(),
            offset: message.offset(),
            timestamp: message.timestamp().into(),
            key: message.key().map(|key| self.block.copy(key)),
            value: message.payload().map(|value| self.block.copy(value)),
            headers,
        }
    }

    pub(crate) fn topic(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.topics.iter().find(|known| ***known == *name) {
            return known.clone();
        }
        let name: Arc<str> = Arc::from(name);
        self.topics.push(name.clone());
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_content() {
        let record = Outgoing {
            topic: "t".into(),
            partition: 2,
            key: Some("Jane Doe".into()),
            value: Some("+4912345".into()),
            headers: Headers::new().with("h", "secret"),
            timestamp: None,
        };
        assert_eq!(format!("{record:?} {:?}", record.headers), "t[2] (23 bytes) [\"h\"]");
    }
}
