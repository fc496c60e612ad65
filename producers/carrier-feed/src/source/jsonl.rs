//! One history a line, as JSON.

use std::io::BufRead;

use serde::{Deserialize, Deserializer};

use super::lines::{self, BYTE_ORDER_MARK, Line, MAX_LINE};
use super::{BadLine, Error, Item};
use crate::{RawHistory, RawScan};

/// How much of a bad line is kept for the report.
const KEPT: usize = 64 * 1024;

pub(super) fn read(
    mut reader: impl BufRead,
    name: &str,
    mut take: impl FnMut(Item) -> bool,
) -> Result<(), Error> {
    let mut number = 0;
    loop {
        let line = lines::next(&mut reader, MAX_LINE).map_err(|source| Error::Read {
            name: name.to_owned(),
            line: number,
            source,
        })?;
        let Some(line) = line else { return Ok(()) };
        number += 1;
        let item = match line {
            Line::TooLong(start) => bad(number, format!("the line is longer than {MAX_LINE} bytes"), &start),
            Line::Whole(bytes) => {
                let text =
                    if number == 1 { bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes) } else { &bytes };
                if text.trim_ascii().is_empty() {
                    continue;
                }
                match parse(text) {
                    Ok(history) => Item::History(number, history),
                    Err(reason) => bad(number, reason, text),
                }
            }
        };
        if !take(item) {
            return Ok(());
        }
    }
}

fn parse(text: &[u8]) -> Result<RawHistory, String> {
    let line: HistoryLine = serde_json::from_slice(text).map_err(|e| e.to_string())?;
    for (name, value) in [("carrier", &line.carrier), ("tracking_number", &line.tracking_number)] {
        if value.trim().is_empty() {
            return Err(format!("the `{name}` is blank"));
        }
    }
    Ok(RawHistory {
        carrier: line.carrier.trim().to_owned(),
        tracking_number: line.tracking_number.trim().to_owned(),
        scans: line.scans.into_iter().map(RawScan::from).collect(),
    })
}

fn bad(line: u64, reason: String, raw: &[u8]) -> Item {
    let raw = String::from_utf8_lossy(&raw[..raw.len().min(KEPT)]).into_owned();
    Item::Bad(BadLine { line, reason, raw })
}

/// What else stands in the line, such as where it came from, is left aside.
#[derive(Deserialize)]
struct HistoryLine {
    carrier: String,
    #[serde(deserialize_with = "text_or_number")]
    tracking_number: String,
    scans: Vec<ScanLine>,
}

#[derive(Deserialize)]
struct ScanLine {
    #[serde(default, deserialize_with = "some_text_or_number")]
    time: Option<String>,
    zone: Option<String>,
    #[serde(default, deserialize_with = "some_text_or_number")]
    code: Option<String>,
    text: Option<String>,
    city: Option<String>,
    region: Option<String>,
    #[serde(default, deserialize_with = "some_text_or_number")]
    postal: Option<String>,
    country: Option<String>,
}

impl From<ScanLine> for RawScan {
    fn from(line: ScanLine) -> Self {
        let ScanLine { time, zone, code, text, city, region, postal, country } = line;
        Self { time, zone, code, text, city, region, postal, country }
    }
}

/// Codes, Unix times and postal codes are as often written as numbers.
#[derive(Deserialize)]
#[serde(untagged)]
enum TextOrNumber {
    Text(String),
    Number(serde_json::Number),
}

impl TextOrNumber {
    /// A long number isn't read digit by digit: two parcels that differ in the last ones would become one.
    fn into_text<E: serde::de::Error>(self) -> Result<String, E> {
        /// 2^53: from here on a float no longer tells neighbours apart.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        match self {
            Self::Text(text) => Ok(text),
            Self::Number(number)
                if number.is_f64() && number.as_f64().is_none_or(|value| value.abs() >= EXACT) =>
            {
                Err(E::custom(format!("the number {number} has lost digits: write it in quotes")))
            }
            Self::Number(number) => Ok(number.to_string()),
        }
    }
}

fn text_or_number<'de, D: Deserializer<'de>>(input: D) -> Result<String, D::Error> {
    TextOrNumber::deserialize(input)?.into_text()
}

fn some_text_or_number<'de, D: Deserializer<'de>>(input: D) -> Result<Option<String>, D::Error> {
    Option::<TextOrNumber>::deserialize(input)?.map(TextOrNumber::into_text).transpose()
}
