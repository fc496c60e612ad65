//! One record with all that can be said of it.

use event_codec::headers::{CE_TYPE, PT_SCHEMA, TRACEPARENT, body_of_type};
use event_log::Received;
use serde::Serialize;
use shipment_events::{Sequence, ShipmentId, Timestamp};
use telemetry::TraceContext;
use view_store::Detail;

use crate::{Payload, TopicName, sight};

/// A record, readable.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct RecordView {
    /// The topic it lies in.
    #[serde(serialize_with = "shown")]
    pub topic: TopicName,
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
    /// Its time.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "shown_some")]
    pub time: Option<Timestamp>,
    /// Its key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What kind of record it is, such as `ScanRecorded`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The shipment it is about.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "shown_some")]
    pub shipment_id: Option<ShipmentId>,
    /// Which event of that shipment's history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<Sequence>,
    /// The schema it was written with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<SchemaView>,
    /// The trace that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// The bytes of key, value and headers.
    pub bytes: usize,
    /// The headers, in their order.
    pub headers: Vec<HeaderView>,
    /// The value.
    pub payload: Payload,
}

/// A header.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct HeaderView {
    /// Its name.
    pub name: String,
    /// Its value; in hex where it isn't text.
    pub value: String,
}

/// Which schema a value was written with.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SchemaView {
    /// Its id in the registry.
    pub id: u32,
    /// The full name of the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// CRC-64-AVRO of its canonical form, in hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
}

impl RecordView {
    pub(crate) fn new(topic: TopicName, record: &Received, payload: Payload, detail: Detail) -> Self {
        let is_full = detail == Detail::Full;
        let (shipment_id, sequence) =
            if topic.is_of_shipments() { sight::subject(record) } else { (None, None) };
        let key = record.key.as_deref().map(text);
        let header = |(name, value): (&str, &[u8])| {
            let value = text(value);
            let value = if is_full { value } else { sight::header_in(topic, name, value) };
            HeaderView { name: name.to_owned(), value }
        };
        Self {
            topic,
            partition: record.partition,
            offset: record.offset,
            time: record.timestamp.millis().map(Timestamp::from_millis),
            key: if is_full { key } else { key.map(|key| sight::key_in(topic, key)) },
            kind: kind(record),
            shipment_id,
            sequence,
            schema: topic.is_of_shipments().then(|| SchemaView::of(record)).flatten(),
            trace_id: record
                .headers
                .get_str(TRACEPARENT)
                .and_then(TraceContext::parse)
                .map(|trace| trace.trace_id()),
            bytes: record.size(),
            headers: record.headers.iter().map(header).collect(),
            payload,
        }
    }

    /// Where it lies, as it stands in links: `partition:offset`.
    pub fn at(&self) -> String {
        format!("{}:{}", self.partition, self.offset)
    }
}

/// What kind of record it is, as its headers say: `ScanRecorded`.
pub fn kind(record: &Received) -> Option<String> {
    record.headers.get_str(CE_TYPE).map(|kind| body_of_type(kind).unwrap_or(kind).to_owned())
}

impl SchemaView {
    fn of(record: &Received) -> Option<Self> {
        let id = event_codec::schema_id(record.value.as_deref()?).ok()?;
        let stamp = record.headers.get_str(PT_SCHEMA).and_then(|stamp| stamp.split_once(':'));
        let (name, fingerprint) = stamp.unzip();
        Some(Self { id, name: name.map(str::to_owned), fingerprint: fingerprint.map(str::to_owned) })
    }
}

/// As text, or in hex.
pub(crate) fn text(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| hex(bytes), str::to_owned)
}

/// The first bytes in hex; there may be megabytes.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const AT_MOST: usize = 4096;
    let mut text = String::with_capacity(bytes.len().min(AT_MOST) * 2);
    for byte in bytes.iter().take(AT_MOST) {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
    }
    if bytes.len() > AT_MOST {
        text.push('…');
    }
    text
}

fn shown<T: std::fmt::Display, S: serde::Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

#[allow(clippy::ref_option, reason = "serde gives it so")]
fn shown_some<T: std::fmt::Display, S: serde::Serializer>(
    value: &Option<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}
