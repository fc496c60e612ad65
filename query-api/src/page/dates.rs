//! Days and times as people of a language write them, on the clock of the place.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Offset, Timelike};

use super::Language;

/// A moment on the clock of where it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment(DateTime<FixedOffset>);

impl Moment {
    /// Of RFC 3339; none where no calendar has it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(Self)
    }

    /// As `<time datetime>` has it.
    pub(crate) fn machine(self) -> String {
        self.0.format("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    /// The day there.
    pub(crate) fn day(self) -> NaiveDate {
        self.0.date_naive()
    }

    /// The time there: `08:15`, which all of our languages read.
    pub(crate) fn time(self) -> String {
        format!("{:02}:{:02}", self.0.hour(), self.0.minute())
    }

    /// How that clock is set: `UTC+1`, `UTC−3:30`.
    pub(crate) fn zone(self) -> String {
        let minutes = self.0.offset().fix().local_minus_utc() / 60;
        let (sign, hours, rest) =
            (if minutes < 0 { '−' } else { '+' }, minutes.abs() / 60, minutes.abs() % 60);
        match (hours, rest) {
            (0, 0) => "UTC".to_owned(),
            (_, 0) => format!("UTC{sign}{hours}"),
            _ => format!("UTC{sign}{hours}:{rest:02}"),
        }
    }

    /// How far that clock is from UTC.
    pub(crate) fn offset(self) -> FixedOffset {
        *self.0.offset()
    }
}

/// A day with its weekday, in full.
pub(crate) fn day(day: NaiveDate, language: Language) -> String {
    let calendar = &language.texts().calendar;
    let weekday = calendar.weekdays[day.weekday().num_days_from_monday() as usize];
    (calendar.day)(weekday, day.day(), calendar.months[day.month0() as usize], day.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_people_write_them() {
        let written = |text: &str| Language::ALL.map(|language| day(text.parse().unwrap(), language));
        assert_eq!(
            written("2026-03-01"),
            [
                "Sunday 1 March 2026",
                "dimanche 1er mars 2026",
                "domingo, 1 de marzo de 2026",
                "الأحد، 1 مارس 2026",
            ]
        );
        assert_eq!(
            written("2026-08-12"),
            [
                "Wednesday 12 August 2026",
                "mercredi 12 août 2026",
                "miércoles, 12 de agosto de 2026",
                "الأربعاء، 12 أغسطس 2026",
            ]
        );
    }

    #[test]
    fn a_time_is_that_of_its_own_place() {
        for (text, time, zone) in [
            ("2026-03-02T08:05:59+01:00", "08:05", "UTC+1"),
            ("2026-03-02T23:15:00-03:30", "23:15", "UTC−3:30"),
            ("2026-03-02T08:15:00Z", "08:15", "UTC"),
            ("2026-03-02T08:15:00.250+05:45", "08:15", "UTC+5:45"),
        ] {
            let moment = Moment::parse(text).unwrap();
            assert_eq!((moment.time(), moment.zone()), (time.to_owned(), zone.to_owned()), "{text}");
            assert_eq!(moment.day().to_string(), "2026-03-02");
        }
        let moment = Moment::parse("2026-03-02T08:05:59.250-04:00").unwrap();
        assert_eq!(moment.machine(), "2026-03-02T08:05:59-04:00");
        assert_eq!(Moment::parse("+262142-12-31T23:59:59Z"), None);
    }
}
