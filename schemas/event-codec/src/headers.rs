//! The headers of a record: CloudEvents 1.0 in Kafka's binary mode, W3C trace context, and our own.

use std::fmt::{self, Display, Write as _};

mod names;
mod read;

pub use names::*;
pub use read::ReadHeaders;

/// The headers of one record, in one buffer that can be used again for the next: writing millions a minute should not
/// allocate for each.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers {
    text: String,
    ends: Vec<(&'static str, usize)>,
}

impl Headers {
    /// No headers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets them, and keeps the room.
    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// Adds a header. All our values are text.
    pub fn push(&mut self, name: &'static str, value: &str) -> &mut Self {
        self.text.push_str(value);
        self.ends.push((name, self.text.len()));
        self
    }

    /// Adds a header whose value is the shown form of something.
    pub fn show(&mut self, name: &'static str, value: impl Display) -> &mut Self {
        // Writing to a String can't fail.
        let _ = write!(self.text, "{value}");
        self.ends.push((name, self.text.len()));
        self
    }

    /// Adds a header if there is a value.
    pub fn push_some(&mut self, name: &'static str, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.push(name, value),
            None => self,
        }
    }

    /// Names and values, in the order they were added.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&'static str, &[u8])> {
        self.ends.iter().enumerate().map(|(n, (name, end))| {
            let start = if n == 0 { 0 } else { self.ends[n - 1].1 };
            (*name, &self.text.as_bytes()[start..*end])
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The value of a header.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.iter().find(|(n, _)| *n == name).map(|(_, value)| value)
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter().map(|(n, v)| (n, String::from_utf8_lossy(v)))).finish()
    }
}

/// What CloudEvents wants to know of a record.
#[derive(Clone, Copy, Debug)]
pub struct CloudEvent<'a, Id, Subject> {
    /// Names this record: the same id from the same source is the same event.
    pub id: Id,
    /// The name of the record in the body, such as `ScanRecorded`.
    pub body: &'a str,
    /// Who wrote it: a URI reference, such as `/parceltrack/command-handler`.
    pub source: &'a str,
    /// When it happened.
    pub time: shipment_events::Timestamp,
    /// What it is about: the shipment's id.
    pub subject: Subject,
}

impl<Id: Display, Subject: Display> CloudEvent<'_, Id, Subject> {
    /// Adds its headers and the stamp of the schema, so that a reader can route without decoding.
    pub fn write(&self, stamp: &str, headers: &mut Headers) {
        headers
            .push(CE_SPECVERSION, "1.0")
            .show(CE_ID, &self.id)
            .show(CE_TYPE, format_args!("{TYPE_PREFIX}{}{TYPE_SUFFIX}", self.body))
            .push(CE_SOURCE, self.source)
            .show(CE_TIME, self.time)
            .show(CE_SUBJECT, &self.subject)
            .push(CONTENT_TYPE, APPLICATION_AVRO)
            .push(PT_SCHEMA, stamp);
    }
}

const TYPE_PREFIX: &str = "org.parceltrack.shipment.";
const TYPE_SUFFIX: &str = ".v1";

/// The name of the record in the body, out of a `ce_type`; `None` if it isn't one of ours.
pub fn body_of_type(ce_type: &str) -> Option<&str> {
    ce_type.strip_prefix(TYPE_PREFIX)?.strip_suffix(TYPE_SUFFIX)
}

#[cfg(test)]
mod tests;
