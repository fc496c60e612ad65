//! What of a record somebody may see who may not see personal data. This is the one place for what isn't a typed payload: keys,
//! headers, texts. Payloads are left out field by field where they are made (`payload`, and [`query_api::view`]).

use event_codec::headers as known;
use event_log::Received;
use shipment_events::{Sequence, ShipmentId};
use view_store::Detail;

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

/// A header's value for who sees no personal data.
pub(crate) fn header(name: &str, value: String) -> String {
    if name == known::PT_ERROR_TEXT {
        unquoted(&value)
    } else if IMPERSONAL.contains(&name) && value.len() <= LONGEST {
        value
    } else {
        HIDDEN.to_owned()
    }
}

/// A key of a topic of shipments, for who sees no personal data: anybody may have written it, so only ids are shown.
pub(crate) fn key(key: String) -> String {
    let is_id = |text: &str| text.parse::<ShipmentId>().is_ok();
    let shown = match key.split_once('#') {
        Some((id, sequence)) => is_id(id) && sequence.bytes().all(|byte| byte.is_ascii_digit()),
        None => is_id(&key),
    };
    if shown { key } else { HIDDEN.to_owned() }
}

/// A text of an error without what it quotes: decoders quote values that they can't take.
pub(crate) fn unquoted(text: &str) -> String {
    text.split('"').enumerate().map(|(n, part)| if n % 2 == 0 { part } else { "\"…\"" }).collect()
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
        let text = r#"invalid type: string "Ada \ Example", expected i64 as "n""#;
        assert_eq!(
            header("pt-error-text", text.to_owned()),
            r#"invalid type: string "…", expected i64 as "…""#
        );
        assert_eq!(unquoted(r#"ends in "the middle"#), r#"ends in "…""#);
    }
}
