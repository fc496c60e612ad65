//! Who did what, when, to what: the records of the audit topic.
//!
//! Whoever changes something writes what [`record`] gives into the transaction of the change: then there is no change without
//! its record, and no record without its change. Records are kept for 400 days, and nobody reads them but people: JSON, keyed by
//! what was changed ([decision 18](../../../docs/adr/0018-platform-topics-hold-json.md)).
#![forbid(unsafe_code)]

use std::sync::Arc;

use chrono::{DateTime, Utc};
use event_log::{Headers, Outgoing, Topics};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who did what, when, to what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// When, by the clock of whoever wrote it; the record's own time is the broker's.
    pub at: DateTime<Utc>,
    /// Who: a caller's name, such as `key:4f7c…`, or `cli:ada` for somebody with a shell.
    pub who: String,
    /// What they did: `key.create`, `config.set`.
    pub action: String,
    /// To what: a key's id, an entry's name.
    pub target: String,
    /// What else is worth knowing. Never a secret.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub detail: Value,
}

impl AuditRecord {
    /// That somebody did something just now.
    pub fn now(who: impl Into<String>, action: &str, target: impl Into<String>, detail: Value) -> Self {
        Self { at: Utc::now(), who: who.into(), action: action.to_owned(), target: target.into(), detail }
    }
}

/// The record, to be put into the transaction of what it tells of.
///
/// # Panics
/// Never: text and JSON are always JSON.
pub fn record(topics: &Topics, audit: &AuditRecord) -> Outgoing {
    Outgoing {
        topic: Arc::clone(&topics.audit),
        partition: 0,
        key: Some(audit.target.clone().into_bytes().into()),
        value: Some(serde_json::to_vec(audit).expect("text and JSON are always JSON").into()),
        headers: Headers::new(),
        timestamp: None,
    }
}

#[cfg(test)]
mod tests {
    use event_log::TopicSettings;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let topics = Topics::new(TopicSettings::default());
        let told = AuditRecord::now("cli:ada", "key.create", "4f7c", json!({ "role": "reader" }));
        let written = record(&topics, &told);
        assert_eq!((&*written.topic, written.key.as_deref()), ("parceltrack.audit.v1", Some(&b"4f7c"[..])));
        let read: AuditRecord = serde_json::from_slice(&written.value.unwrap()).unwrap();
        assert_eq!(read, told);
    }
}
