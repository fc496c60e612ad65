//! The names of all headers.

/// CloudEvents: the version of that specification, always `1.0`.
pub const CE_SPECVERSION: &str = "ce_specversion";
/// CloudEvents: names the record.
pub const CE_ID: &str = "ce_id";
/// CloudEvents: the type, such as `org.parceltrack.shipment.ScanRecorded.v1`.
pub const CE_TYPE: &str = "ce_type";
/// CloudEvents: who wrote it.
pub const CE_SOURCE: &str = "ce_source";
/// CloudEvents: when it happened, RFC 3339.
pub const CE_TIME: &str = "ce_time";
/// CloudEvents: the shipment's id.
pub const CE_SUBJECT: &str = "ce_subject";
/// The value's media type. CloudEvents' Kafka binding spells it so.
pub const CONTENT_TYPE: &str = "content-type";
/// The media type of all our values.
pub const APPLICATION_AVRO: &str = "application/avro";
/// W3C trace context.
pub const TRACEPARENT: &str = "traceparent";
/// The schema's name and fingerprint: `<full record name>:<CRC-64-AVRO in hex>`.
pub const PT_SCHEMA: &str = "pt-schema";
/// Who waits for the reply to this command; copied from the command to its reply.
pub const PT_REPLY_TO: &str = "pt-reply-to";
/// The partition a command was moved from, because it wasn't its shipment's.
pub const PT_REROUTED: &str = "pt-rerouted";
/// Dead letters: a stable word for what is wrong.
pub const PT_ERROR_CODE: &str = "pt-error-code";
/// Dead letters: what is wrong, in words.
pub const PT_ERROR_TEXT: &str = "pt-error-text";
/// Dead letters: which role parked it.
pub const PT_ERROR_BY: &str = "pt-error-by";
/// Dead letters: when it was parked, RFC 3339.
pub const PT_ERROR_AT: &str = "pt-error-at";
/// Dead letters: the topic it came from.
pub const PT_ERROR_TOPIC: &str = "pt-error-topic";
/// Dead letters: the partition it came from.
pub const PT_ERROR_PARTITION: &str = "pt-error-partition";
/// Dead letters: the offset it had there.
pub const PT_ERROR_OFFSET: &str = "pt-error-offset";
/// Dead letters: how many bytes the record had, where it was too large to be kept whole.
pub const PT_ERROR_CUT: &str = "pt-error-cut";
/// Dead letters: the time it had there, RFC 3339.
pub const PT_ERROR_TIME: &str = "pt-error-time";
/// Dead letters: the record says how another one was dealt with, `partition:offset` in the same topic.
pub const PT_RESOLVES: &str = "pt-resolves";
