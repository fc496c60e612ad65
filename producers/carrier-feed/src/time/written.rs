//! What the text of a time says, before any zone is applied.

use chrono::{Datelike, Duration, NaiveDate, Weekday};
use shipment_events::Timestamp;

use super::{
    Clues, Error, names,
    zone::{self, Zone},
};

mod tokens;

use tokens::{Token, tokens};

/// A time as it is written.
#[derive(Clone, PartialEq, Debug)]
pub enum Written {
    /// A count since 1970: needs no zone.
    Instant(Timestamp),
    /// A day on somebody's calendar.
    Local {
        /// The day.
        date: WrittenDate,
        /// Time since midnight, where a clock time is written.
        clock: Option<Duration>,
        /// Morning or afternoon, where that is all there is.
        half: Option<Half>,
        /// The zone, where the text itself names one.
        zone: Option<Zone>,
    },
}

/// A day as it is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WrittenDate {
    /// Year, month and day are told apart.
    Plain {
        /// The year, if it is written.
        year: Option<i32>,
        /// 1 to 12.
        month: u32,
        /// 1 to 31.
        day: u32,
        /// The weekday, if it is written.
        weekday: Option<Weekday>,
    },
    /// Two small numbers, of which either may be the month.
    Ambiguous {
        /// The year.
        year: i32,
        /// The number written first.
        first: u32,
        /// The number written second.
        second: u32,
        /// Whether the clock beside it says AM or PM, as they do where the month comes first.
        twelve_hours: bool,
    },
}

impl WrittenDate {
    /// The day itself; `None` when there is no such day.
    pub fn on_calendar(self, clues: &Clues) -> Option<NaiveDate> {
        match self {
            Self::Plain { year: Some(year), month, day, .. } => NaiveDate::from_ymd_opt(year, month, day),
            Self::Plain { year: None, month, day, weekday } => latest(month, day, weekday, clues.reference),
            Self::Ambiguous { year, first, second, .. } => {
                let (month, day) = clues.order.month_and_day(first, second);
                NaiveDate::from_ymd_opt(year, month, day)
                    .or_else(|| NaiveDate::from_ymd_opt(year, day, month))
            }
        }
        .filter(|day| (1980..2100).contains(&day.year()))
    }
}

/// The latest such day that isn't after the reference (a day of grace for clocks east of it). Weekdays come round
/// within 11 years, and for February 29 within 40.
fn latest(month: u32, day: u32, weekday: Option<Weekday>, reference: NaiveDate) -> Option<NaiveDate> {
    let years = (reference.year() - 40..=reference.year()).rev();
    years
        .filter_map(|year| NaiveDate::from_ymd_opt(year, month, day))
        .filter(|date| *date <= reference + Duration::days(1))
        .find(|date| weekday.is_none_or(|w| date.weekday() == w))
}

/// Before or after noon.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Half {
    /// Midnight to noon.
    Morning,
    /// Noon to midnight.
    Afternoon,
}

impl Half {
    /// When it begins, from midnight.
    pub fn start(self) -> Duration {
        Duration::hours(if self == Self::Morning { 0 } else { 12 })
    }

    fn of(word: &str) -> Option<Self> {
        match word {
            "am" | "오전" | "上午" => Some(Self::Morning),
            "pm" | "오후" | "下午" => Some(Self::Afternoon),
            _ => None,
        }
    }
}

/// Tells what a text says.
///
/// # Errors
/// When a part of it is unknown, or it names no day.
pub fn parse(text: &str) -> Result<Written, Error> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(Error::Missing);
    }
    if let Some(instant) = unix(trimmed) {
        return Ok(Written::Instant(instant));
    }
    let tokens = tokens(trimmed);
    let mut reader =
        Reader { tokens: &tokens, at: 0, date: None, clock: None, half: None, zone: None, weekday: None };
    while reader.at < tokens.len() {
        reader.part().ok_or_else(|| Error::UnknownPart {
            text: text.to_owned(),
            part: tokens[reader.at].to_string(),
        })?;
    }
    let Reader { date, clock, half, zone, weekday, .. } = reader;
    let date = match date.ok_or_else(|| Error::NoDay { text: text.to_owned() })? {
        WrittenDate::Plain { year, month, day, .. } => WrittenDate::Plain { year, month, day, weekday },
        WrittenDate::Ambiguous { year, first, second, .. } => {
            WrittenDate::Ambiguous { year, first, second, twelve_hours: half.is_some() }
        }
    };
    let clock = match clock {
        Some(clock) => {
            Some(clock.since_midnight(half).ok_or_else(|| Error::Impossible { text: text.to_owned() })?)
        }
        None => None,
    };
    Ok(Written::Local { date, clock, half, zone })
}

/// Ten digits are seconds since 1970 (2001 to 2286), thirteen are milliseconds.
fn unix(text: &str) -> Option<Timestamp> {
    let number: i64 = text.parse().ok()?;
    match text.len() {
        10 => Some(Timestamp::from_millis(number * 1000)),
        13 => Some(Timestamp::from_millis(number)),
        _ => None,
    }
}

#[derive(Clone, Copy)]
struct Clock {
    hour: i64,
    minute: i64,
    second: i64,
    millis: i64,
}

impl Clock {
    /// AM and PM are heeded up to 12 o'clock; "23:15 PM" is what it says.
    fn since_midnight(self, half: Option<Half>) -> Option<Duration> {
        let hour = match (half, self.hour) {
            (Some(Half::Morning), 12) => 0,
            (Some(Half::Afternoon), hour @ 0..12) => hour + 12,
            (_, hour) => hour,
        };
        // 24:00 is the end of the day, and a leap second is as good as the second before it.
        if hour > 24 || (hour == 24 && self.minute + self.second > 0) || self.minute > 59 || self.second > 60
        {
            return None;
        }
        Some(Duration::milliseconds(
            ((hour * 60 + self.minute) * 60 + self.second.min(59)) * 1000 + self.millis,
        ))
    }
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    date: Option<WrittenDate>,
    clock: Option<Clock>,
    half: Option<Half>,
    zone: Option<Zone>,
    weekday: Option<Weekday>,
}

impl Reader<'_> {
    /// Takes the next part; `None` when it means nothing.
    fn part(&mut self) -> Option<()> {
        let rest = &self.tokens[self.at..];
        let taken = match rest {
            // Offsets stand after the clock, and only there; before it a dash parts numbers.
            [Token::Sign('+' | '-'), ..] if self.clock.is_some() => self.offset(rest)?,
            [Token::Sign(' ' | ',' | '(' | ')' | '-' | '/' | '.'), ..] => 1,
            [Token::Word(word), ..] => return self.word(&word.clone()),
            [Token::Number(_), Token::Sign(':'), Token::Number(_), ..] if self.clock.is_none() => {
                self.clock(rest)?
            }
            [Token::Number(digits), ..]
                if self.date.is_some() && self.clock.is_none() && digits.len() >= 4 =>
            {
                self.packed_clock(digits)?
            }
            [Token::Number(_), ..] if self.date.is_none() => self.date(rest)?,
            _ => return None,
        };
        self.at += taken;
        Some(())
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let rest = &self.tokens[self.at + 1..];
        if let (None, Some(month)) = (self.date, names::month(word)) {
            // "May 26, 2017", "Mar 14 2014", "October 15"
            if let Some((digits, after)) = next_number(rest) {
                let day = small(digits)?;
                let year = next_number(&rest[after..])
                    .filter(|(digits, end)| digits.len() == 4 && !is_clock(&rest[after..], *end));
                self.date = Some(WrittenDate::Plain {
                    year: year.and_then(|(digits, _)| digits.parse().ok()),
                    month,
                    day,
                    weekday: None,
                });
                self.at += 1 + after + year.map_or(0, |(_, end)| end);
                return Some(());
            }
        }
        if let Some(half) = Half::of(word) {
            self.half = Some(half);
        } else if let Some(day) = names::weekday(word) {
            self.weekday = Some(day);
        } else if word == "t" || word == "uhr" || word == "h" || word == "at" || word == "um" {
            // Stands between day and clock, or after the clock.
        } else {
            let zone = Zone::parse(word, None)?;
            self.zone = Some(zone);
        }
        self.at += 1;
        Some(())
    }

    fn clock(&mut self, rest: &[Token]) -> Option<usize> {
        let [Token::Number(hour), _, Token::Number(minute), rest @ ..] = rest else { return None };
        let mut clock =
            Clock { hour: i64::from(small(hour)?), minute: i64::from(small(minute)?), second: 0, millis: 0 };
        let mut taken = 3;
        if let [Token::Sign(':'), Token::Number(second), rest @ ..] = rest {
            clock.second = i64::from(small(second)?);
            taken += 2;
            if let [Token::Sign('.' | ','), Token::Number(fraction), ..] = rest {
                clock.millis = format!("{fraction:0<3}")[..3].parse().ok()?;
                taken += 2;
            }
        }
        self.clock = Some(clock);
        Some(taken)
    }

    /// `0841` or `164300`, after the day.
    fn packed_clock(&mut self, digits: &str) -> Option<usize> {
        let pair = |n: usize| digits.get(n..n + 2).and_then(|d| d.parse::<i64>().ok());
        if !matches!(digits.len(), 4 | 6) {
            return None;
        }
        self.clock =
            Some(Clock { hour: pair(0)?, minute: pair(2)?, second: pair(4).unwrap_or(0), millis: 0 });
        Some(1)
    }

    fn offset(&mut self, rest: &[Token]) -> Option<usize> {
        let [Token::Sign(sign), Token::Number(digits), after @ ..] = rest else { return None };
        let (hours, minutes, taken) = match (digits.len(), after) {
            (2, [Token::Sign(':'), Token::Number(minutes), ..]) => (digits.as_str(), minutes.as_str(), 4),
            (1 | 2, _) => (digits.as_str(), "0", 2),
            (4, _) => (&digits[..2], &digits[2..], 2),
            _ => return None,
        };
        self.zone = Some(Zone::Offset(zone::offset(&format!("{sign}{hours}:{minutes:0>2}"))?));
        Some(taken)
    }

    fn date(&mut self, rest: &[Token]) -> Option<usize> {
        let (date, taken) = match rest {
            // 2018-07-31, 2018/7/31, 2016.11.22, 2018年7月31日
            [
                Token::Number(year),
                Token::Sign(a),
                Token::Number(month),
                Token::Sign(b),
                Token::Number(day),
                ..,
            ] if year.len() == 4 && a == b => (plain(year.parse().ok()?, small(month)?, small(day)?), 5),
            [
                Token::Number(first),
                Token::Sign(a @ ('-' | '/' | '.')),
                Token::Number(second),
                Token::Sign(b),
                Token::Number(y),
                ..,
            ] if a == b => {
                let (year, first, second) = (year(y)?, small(first)?, small(second)?);
                // With dots the day always comes first.
                let date = if *a == '.' {
                    plain(year, second, first)
                } else {
                    WrittenDate::Ambiguous { year, first, second, twelve_hours: false }
                };
                (date, 5)
            }
            // 12-Jan-2017, 12 January 2017, 02 May 17
            [Token::Number(day), ..] if day.len() <= 2 => {
                let (word, at) = next_word(&rest[1..])?;
                let month = names::month(word)?;
                let day = small(day)?;
                match next_number(&rest[1 + at..]) {
                    Some((digits, end)) if !is_clock(&rest[1 + at..], end) => {
                        (plain(year(digits)?, month, day), 1 + at + end)
                    }
                    _ => (WrittenDate::Plain { year: None, month, day, weekday: None }, 1 + at),
                }
            }
            // 20180731
            [Token::Number(digits), ..] if digits.len() == 8 => {
                (plain(digits[..4].parse().ok()?, small(&digits[4..6])?, small(&digits[6..])?), 1)
            }
            // 20180731164300
            [Token::Number(digits), ..] if matches!(digits.len(), 12 | 14) => {
                self.packed_clock(&digits[8..])?;
                (plain(digits[..4].parse().ok()?, small(&digits[4..6])?, small(&digits[6..8])?), 1)
            }
            _ => return None,
        };
        self.date = Some(date);
        Some(taken)
    }
}

fn plain(year: i32, month: u32, day: u32) -> WrittenDate {
    WrittenDate::Plain { year: Some(year), month, day, weekday: None }
}

/// One or two digits.
fn small(digits: &str) -> Option<u32> {
    if digits.len() > 2 { None } else { digits.parse().ok() }
}

/// Two digits are a year from 1969 to 2068, as in POSIX.
fn year(digits: &str) -> Option<i32> {
    let number: i32 = digits.parse().ok()?;
    match digits.len() {
        2 if number < 69 => Some(number + 2000),
        2 => Some(number + 1900),
        4 => Some(number),
        _ => None,
    }
}

/// The next number past separators, and where it ends.
fn next_number(tokens: &[Token]) -> Option<(&str, usize)> {
    let at = tokens.iter().position(|t| !matches!(t, Token::Sign(' ' | ',' | '-' | '.' | '/')))?;
    match &tokens[at] {
        Token::Number(digits) => Some((digits, at + 1)),
        _ => None,
    }
}

/// The next word past separators, and where it ends.
fn next_word(tokens: &[Token]) -> Option<(&str, usize)> {
    let at = tokens.iter().position(|t| !matches!(t, Token::Sign(' ' | ',' | '-' | '.' | '/')))?;
    match &tokens[at] {
        Token::Word(word) => Some((word, at + 1)),
        _ => None,
    }
}

/// Whether the number that ends there goes on as a clock time.
fn is_clock(tokens: &[Token], end: usize) -> bool {
    tokens.get(end) == Some(&Token::Sign(':'))
}
