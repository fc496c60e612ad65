//! Reads the times of carriers, of which there are about as many shapes as carriers.
//!
//! Reading goes in three steps, each pure: [`written`] tells what the text says (a day, perhaps a clock time, perhaps
//! a zone), [`zone`] tells which clock it was, and [`read`] puts the two together.
//!
//! What a text leaves open is filled in by rules, never by guessing anew each time, so that the same file always
//! gives the same times: a day without a clock time is its first minute; `AM` alone is the day's first minute and `PM`
//! alone its noon; a day without a year is the latest such day (and weekday) that isn't after the reference.

pub mod date_order;
mod names;
pub mod written;
pub mod zone;

use chrono::{Duration, NaiveDate, NaiveDateTime};
use shipment_events::{ScanTime, Timestamp};

pub use date_order::DateOrder;
pub use written::{Written, WrittenDate};
pub use zone::Zone;

/// What helps to read a time besides its own text.
#[derive(Clone, Copy, Debug)]
pub struct Clues {
    /// Whether 3/4 is the third of April or the fourth of March.
    pub order: DateOrder,
    /// The zone of the place or the carrier, used where the source names none.
    pub local: Option<chrono_tz::Tz>,
    /// No scan is later than this day; it picks the year where none is written.
    pub reference: NaiveDate,
}

/// How much of the clock the text gave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Precision {
    /// Hours and minutes at least.
    Clock,
    /// Morning or afternoon.
    HalfDay,
    /// The day alone.
    Day,
}

/// A scan's time, read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reading {
    /// The moment and its offset.
    pub time: ScanTime,
    /// How much of the clock was given.
    pub precision: Precision,
}

/// Why a time can't be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    /// There is no text.
    #[error("the scan has no time")]
    Missing,
    /// A part of it is neither number, name, sign nor zone that we know.
    #[error("`{part}` in the time `{text}` means nothing to us")]
    UnknownPart {
        /// The whole text.
        text: String,
        /// The part.
        part: String,
    },
    /// It names no day.
    #[error("the time `{text}` names no day")]
    NoDay {
        /// The whole text.
        text: String,
    },
    /// Its numbers make no day or clock time, such as February 30.
    #[error("the time `{text}` is not on the calendar or the clock")]
    Impossible {
        /// The whole text.
        text: String,
    },
}

/// Reads a time. `zone` is what the source says about it, beside the text.
///
/// # Errors
/// When the text is in no shape known here, or names a day that doesn't exist.
pub fn read(text: &str, zone: Option<&str>, clues: &Clues) -> Result<Reading, Error> {
    let written = written::parse(text)?;
    let (local, precision, own_zone) = match written {
        Written::Instant(at) => {
            return Ok(Reading { time: ScanTime::utc(at), precision: Precision::Clock });
        }
        Written::Local { date, clock, half, zone } => {
            let day = date.on_calendar(clues).ok_or_else(|| Error::Impossible { text: text.to_owned() })?;
            let (since_midnight, precision) = match (clock, half) {
                (Some(clock), _) => (clock, Precision::Clock),
                (None, Some(half)) => (half.start(), Precision::HalfDay),
                (None, None) => (Duration::zero(), Precision::Day),
            };
            let midnight = day.and_time(chrono::NaiveTime::MIN);
            (midnight + since_midnight, precision, zone)
        }
    };
    let zone = own_zone.or_else(|| zone.and_then(|z| Zone::parse(z, clues.local)));
    let zone = zone.or(clues.local.map(Zone::Named));
    Ok(Reading { time: on_clock(local, zone), precision })
}

fn on_clock(local: NaiveDateTime, zone: Option<Zone>) -> ScanTime {
    let offset = zone.map(|zone| zone.offset_at(local));
    let utc = local - Duration::seconds(i64::from(offset.unwrap_or(0)));
    ScanTime { at: Timestamp::from(utc.and_utc()), offset_seconds: offset }
}

#[cfg(test)]
mod tests;
