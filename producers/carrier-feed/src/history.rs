//! Reads a history: every scan's time, place and meaning.

use chrono::NaiveDate;
use shipment_events::Scan;

use crate::mapping::{Mapping, Meaning};
use crate::time::{Clues, DateOrder, Precision};
use crate::{RawHistory, place, time};

/// A history, read.
#[derive(Debug)]
pub struct History {
    /// The scans that could be read, in the order the source gave them.
    pub scans: Vec<ReadScan>,
    /// Those that could not.
    pub unread: Vec<UnreadScan>,
}

/// A scan, read.
#[derive(Debug)]
pub struct ReadScan {
    /// Its position in the history, from 0.
    pub position: usize,
    /// What it says.
    pub scan: Scan,
    /// Which rule gave its status.
    pub meaning: Meaning,
    /// How much of the clock its time gave.
    pub precision: Precision,
}

/// A scan whose time can't be read, so that it has no place in a history.
#[derive(Debug)]
pub struct UnreadScan {
    /// Its position in the history, from 0.
    pub position: usize,
    /// Why.
    pub reason: time::Error,
}

impl History {
    /// Reads a history. No scan can be later than `today`: that picks the year of a date without one, unless other
    /// scans of the history tell it.
    pub fn read(raw: &RawHistory, mapping: &Mapping, today: NaiveDate) -> Self {
        let times = || raw.scans.iter().filter_map(|s| s.time.as_deref());
        let order = DateOrder::of_history(times(), mapping.date_order(&raw.carrier));
        let clues = Clues { order, local: None, reference: today };
        let reference = times().filter_map(|t| dated(t, clues)).max().unwrap_or(today).min(today);
        let clues = Clues { reference, ..clues };

        let mut history = Self { scans: Vec::with_capacity(raw.scans.len()), unread: Vec::new() };
        for position in 0..raw.scans.len() {
            match read_scan(raw, position, mapping, clues) {
                Ok(scan) => history.scans.push(scan),
                Err(reason) => history.unread.push(UnreadScan { position, reason }),
            }
        }
        history
    }
}

/// The day of a time that names its year.
fn dated(text: &str, clues: Clues) -> Option<NaiveDate> {
    match time::written::parse(text).ok()? {
        time::Written::Instant(at) => Some(at.to_datetime().date_naive()),
        time::Written::Local { date: time::WrittenDate::Plain { year: None, .. }, .. } => None,
        time::Written::Local { date, .. } => date.on_calendar(&clues),
    }
}

fn read_scan(
    raw: &RawHistory,
    position: usize,
    mapping: &Mapping,
    clues: Clues,
) -> Result<ReadScan, time::Error> {
    let scan = &raw.scans[position];
    let local = place::zone_of(scan, mapping.home(&raw.carrier)).or_else(|| mapping.zone(&raw.carrier));
    let text = scan.time.as_deref().ok_or(time::Error::Missing)?;
    let time::Reading { time, precision } =
        time::read(text, scan.zone.as_deref(), &Clues { local, ..clues })?;
    let meaning = mapping.meaning(&raw.carrier, scan.code.as_deref(), scan.text.as_deref());
    let scan = Scan {
        time,
        status: meaning.status,
        place: place::of_scan(scan),
        carrier: raw.carrier.clone(),
        tracking_number: Some(raw.tracking_number.clone()),
        raw_code: scan.code.clone(),
        raw_text: scan.text.clone(),
        carrier_scan_id: None,
        // The sources have blanked their signatures, and where they have not, it is none of our business.
        signed_by: None,
    };
    Ok(ReadScan { position, scan, meaning, precision })
}

#[cfg(test)]
mod tests;
