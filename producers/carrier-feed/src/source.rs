//! Where histories come from: JSON lines or CSV, from files or standard input.
//!
//! A line that can't be read is reported with its number and its reason, and reading goes on behind it. Only what
//! makes the whole input unreadable (no such file, no header in a CSV) is an error.
//!
//! Memory is bounded: a line of JSON is at most [`MAX_LINE`] bytes, and a CSV's rows are gathered into histories within a
//! window of [`MAX_OPEN_ROWS`] rows; only a quote in a CSV that is never closed makes one row of the rest, and a bad line.
//! A shipment whose rows lie further apart than that comes as several histories,
//! which does no harm: they are of the same shipment, and only the evidence for the order of day and month is split.

mod csv_rows;
mod grouping;
mod jsonl;
mod lines;

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;

use crate::RawHistory;

pub use grouping::MAX_OPEN_ROWS;
pub use lines::MAX_LINE;

/// What to read from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
    /// The histories that come with the program: see `samples/ATTRIBUTION.md`.
    Sample,
}

/// Real carriers' histories, for trying things out.
const SAMPLE: &[u8] = include_bytes!("../samples/carrier-scans.jsonl");

impl Input {
    /// `-` is standard input.
    pub fn named(name: impl Into<PathBuf>) -> Self {
        let path = name.into();
        if path.as_os_str() == "-" { Self::Stdin } else { Self::File(path) }
    }

    /// The name, for people.
    pub fn name(&self) -> String {
        match self {
            Self::Stdin => "standard input".to_owned(),
            Self::File(path) => path.display().to_string(),
            Self::Sample => "the sample".to_owned(),
        }
    }

    /// The form that a file's ending tells: a first line that is damaged must not make CSV of JSON.
    fn form(&self) -> Option<Form> {
        let Self::File(path) = self else { return None };
        match path.extension()?.to_str()? {
            "jsonl" | "ndjson" | "json" => Some(Form::JsonLines),
            "csv" => Some(Form::Csv),
            _ => None,
        }
    }

    fn open(&self) -> Result<Box<dyn BufRead + Send>, Error> {
        match self {
            Self::Stdin => Ok(Box::new(BufReader::new(io::stdin()))),
            Self::Sample => Ok(Box::new(SAMPLE)),
            Self::File(path) => match File::open(path) {
                Ok(file) => Ok(Box::new(BufReader::with_capacity(256 * 1024, file))),
                Err(source) => Err(Error::Open { name: self.name(), source }),
            },
        }
    }
}

/// How the input is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// One history a line, as JSON: `{carrier, tracking_number, scans: [{time, zone, code, text, city, …}]}`.
    JsonLines,
    /// One scan a row, under a header that names at least `carrier`, `tracking_number` and `time`.
    Csv,
}

/// One thing read.
#[derive(Debug)]
pub enum Item {
    /// A history, and the line it began on.
    History(u64, RawHistory),
    /// A line that can't be read.
    Bad(BadLine),
}

/// A line that can't be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadLine {
    /// Its number, from 1.
    pub line: u64,
    /// Why.
    pub reason: String,
    /// The line itself, as far as it was kept.
    pub raw: String,
}

/// Why an input can't be read at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It can't be opened.
    #[error("{name} can't be opened")]
    Open {
        /// Its name.
        name: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Reading broke off.
    #[error("reading {name} failed after line {line}")]
    Read {
        /// Its name.
        name: String,
        /// The last line read.
        line: u64,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The CSV has no header that names what is needed.
    #[error(
        "{name} has no usable header: {missing} is missing; it must name at least carrier, tracking_number and time, and may name zone, code, text, city, region, postal, country"
    )]
    Header {
        /// Its name.
        name: String,
        /// The first column missing.
        missing: &'static str,
    },
}

/// Reads an input to its end and hands every item to `take`, until that returns `false`. Blocking.
///
/// Without a form, it is told from the file's ending, else from the first byte: `{` begins JSON.
///
/// # Errors
/// When the input as a whole can't be read.
pub fn read(input: &Input, form: Option<Form>, take: impl FnMut(Item) -> bool) -> Result<(), Error> {
    let mut reader = input.open()?;
    let name = input.name();
    let form = match form.or_else(|| input.form()) {
        Some(form) => form,
        None => sniff(&mut reader).map_err(|source| Error::Read { name: name.clone(), line: 0, source })?,
    };
    match form {
        Form::JsonLines => jsonl::read(reader, &name, take),
        Form::Csv => csv_rows::read(reader, &name, take),
    }
}

fn sniff(reader: &mut impl BufRead) -> io::Result<Form> {
    let start = reader.fill_buf()?;
    let text = start.strip_prefix(lines::BYTE_ORDER_MARK).unwrap_or(start);
    let first = text.iter().find(|b| !b.is_ascii_whitespace());
    // An empty input is an empty list of histories, not a CSV without a header.
    Ok(if first.is_none_or(|b| *b == b'{') { Form::JsonLines } else { Form::Csv })
}

#[cfg(test)]
mod tests;
