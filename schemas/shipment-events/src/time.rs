//! Moments and days, as Avro's `timestamp-millis` and `date` keep them.

use std::fmt;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, SecondsFormat, TimeZone, Utc};
use serde::{Deserialize, Serialize};

/// A moment: milliseconds since 1970-01-01T00:00:00Z. Shown as RFC 3339 in UTC.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Wraps milliseconds since the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The UTC day this moment falls on; days beyond [`Date`]'s range are cut to its ends.
    pub const fn date(self) -> Date {
        let days = self.0.div_euclid(86_400_000);
        if days > i32::MAX as i64 {
            Date(i32::MAX)
        } else if days < i32::MIN as i64 {
            Date(i32::MIN)
        } else {
            Date(days as i32)
        }
    }

    /// As chrono's type; moments beyond its range are cut to its ends.
    pub fn to_datetime(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or(if self.0 < 0 {
            DateTime::<Utc>::MIN_UTC
        } else {
            DateTime::<Utc>::MAX_UTC
        })
    }

    /// Reads RFC 3339 with any offset; finer parts than a millisecond are cut.
    ///
    /// # Errors
    /// When the text isn't RFC 3339.
    pub fn parse_rfc3339(text: &str) -> Result<Self, chrono::ParseError> {
        DateTime::parse_from_rfc3339(text).map(|t| Self(t.timestamp_millis()))
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(t: DateTime<Utc>) -> Self {
        Self(t.timestamp_millis())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_datetime().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({self})")
    }
}

/// A calendar day: days since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Date(i32);

impl Date {
    /// Wraps days since the epoch.
    pub const fn from_days(days: i32) -> Self {
        Self(days)
    }

    /// Days since the epoch.
    pub const fn as_days(self) -> i32 {
        self.0
    }

    /// As chrono's type; days beyond its range are cut to its ends.
    pub fn to_naive(self) -> NaiveDate {
        NaiveDate::from_epoch_days(self.0).unwrap_or(if self.0 < 0 { NaiveDate::MIN } else { NaiveDate::MAX })
    }

    /// Reads `YYYY-MM-DD`.
    ///
    /// # Errors
    /// When the text isn't such a day.
    pub fn parse(text: &str) -> Result<Self, chrono::ParseError> {
        NaiveDate::parse_from_str(text, "%Y-%m-%d").map(Self::from)
    }
}

impl From<NaiveDate> for Date {
    fn from(day: NaiveDate) -> Self {
        Self(day.num_days_from_ce() - 719_163)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_naive().fmt(f)
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Date({self})")
    }
}

/// When a scan happened: the moment, and the offset from UTC that the carrier's clock showed, where it said one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct ScanTime {
    /// The moment.
    pub at: Timestamp,
    /// Seconds east of UTC; `None` when the source gave no zone (then `at` was read as UTC).
    pub offset_seconds: Option<i32>,
}

impl ScanTime {
    /// A moment told in UTC.
    pub const fn utc(at: Timestamp) -> Self {
        Self { at, offset_seconds: Some(0) }
    }

    /// RFC 3339 on the scan's own clock, to the millisecond where it has one; in UTC when its offset is unknown.
    pub fn to_local_rfc3339(self) -> String {
        let utc = self.at.to_datetime().naive_utc();
        // At the ends of chrono's range there may be no such moment on the local clock.
        let offset = self
            .offset_seconds
            .and_then(FixedOffset::east_opt)
            .filter(|offset| utc.checked_add_offset(*offset).is_some());
        match offset {
            Some(offset) => offset.from_utc_datetime(&utc).to_rfc3339_opts(SecondsFormat::AutoSi, false),
            None => self.at.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_in_utc_and_read_back() {
        let t = Timestamp::parse_rfc3339("2026-03-01T01:30:00.25+02:00").unwrap();
        assert_eq!(t.to_string(), "2026-02-28T23:30:00.250Z");
        assert_eq!(Timestamp::parse_rfc3339(&t.to_string()).unwrap(), t);
        assert_eq!(t.date().to_string(), "2026-02-28");
    }

    #[test]
    fn a_day_goes_there_and_back() {
        for text in ["1969-12-31", "1970-01-01", "2026-11-24", "2000-02-29"] {
            assert_eq!(Date::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_scan_keeps_its_own_clock() {
        let at = Timestamp::parse_rfc3339("2026-03-01T01:30:00+02:00").unwrap();
        let scan = ScanTime { at, offset_seconds: Some(7200) };
        assert_eq!(scan.to_local_rfc3339(), "2026-03-01T01:30:00+02:00");
        let at = Timestamp::from_millis(at.as_millis() + 250);
        assert_eq!(
            ScanTime { at, offset_seconds: Some(7200) }.to_local_rfc3339(),
            "2026-03-01T01:30:00.250+02:00"
        );
        assert_eq!(ScanTime { at, offset_seconds: None }.to_local_rfc3339(), "2026-02-28T23:30:00.250Z");
        let no_clock_shows_it = ScanTime { at, offset_seconds: Some(i32::MAX) };
        assert_eq!(no_clock_shows_it.to_local_rfc3339(), "2026-02-28T23:30:00.250Z");
    }

    #[test]
    fn whatever_number_history_holds_can_be_shown() {
        for millis in [i64::MIN, -1, 0, i64::MAX] {
            let at = Timestamp::from_millis(millis);
            assert!(!at.to_string().is_empty() && !at.date().to_string().is_empty());
            for offset_seconds in [None, Some(64_800), Some(-64_800), Some(i32::MIN)] {
                assert!(!ScanTime { at, offset_seconds }.to_local_rfc3339().is_empty());
            }
        }
        for days in [i32::MIN, -1, 0, i32::MAX] {
            assert!(!Date::from_days(days).to_string().is_empty());
        }
        assert_eq!(Timestamp::from_millis(-1).date().as_days(), -1);
        assert_eq!(Timestamp::from_millis(i64::MAX).date().as_days(), i32::MAX);
        assert_eq!(Timestamp::from_millis(i64::MIN).date().as_days(), i32::MIN);
    }
}
