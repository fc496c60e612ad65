//! One scan a row.

use std::io::BufRead;

use csv::{ByteRecord, ReaderBuilder, StringRecord};

use super::grouping::Grouping;
use super::{BadLine, Error, Item};
use crate::RawScan;

/// Where each column stands, if it is there.
struct Columns {
    count: usize,
    carrier: usize,
    tracking_number: usize,
    time: usize,
    rest: [Option<usize>; 7],
}

const REST: [&str; 7] = ["zone", "code", "text", "city", "region", "postal", "country"];

pub(super) fn read(
    reader: impl BufRead,
    name: &str,
    mut take: impl FnMut(Item) -> bool,
) -> Result<(), Error> {
    let mut rows = ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(reader);
    let columns = match rows.headers() {
        Ok(header) => {
            Columns::of(header).map_err(|missing| Error::Header { name: name.to_owned(), missing })?
        }
        Err(e) => return Err(broken(name, 0, e)),
    };
    let mut grouping = Grouping::default();
    let mut record = ByteRecord::new();
    loop {
        let line = rows.position().line();
        match rows.read_byte_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(e) if e.is_io_error() => return Err(broken(name, line, e)),
            Err(e) => {
                if !take(Item::Bad(BadLine { line, reason: e.to_string(), raw: String::new() })) {
                    return Ok(());
                }
                continue;
            }
        }
        let line = record.position().map_or(line, csv::Position::line);
        match columns.scan(&record) {
            Ok((carrier, number, scan)) => {
                for (line, history) in grouping.add(line, carrier, number, scan) {
                    if !take(Item::History(line, history)) {
                        return Ok(());
                    }
                }
            }
            Err(reason) => {
                let fields: Vec<_> = record.iter().map(String::from_utf8_lossy).collect();
                if !take(Item::Bad(BadLine { line, reason, raw: fields.join(",") })) {
                    return Ok(());
                }
            }
        }
    }
    for (line, history) in grouping.rest() {
        if !take(Item::History(line, history)) {
            break;
        }
    }
    Ok(())
}

fn broken(name: &str, line: u64, error: csv::Error) -> Error {
    let source = match error.into_kind() {
        csv::ErrorKind::Io(e) => e,
        other => std::io::Error::new(std::io::ErrorKind::InvalidData, format!("{other:?}")),
    };
    Error::Read { name: name.to_owned(), line, source }
}

impl Columns {
    fn of(header: &StringRecord) -> Result<Self, &'static str> {
        // Excel begins its CSV with a byte order mark.
        let place = |wanted: &str| {
            header
                .iter()
                .position(|name| name.trim_start_matches('\u{feff}').trim().eq_ignore_ascii_case(wanted))
        };
        Ok(Self {
            count: header.len(),
            carrier: place("carrier").ok_or("carrier")?,
            tracking_number: place("tracking_number").ok_or("tracking_number")?,
            time: place("time").ok_or("time")?,
            rest: REST.map(place),
        })
    }

    fn scan(&self, record: &ByteRecord) -> Result<(String, String, RawScan), String> {
        if record.len() > self.count {
            let (found, named) = (record.len(), self.count);
            return Err(format!(
                "{found} fields where the header names {named}: is one with a comma not in quotes?"
            ));
        }
        // What was meant as more rows must not become one scan's text.
        if record.iter().any(|field| field.contains(&b'\n')) {
            return Err("a field goes over more than one line: is a quote not closed?".to_owned());
        }
        let field = |at: usize, name: &str| match record.get(at) {
            None | Some([]) => Ok(None),
            Some(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Ok(Some(text.to_owned())),
                Err(_) => Err(format!("the `{name}` isn't UTF-8")),
            },
        };
        let must = |at, name: &str| field(at, name)?.ok_or_else(|| format!("the `{name}` is blank"));
        let (carrier, number) =
            (must(self.carrier, "carrier")?, must(self.tracking_number, "tracking_number")?);
        let time = field(self.time, "time")?;
        let mut rest = [const { None }; 7];
        for (n, at) in self.rest.iter().enumerate() {
            if let Some(at) = at {
                rest[n] = field(*at, REST[n])?;
            }
        }
        let [zone, code, text, city, region, postal, country] = rest;
        Ok((carrier, number, RawScan { time, zone, code, text, city, region, postal, country }))
    }
}
