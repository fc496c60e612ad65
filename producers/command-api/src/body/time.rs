//! Times and days as text.

use chrono::DateTime;
use serde::de::{Deserialize, Deserializer, Error};
use shipment_events::{Date, ScanTime, Timestamp};

/// A moment in RFC 3339.
pub(crate) struct Moment(pub(crate) Timestamp);

/// A day, `YYYY-MM-DD`.
pub(crate) struct Day(pub(crate) Date);

/// A moment in RFC 3339 whose offset counts as well: the clock on the carrier's wall.
pub(crate) struct LocalTime(pub(crate) ScanTime);

const MOMENT: &str = "must be a time in RFC 3339 with its offset, such as `2026-11-24T09:30:00+01:00`";
const DAY: &str = "must be a day, such as `2026-11-24`";

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Timestamp::parse_rfc3339(&text).map(Self).map_err(|_| D::Error::custom(MOMENT))
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // chrono also takes years of other lengths and signs.
        let plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let day = if plain { Date::parse(&text).ok() } else { None };
        day.map(Self).ok_or_else(|| D::Error::custom(DAY))
    }
}

impl<'de> Deserialize<'de> for LocalTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time = DateTime::parse_from_rfc3339(&text).map_err(|_| D::Error::custom(MOMENT))?;
        // RFC 3339, 4.3: the moment is known, the local clock is not.
        let offset_seconds = (!text.ends_with("-00:00")).then(|| time.offset().local_minus_utc());
        Ok(Self(ScanTime { at: Timestamp::from_millis(time.timestamp_millis()), offset_seconds }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(text: &str) -> Option<(String, Option<i32>)> {
        let read: Result<LocalTime, _> = serde_json::from_value(text.into());
        read.ok().map(|LocalTime(time)| (time.at.to_string(), time.offset_seconds))
    }

    #[test]
    fn a_scans_offset_is_kept() {
        let utc = || "2026-11-24T08:30:00.250Z".to_owned();
        assert_eq!(local("2026-11-24T09:30:00.25+01:00"), Some((utc(), Some(3600))));
        assert_eq!(local("2026-11-24T08:30:00.25Z"), Some((utc(), Some(0))));
        assert_eq!(local("2026-11-24T08:30:00.25-00:00"), Some((utc(), None)));
    }

    #[test]
    fn what_is_no_time_says_what_one_looks_like() {
        for bad in ["2026-11-24", "2026-11-24T09:30:00", "yesterday", "", "2026-13-01T00:00:00Z"] {
            assert_eq!(local(bad), None, "{bad}");
            assert!(serde_json::from_value::<Moment>(bad.into()).is_err(), "{bad}");
        }
        let error = serde_json::from_value::<Moment>("soon".into()).err().unwrap().to_string();
        assert!(error.contains("RFC 3339"), "{error}");
    }

    #[test]
    fn a_day_is_ten_characters() {
        let day =
            |text: &str| serde_json::from_value::<Day>(text.into()).ok().map(|Day(day)| day.to_string());
        assert_eq!(day("2026-11-24").as_deref(), Some("2026-11-24"));
        for bad in ["2026-1-2", "24.11.2026", "2026-02-30", "+2026-11-4", "2026-11-24T00:00:00Z"] {
            assert_eq!(day(bad), None, "{bad}");
        }
    }
}
