//! Moments that a person types. A field's value is in UTC; the script shows it in the viewer's zone, and sends UTC.

use maud::{Markup, html};
use shipment_events::Timestamp;

/// Reads what a field sends; nothing where it was left empty.
///
/// # Errors
/// What is wrong with it, in a sentence.
pub(super) fn read(what: &str, text: &str) -> Result<Option<Timestamp>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    // `datetime-local` leaves the seconds out where they are 0, and knows no zone.
    let spellings = [text.to_owned(), format!("{text}Z"), format!("{text}:00Z")];
    let moment = spellings.iter().find_map(|spelling| Timestamp::parse_rfc3339(spelling).ok());
    moment.map(Some).ok_or_else(|| {
        format!("{what} “{text}” is no time: it is written 2026-11-27T14:30:00, in UTC, or with an offset.")
    })
}

/// A field for one.
pub(super) fn field(name: &str, label: &str, value: &str, explanation: &str) -> Markup {
    html! {
        div.field data-moment {
            label for=(name) title=(explanation) { (label) " " span.soft data-zone { "(UTC)" } }
            input id=(name) name=(name) type="datetime-local" step="1" value=(value.trim_end_matches('Z'));
            p.hint data-utc hidden {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_browsers_and_links_write_it() {
        let expected = Timestamp::parse_rfc3339("2026-11-27T14:30:00Z").unwrap();
        for text in
            ["2026-11-27T14:30", "2026-11-27T14:30:00", " 2026-11-27T14:30:00Z ", "2026-11-27T15:30:00+01:00"]
        {
            assert_eq!(read("since", text), Ok(Some(expected)), "{text}");
        }
        assert_eq!(read("since", "  "), Ok(None));
        for bad in ["yesterday", "2026-11-27", "2026-13-27T14:30"] {
            assert!(read("since", bad).unwrap_err().contains("is no time"), "{bad}");
        }
    }
}
