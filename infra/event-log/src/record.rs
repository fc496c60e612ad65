//! Records as the rest of the code holds them: owned, and without a client's lifetime.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use rdkafka::Message;
use rdkafka::message::{BorrowedMessage, Header, Headers as _, OwnedHeaders};

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

/// A record's headers in their order. A name may come more than once; a null value reads as an empty one.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Headers(Vec<(String, Bytes)>);

impl Headers {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one at the end.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<Bytes>) {
        self.0.push((name.into(), value.into()));
    }

    /// The same with one more.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Bytes>) -> Self {
        self.push(name, value);
        self
    }

    /// The last value of that name: as Kafka's own `lastHeader`, so that who adds one overrides.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.iter().rev().find(|(n, _)| n == name).map(|(_, value)| &value[..])
    }

    /// The last value of that name, if it is UTF-8.
    pub fn get_str(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(|value| std::str::from_utf8(value).ok())
    }

    /// Removes every header of that name.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(n, _)| n != name);
    }

    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, value)| (name.as_str(), &value[..]))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The bytes of all names and values.
    pub fn size(&self) -> usize {
        self.0.iter().map(|(name, value)| name.len() + value.len()).sum()
    }

    /// The bytes that they take in the log, at most: each has two lengths in front.
    pub fn weight(&self) -> usize {
        self.size() + self.len() * 10
    }

    pub(crate) fn to_native(&self) -> Option<OwnedHeaders> {
        if self.0.is_empty() {
            return None;
        }
        let empty = OwnedHeaders::new_with_capacity(self.0.len());
        Some(
            self.0
                .iter()
                .fold(empty, |all, (name, value)| all.insert(Header { key: name, value: Some(&value[..]) })),
        )
    }
}

impl fmt::Debug for Headers {
    /// The names only: values may hold what has no place in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl<N: Into<String>, V: Into<Bytes>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(iter: I) -> Self {
        Self(iter.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
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

/// Copies messages out of librdkafka's memory, with one shared copy of each topic's name.
#[derive(Default)]
pub(crate) struct Copier {
    topics: Vec<Arc<str>>,
}

impl Copier {
    pub(crate) fn copy(&mut self, message: &BorrowedMessage<'_>) -> Received {
        let headers = message.headers().map_or_else(Headers::new, |headers| {
            headers
                .iter()
                .map(|header| (header.key, header.value.map(Bytes::copy_from_slice).unwrap_or_default()))
                .collect()
        });
        Received {
            topic: self.topic(message.topic()),
            partition: message.partition(),
            offset: message.offset(),
            timestamp: message.timestamp().into(),
            key: message.key().map(Bytes::copy_from_slice),
            value: message.payload().map(Bytes::copy_from_slice),
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
    fn the_last_header_of_a_name_counts() {
        let headers = Headers::new().with("a", "1").with("b", "2").with("a", "3");
        assert_eq!(headers.get_str("a"), Some("3"));
        assert_eq!(headers.get("c"), None);
        assert_eq!(headers.len(), 3);
    }

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
