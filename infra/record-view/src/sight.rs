//! What of a record somebody may see who may not see personal data. This is the one place for what isn't a typed payload: keys,
//! headers, texts, JSON. Typed payloads are left out field by field where they are made (`payload`, and [`query_api::view`]).

use event_codec::headers as known;
use event_log::Received;
use serde_json::Value;
use shipment_events::{Sequence, ShipmentId};
use view_store::Detail;

use crate::TopicName;

/// Stands where something isn't shown.
pub const HIDDEN: &str = "(hidden: may be personal)";

/// Headers whose values are ids, times and words of the platform's own.
const IMPERSONAL: &[&str] = &[
    known::CE_SPECVERSION,
    known::CE_ID,
    known::CE_TYPE,
    known::CE_SOURCE,
    known::CE_TIME,
    known::CE_SUBJECT,
    known::CONTENT_TYPE,
    known::TRACEPARENT,
    known::PT_SCHEMA,
    known::PT_REPLY_TO,
    known::PT_REROUTED,
    known::PT_ERROR_CODE,
    known::PT_ERROR_BY,
    known::PT_ERROR_AT,
    known::PT_ERROR_TOPIC,
    known::PT_ERROR_PARTITION,
    known::PT_ERROR_OFFSET,
    known::PT_ERROR_CUT,
    known::PT_ERROR_TIME,
    known::PT_RESOLVES,
];

/// Longest value of a header that is shown without personal data: ids and times are shorter, and a letter isn't.
const LONGEST: usize = 200;

/// What audit records are about, by the first word of their actions, if their details say nothing of who holds a key.
const TOLD: &[&str] = &["config", "dead-letters", "projections", "registry"];

/// A header's value for who sees no personal data.
pub(crate) fn header_in(topic: TopicName, name: &str, value: String) -> String {
    match topic {
        // Whoever asks may change these, and reads there who did, and why.
        TopicName::Config | TopicName::Registry => value,
        _ => header(name, value),
    }
}

fn header(name: &str, value: String) -> String {
    if name == known::PT_ERROR_TEXT {
        unquoted(&value)
    } else if IMPERSONAL.contains(&name) && value.len() <= LONGEST {
        value
    } else {
        HIDDEN.to_owned()
    }
}

/// A key for who sees no personal data.
pub(crate) fn key_in(topic: TopicName, text: String) -> String {
    match topic {
        TopicName::Config | TopicName::Registry | TopicName::Audit => text,
        TopicName::ApiKeys => HIDDEN.to_owned(),
        _ => key(text),
    }
}

/// The JSON of a topic that holds it, for who sees no personal data.
pub(crate) fn plain(topic: TopicName, value: Value) -> Value {
    match topic {
        TopicName::ApiKeys => HIDDEN.into(),
        TopicName::Audit => audit(value),
        _ => value,
    }
}

/// Who did what to what. Of a key, the rest says who holds it.
fn audit(mut record: Value) -> Value {
    let Some(fields) = record.as_object_mut() else { return HIDDEN.into() };
    let action = fields.get("action").and_then(Value::as_str).unwrap_or_default();
    let is_told = action.split('.').next().is_some_and(|about| TOLD.contains(&about));
    for (name, value) in fields.iter_mut() {
        match name.as_str() {
            "at" | "who" | "action" | "target" => {}
            "detail" if is_told => {
                // How it ended may be the text of an error.
                if let Some(Value::String(text)) = value.get_mut("text") {
                    *text = unquoted(text);
                }
            }
            _ => *value = HIDDEN.into(),
        }
    }
    record
}

/// A key of a topic of shipments, for who sees no personal data: anybody may have written it, so only ids are shown.
fn key(key: String) -> String {
    let is_id = |text: &str| text.parse::<ShipmentId>().is_ok();
    let shown = match key.split_once('#') {
        Some((id, sequence)) => is_id(id) && sequence.bytes().all(|byte| byte.is_ascii_digit()),
        None => is_id(&key),
    };
    if shown { key } else { HIDDEN.to_owned() }
}

/// A text of an error without what it quotes: decoders quote values that they can't take. A value may have quotes in it, so all between the
/// first quote and the last is left out; and all after the first, where the text ends within a value.
pub(crate) fn unquoted(text: &str) -> String {
    let Some((before, rest)) = text.split_once('"') else { return text.to_owned() };
    let after = match rest.rsplit_once('"') {
        Some((within, after)) if !within.ends_with('\\') => after,
        _ => "",
    };
    format!("{before}\"…\"{after}")
}

/// The key of a record about shipments, for this viewer.
pub fn shown_key(text: &str, detail: Detail) -> String {
    if detail == Detail::Full { text.to_owned() } else { key(text.to_owned()) }
}

/// The text of an error, for this viewer.
pub fn shown_text(text: &str, detail: Detail) -> String {
    if detail == Detail::Full { text.to_owned() } else { unquoted(text) }
}

/// Which shipment a record is about, and which event of it, as far as key and headers tell.
pub fn subject(record: &Received) -> (Option<ShipmentId>, Option<Sequence>) {
    let key = record.key_str().unwrap_or_default();
    let (id, sequence) = key.split_once('#').map_or((key, None), |(id, n)| (id, Some(n)));
    let sequence = sequence.and_then(|n| n.parse().ok()).map(Sequence::new);
    // A reply's key is its command's id.
    let named = record.headers.get_str(known::CE_SUBJECT).and_then(|id| id.parse().ok());
    (named.or_else(|| id.parse().ok()), sequence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_to_be_impersonal_is_shown() {
        let id = "1c7b2c1e-0b1d-4d0a-9c53-0123456789ab";
        assert_eq!(key(id.to_owned()), id);
        assert_eq!(key(format!("{id}#12")), format!("{id}#12"));
        for other in ["Ada Example".to_owned(), String::new(), format!("{id}#Ada"), format!("Ada#{id}")] {
            assert_eq!(key(other.clone()), HIDDEN, "{other}");
        }
        assert_eq!(header("ce_type", "org.x".to_owned()), "org.x");
        assert_eq!(header("x-recipient", "Ada".to_owned()), HIDDEN);
        assert_eq!(header("ce_id", "x".repeat(201)), HIDDEN);
        let text = r#"invalid type: string "Ada \"Bee\" Example", expected i64"#;
        assert_eq!(header("pt-error-text", text.to_owned()), r#"invalid type: string "…", expected i64"#);
        let text = r#"invalid type: string "Ada \ Example", expected "n" as i64"#;
        assert_eq!(unquoted(text), r#"invalid type: string "…" as i64"#);
        for cut in [r#"ends in "the middle"#, r#"ends in "the \"middle"#] {
            assert_eq!(unquoted(cut), r#"ends in "…""#);
        }
        assert_eq!(unquoted("no quote"), "no quote");
    }
}
