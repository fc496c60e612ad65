//! What a dead letter says about itself, without its payload.

use std::fmt;
use std::str::FromStr;

use event_codec::headers::{
    PT_ERROR_AT, PT_ERROR_BY, PT_ERROR_CODE, PT_ERROR_CUT, PT_ERROR_OFFSET, PT_ERROR_PARTITION,
    PT_ERROR_TEXT, PT_ERROR_TIME, PT_ERROR_TOPIC,
};
use event_log::Received;
use serde::{Serialize, Serializer};

/// Where a letter lies in the dead letters topic; as text `partition:offset`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LetterPosition {
    /// The partition.
    pub partition: i32,
    /// The offset in it.
    pub offset: i64,
}

/// The text is no position.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a dead letter is named PARTITION:OFFSET, as in 3:1200; `parceltrack dead-letters list` shows them")]
pub struct BadPosition;

impl fmt::Display for LetterPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.partition, self.offset)
    }
}

impl FromStr for LetterPosition {
    type Err = BadPosition;

    fn from_str(text: &str) -> Result<Self, BadPosition> {
        let (partition, offset) = text.split_once(':').ok_or(BadPosition)?;
        let partition = partition.parse().ok().filter(|n: &i32| *n >= 0).ok_or(BadPosition)?;
        let offset = event_log::parse_offset(offset).ok_or(BadPosition)?;
        Ok(Self { partition, offset })
    }
}

impl Serialize for LetterPosition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Where the record came from.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub struct Source {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The offset it had there.
    pub offset: i64,
}

/// A parked record, but for its payload.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct DeadLetter {
    /// Where it lies: by this it is shown, retried, discarded.
    pub at: LetterPosition,
    /// A stable word for what is wrong.
    pub code: String,
    /// What is wrong, in words.
    pub text: String,
    /// The role that parked it.
    pub by: String,
    /// When, RFC 3339.
    pub parked_at: String,
    /// Where it came from.
    pub source: Source,
    /// The time it had there, RFC 3339, where it is known.
    pub source_time: Option<String>,
    /// Its key, where that is text: for an event the shipment and the sequence.
    pub key: Option<String>,
    /// The bytes of its value.
    pub bytes: usize,
    /// Whether only a part of it was kept, because it was too large; how much there was.
    pub cut: Option<String>,
}

impl DeadLetter {
    /// Reads a record of the dead letters topic; nothing if it isn't a letter.
    pub(crate) fn of(record: &Received) -> Option<Self> {
        let header = |name| record.headers.get_str(name).map(str::to_owned);
        Some(Self {
            at: LetterPosition { partition: record.partition, offset: record.offset },
            code: header(PT_ERROR_CODE)?,
            text: header(PT_ERROR_TEXT).unwrap_or_default(),
            by: header(PT_ERROR_BY).unwrap_or_default(),
            parked_at: header(PT_ERROR_AT).unwrap_or_default(),
            source: Source {
                topic: header(PT_ERROR_TOPIC)?,
                partition: header(PT_ERROR_PARTITION)?.parse().ok()?,
                offset: header(PT_ERROR_OFFSET)?.parse().ok()?,
            },
            source_time: header(PT_ERROR_TIME),
            key: record.key_str().map(str::to_owned),
            bytes: record.value.as_ref().map_or(0, bytes::Bytes::len),
            cut: header(PT_ERROR_CUT),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_written_as_it_is_read() {
        let at: LetterPosition = "3:1200".parse().unwrap();
        assert_eq!((at.partition, at.offset, at.to_string()), (3, 1200, "3:1200".to_owned()));
        for bad in ["", "3", "3:", ":4", "a:1", "-1:2", "1:-2", "1:2:3", "1 : 2", "1:9223372036854775807"] {
            assert_eq!(bad.parse::<LetterPosition>(), Err(BadPosition), "{bad}");
        }
    }
}
