//! Which clock a time was read from.

use chrono::{LocalResult, NaiveDateTime, Offset, TimeZone};
use chrono_tz::Tz;

/// A zone, as far as it is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Zone {
    /// Seconds east of UTC.
    Offset(i32),
    /// A place's civil time, with its summer time.
    Named(Tz),
}

/// Abbreviations that name a fixed offset, in minutes. `EST` is taken at its word even in summer: carriers that write
/// it all year (Canada Post) do so because their clock doesn't change.
const FIXED: &[(&str, i32)] = &[
    ("z", 0),
    ("utc", 0),
    ("gmt", 0),
    ("wet", 0),
    ("nst", -210),
    ("ndt", -150),
    ("ast", -240),
    ("adt", -180),
    ("est", -300),
    ("edt", -240),
    ("cst", -360),
    ("cdt", -300),
    ("mst", -420),
    ("mdt", -360),
    ("pst", -480),
    ("pdt", -420),
    ("akst", -540),
    ("akdt", -480),
    ("hst", -600),
    ("brt", -180),
    ("art", -180),
    ("clt", -240),
    ("cot", -300),
    ("pet", -300),
    ("bst", 60),
    ("west", 60),
    ("cet", 60),
    ("mez", 60),
    ("cest", 120),
    ("mesz", 120),
    ("eet", 120),
    ("eest", 180),
    ("sast", 120),
    ("msk", 180),
    ("trt", 180),
    ("gst", 240),
    ("pkt", 300),
    ("ist", 330),
    ("ict", 420),
    ("wib", 420),
    ("wita", 480),
    ("wit", 540),
    ("sgt", 480),
    ("myt", 480),
    ("pht", 480),
    ("hkt", 480),
    ("awst", 480),
    ("jst", 540),
    ("kst", 540),
    ("acst", 570),
    ("acdt", 630),
    ("aest", 600),
    ("aedt", 660),
    ("nzst", 720),
    ("nzdt", 780),
];

/// Abbreviations that leave summer time to the calendar.
const CIVIL: &[(&str, Tz)] = &[
    ("et", Tz::America__New_York),
    ("ct", Tz::America__Chicago),
    ("mt", Tz::America__Denver),
    ("pt", Tz::America__Los_Angeles),
    ("akt", Tz::America__Anchorage),
];

impl Zone {
    /// Reads `+08:00`, `+0800`, `-05`, `Z`, `EST`, `ET` or `America/New_York`. `None` for `local`, nothing, or what
    /// we don't know. `local` is the zone of the place, if known: it decides between China's CST and Chicago's.
    pub fn parse(text: &str, local: Option<Tz>) -> Option<Self> {
        let text = text.trim();
        if let Some(seconds) = offset(text) {
            return Some(Self::Offset(seconds));
        }
        let lower = text.to_lowercase();
        if lower == "cst" && local == Some(Tz::Asia__Shanghai) {
            return Some(Self::Named(Tz::Asia__Shanghai));
        }
        let fixed =
            FIXED.iter().find(|(name, _)| *name == lower).map(|(_, minutes)| Self::Offset(minutes * 60));
        let civil = || CIVIL.iter().find(|(name, _)| *name == lower).map(|(_, tz)| Self::Named(*tz));
        // chrono-tz knows "Cuba" and "Japan" too; only names of the area/place form are meant as zones here.
        let place = || text.contains('/').then(|| named(text)).flatten().map(Self::Named);
        fixed.or_else(civil).or_else(place)
    }

    /// Seconds east of UTC at this time on that clock. An hour that comes twice is the first one; an hour that summer
    /// time skips is read on the clock before it.
    pub fn offset_at(self, local: NaiveDateTime) -> i32 {
        match self {
            Self::Offset(seconds) => seconds,
            Self::Named(tz) => match tz.offset_from_local_datetime(&local) {
                LocalResult::Single(offset) | LocalResult::Ambiguous(offset, _) => {
                    offset.fix().local_minus_utc()
                }
                LocalResult::None => {
                    let before = local - chrono::Duration::hours(3);
                    tz.offset_from_local_datetime(&before).earliest().map_or(0, |o| o.fix().local_minus_utc())
                }
            },
        }
    }
}

fn named(text: &str) -> Option<Tz> {
    chrono_tz::TZ_VARIANTS.iter().copied().find(|tz| tz.name().eq_ignore_ascii_case(text))
}

/// `+02:00`, `-0530`, `+2`: seconds east of UTC, of what can be a zone.
pub(super) fn offset(text: &str) -> Option<i32> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let digits = digits.replace(':', "");
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes): (i32, i32) = match digits.len() {
        1 | 2 => (digits.parse().ok()?, 0),
        3 => (digits[..1].parse().ok()?, digits[1..].parse().ok()?),
        4 => (digits[..2].parse().ok()?, digits[2..].parse().ok()?),
        _ => return None,
    };
    (hours <= 18 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}
