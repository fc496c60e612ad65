//! One span.

use std::borrow::Cow;
use std::time::SystemTime;

use serde::{Serialize, Serializer};

use crate::{SpanId, TraceContext};

/// Which part a span has in an exchange, as OpenTelemetry has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Answers a request.
    Server,
    /// Asks another service.
    Client,
    /// Writes a record.
    Producer,
    /// Reads a record.
    Consumer,
    /// None of these.
    Internal,
}

/// A value that a span has under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Attribute {
    /// Text.
    Text(Cow<'static, str>),
    /// A number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
}

/// A piece of work of a sampled trace, from its beginning to its end. It never holds a name, a phone number, an address
/// or a path with its values: traces are seen by those who operate the system.
#[derive(Debug, Clone, Serialize)]
pub struct Span {
    /// Its place in its trace.
    #[serde(serialize_with = "place", flatten)]
    pub context: TraceContext,
    /// What is done, with few different values: `POST /api/v1/shipments`.
    pub name: Cow<'static, str>,
    /// Its part.
    pub kind: Kind,
    /// When it began.
    #[serde(rename = "start_unix_us", serialize_with = "micros")]
    pub start: SystemTime,
    /// When it ended.
    #[serde(rename = "end_unix_us", serialize_with = "micros")]
    pub end: SystemTime,
    /// More about it, by OpenTelemetry's names where it has one.
    #[serde(serialize_with = "by_name")]
    pub attributes: Vec<(&'static str, Attribute)>,
    /// Whether it failed.
    pub failed: bool,
}

/// The name under which OpenTelemetry has a record's own id: with us, the command's.
const MESSAGE_ID: &str = "messaging.message.id";

impl Span {
    /// A span that begins now. Only for a trace that is sampled.
    pub fn begin(context: &TraceContext, kind: Kind, name: impl Into<Cow<'static, str>>) -> Self {
        Self::begun(context, kind, name, SystemTime::now())
    }

    /// A span that began then.
    pub fn begun(
        context: &TraceContext,
        kind: Kind,
        name: impl Into<Cow<'static, str>>,
        start: SystemTime,
    ) -> Self {
        Self {
            context: *context,
            name: name.into(),
            kind,
            start,
            end: start,
            attributes: Vec::new(),
            failed: false,
        }
    }

    /// What is done with a record of Kafka, by OpenTelemetry's conventions for messaging; `operation` is `send`, `process` or
    /// `receive`.
    pub fn of_record(
        context: &TraceContext,
        kind: Kind,
        operation: &'static str,
        topic: &str,
        start: SystemTime,
    ) -> Self {
        Self::begun(context, kind, format!("{operation} {topic}"), start)
            .with("messaging.system", "kafka")
            .with("messaging.operation.name", operation)
            .with("messaging.operation.type", operation)
            .with("messaging.destination.name", topic.to_owned())
    }

    /// Where that record lies.
    #[must_use]
    pub fn at(self, partition: i32, offset: i64) -> Self {
        self.with("messaging.destination.partition.id", partition.to_string())
            .with("messaging.kafka.offset", offset)
    }

    /// Which record it is: the command's id, the event's.
    #[must_use]
    pub fn about(self, id: impl Into<Attribute>) -> Self {
        self.with(MESSAGE_ID, id)
    }

    /// The same by the id that the record itself names: anybody who may write a record may write anything there, and what is no
    /// id of ours is left out.
    #[must_use]
    pub fn about_named(self, id: Option<&str>) -> Self {
        match id.filter(|id| is_uuid(id)) {
            Some(id) => self.about(id.to_owned()),
            None => self,
        }
    }

    /// Says more about it.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Attribute>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    /// Says whether it failed.
    #[must_use]
    pub fn failed(mut self, failed: bool) -> Self {
        self.failed = failed;
        self
    }

    /// It ends now, and is kept.
    pub fn end(self) {
        self.ended(SystemTime::now());
    }

    /// It ended then, and is kept.
    pub fn ended(mut self, end: SystemTime) {
        // Clocks may be set back.
        self.end = end.max(self.start);
        super::record(self);
    }

    /// Whether it is about the record of this id.
    pub(super) fn is_about(&self, id: &str) -> bool {
        let is_id = |value: &Attribute| matches!(value, Attribute::Text(text) if text == id);
        self.attributes.iter().any(|(name, value)| *name == MESSAGE_ID && is_id(value))
    }
}

/// As our ids are written: in small letters, with hyphens.
fn is_uuid(text: &str) -> bool {
    let fits = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
    };
    text.len() == 36 && text.bytes().enumerate().all(fits)
}

impl From<&'static str> for Attribute {
    fn from(text: &'static str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Attribute {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<i64> for Attribute {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<i32> for Attribute {
    fn from(number: i32) -> Self {
        Self::Number(number.into())
    }
}

impl From<usize> for Attribute {
    fn from(number: usize) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Attribute {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

fn place<S: Serializer>(context: &TraceContext, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    #[allow(clippy::struct_field_names, reason = "as they are called in answers")]
    struct Place {
        trace_id: crate::TraceId,
        span_id: SpanId,
        parent_span_id: Option<SpanId>,
    }
    Place { trace_id: context.trace(), span_id: context.span(), parent_span_id: context.parent() }
        .serialize(serializer)
}

fn micros<S: Serializer>(at: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    serializer.serialize_u64(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
}

fn by_name<S: Serializer>(
    attributes: &[(&'static str, Attribute)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(attributes.iter().map(|(name, value)| (name, value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_record_calls_itself_is_kept_if_it_is_an_id() {
        let id = "0190c7e2-0000-7000-8000-000000000001";
        let about = |named: Option<&str>| {
            Span::begin(&TraceContext::start(), Kind::Consumer, "process a").about_named(named)
        };
        assert!(about(Some(id)).is_about(id));
        let others =
            [String::new(), "+31612345678".to_owned(), id.to_uppercase(), id.replace('-', "0"), id.repeat(2)];
        for other in &others {
            assert!(about(Some(other)).attributes.is_empty(), "{other}");
        }
        assert!(about(None).attributes.is_empty());
    }
}
