//! Whether 3/4 is the third of April or the fourth of March.

use chrono::NaiveDate;
use serde::Deserialize;

use super::written::{Written, WrittenDate, parse};

/// The order of two small numbers in a date.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
pub enum DateOrder {
    /// The day comes first.
    #[serde(rename = "dmy")]
    DayMonth,
    /// The month comes first.
    #[serde(rename = "mdy")]
    MonthDay,
}

impl DateOrder {
    /// Tells month and day apart.
    pub const fn month_and_day(self, first: u32, second: u32) -> (u32, u32) {
        match self {
            Self::DayMonth => (second, first),
            Self::MonthDay => (first, second),
        }
    }

    /// Decides for a whole shipment, from the times of all its scans:
    ///
    /// 1. a number above 12 settles it;
    /// 2. else what the carrier is known to write;
    /// 3. else AM or PM beside it means that the month comes first;
    /// 4. else the order that spreads the scans over fewer days, if the other spreads them over more than a season;
    /// 5. else the day comes first, as it does for most of the world.
    pub fn of_history<'a>(times: impl Iterator<Item = &'a str>, carrier: Option<Self>) -> Self {
        let mut dates = Vec::new();
        for time in times {
            if let Ok(Written::Local {
                date: WrittenDate::Ambiguous { year, first, second, twelve_hours },
                ..
            }) = parse(time)
            {
                dates.push((year, first, second, twelve_hours));
            }
        }
        let above_twelve = dates.iter().find_map(|(_, first, second, _)| match (*first > 12, *second > 12) {
            (true, false) => Some(Self::DayMonth),
            (false, true) => Some(Self::MonthDay),
            _ => None,
        });
        let twelve_hours = || dates.iter().any(|d| d.3).then_some(Self::MonthDay);
        above_twelve.or(carrier).or_else(twelve_hours).or_else(|| by_spread(&dates)).unwrap_or(Self::DayMonth)
    }
}

/// A parcel that would take more than this many days by one reading, and fewer by the other, took fewer.
const SEASON: i64 = 92;

fn by_spread(dates: &[(i32, u32, u32, bool)]) -> Option<DateOrder> {
    let spread = |order: DateOrder| {
        let days = dates.iter().filter_map(|(year, first, second, _)| {
            let (month, day) = order.month_and_day(*first, *second);
            NaiveDate::from_ymd_opt(*year, month, day)
        });
        let (low, high) =
            days.fold((NaiveDate::MAX, NaiveDate::MIN), |(low, high), d| (low.min(d), high.max(d)));
        (high >= low).then(|| (high - low).num_days())
    };
    let (day_first, month_first) = (spread(DateOrder::DayMonth)?, spread(DateOrder::MonthDay)?);
    if day_first.max(month_first) <= SEASON {
        return None;
    }
    match day_first.cmp(&month_first) {
        std::cmp::Ordering::Less => Some(DateOrder::DayMonth),
        std::cmp::Ordering::Greater => Some(DateOrder::MonthDay),
        std::cmp::Ordering::Equal => None,
    }
}
