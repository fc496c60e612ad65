//! What others wrote, on a terminal.

/// The text with no control character in it: a terminal would obey those.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
