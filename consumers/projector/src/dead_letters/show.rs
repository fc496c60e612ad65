//! A letter whole.

use std::fmt::Write as _;

use event_log::Received;
use serde::Serialize;

use super::DeadLetter;

/// A letter with its headers, and the record that it is.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Shown {
    /// What it says about itself.
    #[serde(flatten)]
    pub letter: DeadLetter,
    /// Every header, in order. Values that aren't text are shown in hex.
    pub headers: Vec<(String, String)>,
    /// The record itself. Its value may be personal.
    #[serde(skip)]
    pub record: Received,
}

impl Shown {
    pub(super) fn of(letter: DeadLetter, record: Received) -> Self {
        let text = |value: &[u8]| std::str::from_utf8(value).map_or_else(|_| hex(value), str::to_owned);
        let headers = record.headers.iter().map(|(name, value)| (name.to_owned(), text(value))).collect();
        Self { letter, headers, record }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
