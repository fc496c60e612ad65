//! Limits that no setting changes.

use std::time::Duration;

/// Bytes of one record on the commands topic, key and headers included; the topic itself takes no more.
pub(crate) const RECORD_BYTES: usize = 262_144;

/// Characters of an `Idempotency-Key`.
pub(crate) const KEY_CHARACTERS: usize = 255;

/// Bytes of the commands of all NDJSON streams that wait for their outcome.
pub(crate) const STREAM_BYTES: usize = 64 * 1024 * 1024;

/// How long a stream waits for Kafka to take a command before it gives up.
pub(crate) const STREAM_PATIENCE: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use event_log::{TopicSettings, Topics};

    use super::*;

    #[test]
    fn a_record_may_be_as_large_as_its_topic_takes() {
        let topics = Topics::new(TopicSettings::default());
        let specs = topics.specs();
        let commands = specs.iter().find(|spec| spec.name == topics.commands).unwrap();
        assert_eq!(commands.config["max.message.bytes"], RECORD_BYTES.to_string());
    }
}
