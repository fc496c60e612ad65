//! What a list is asked for, read from the query string.

use http_api::Problem;
use shipment_events::{CustomerId, Date, Phone, Status};
use tracking_view::PhoneKey;
use view_store::{DayRange, ListQuery};

/// Shipments in one answer, when nothing is said.
const USUAL: usize = 50;
/// Shipments in one answer at most.
const MOST: usize = 200;
/// Days of registration that are listed, when nothing is said.
const USUAL_DAYS: i32 = 31;
/// Days at most.
const MOST_DAYS: i32 = 366;

/// What is allowed, for whoever asks for something else.
const ALLOWED: &str = "a list takes at most one of status, customer, phone, tracking_number, and besides from, to \
                       (YYYY-MM-DD, days of registration), limit and cursor, each once";

/// The list's key: at most one.
#[derive(Debug, PartialEq, Eq)]
enum Key {
    Status(Status),
    Customer(CustomerId),
    Phone(Phone),
    TrackingNumber(String),
}

/// What a list is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Terms {
    key: Option<Key>,
    days: DayRange,
    pub(super) limit: usize,
    pub(super) cursor: Option<String>,
}

impl Terms {
    /// Reads a query string; `today` ends the list unless `to` does.
    pub(super) fn read(query: &str, today: Date) -> Result<Self, Problem> {
        let (mut key, mut from, mut to, mut limit, mut cursor) = (None, None, None, None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "status" => once(&mut key, &name, Key::Status(status(&value)?))?,
                "customer" => {
                    once(&mut key, &name, Key::Customer(CustomerId::new(text("customer", &value)?)))?
                }
                "phone" => once(&mut key, &name, Key::Phone(phone(&value)?))?,
                "tracking_number" => {
                    once(&mut key, &name, Key::TrackingNumber(text("tracking_number", &value)?))?
                }
                "from" => once(&mut from, &name, day("from", &value)?)?,
                "to" => once(&mut to, &name, day("to", &value)?)?,
                "limit" => once(&mut limit, &name, count(&value)?)?,
                "cursor" => once(&mut cursor, &name, value.into_owned())?,
                other => {
                    return Err(Problem::invalid_parameter(
                        other,
                        format!("there is no parameter {other}: {ALLOWED}"),
                    ));
                }
            }
        }
        let days = days(from, to, today)?;
        Ok(Self { key, days, limit: limit.unwrap_or(USUAL), cursor })
    }

    /// The list in the database.
    pub(super) fn query(self, phones: &PhoneKey) -> ListQuery {
        match self.key {
            None => ListQuery::Day(self.days),
            Some(Key::Status(status)) => ListQuery::Status(status, self.days),
            Some(Key::Customer(customer)) => ListQuery::Customer(customer, self.days),
            Some(Key::Phone(phone)) => ListQuery::Phone(phones.hash(&phone), self.days),
            Some(Key::TrackingNumber(number)) => ListQuery::TrackingNumber(number),
        }
    }
}

fn once<T>(slot: &mut Option<T>, name: &str, value: T) -> Result<(), Problem> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(Problem::invalid_parameter(name, ALLOWED)),
    }
}

fn status(text: &str) -> Result<Status, Problem> {
    text.parse().map_err(|error: shipment_events::UnknownStatus| {
        Problem::invalid_parameter("status", error.to_string())
    })
}

fn text(name: &'static str, text: &str) -> Result<String, Problem> {
    match text.len() {
        1..=128 => Ok(text.to_owned()),
        _ => Err(Problem::invalid_parameter(name, "it has 1 to 128 bytes")),
    }
}

/// An unescaped `+` in a query string reads as a space.
fn phone(text: &str) -> Result<Phone, Problem> {
    let digits = text.trim_start_matches([' ', '+']);
    if (10..=13).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(Phone::new(format!("+{digits}")));
    }
    Err(Problem::invalid_parameter("phone", "a telephone number is + and 10 to 13 digits (E.164)"))
}

fn day(name: &'static str, text: &str) -> Result<Date, Problem> {
    Date::parse(text).map_err(|_| Problem::invalid_parameter(name, "a day is written YYYY-MM-DD"))
}

fn count(text: &str) -> Result<usize, Problem> {
    let count = text.parse().ok().filter(|n| (1..=MOST).contains(n));
    count.ok_or_else(|| Problem::invalid_parameter("limit", format!("limit is from 1 to {MOST}")))
}

fn days(from: Option<Date>, to: Option<Date>, today: Date) -> Result<DayRange, Problem> {
    let back = |day: Date, days: i32| Date::from_days(day.as_days() - (days - 1));
    let to = to.unwrap_or_else(|| from.map_or(today, |from| today.max(from)));
    let from = from.unwrap_or_else(|| back(to, USUAL_DAYS));
    let span = to.as_days() - from.as_days() + 1;
    if span < 1 {
        return Err(Problem::invalid_parameter("from", format!("from ({from}) is after to ({to})")));
    }
    if span > MOST_DAYS {
        let detail = format!("{from} to {to} is {span} days; a list covers at most {MOST_DAYS}");
        return Err(Problem::invalid_parameter("from", detail));
    }
    Ok(DayRange { from, to })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> Date {
        Date::parse("2026-11-24").unwrap()
    }

    fn read(query: &str) -> Result<Terms, Problem> {
        Terms::read(query, today())
    }

    #[test]
    fn nothing_said_is_the_last_31_days() {
        let terms = read("").unwrap();
        assert_eq!(terms.days, DayRange { from: Date::parse("2026-10-25").unwrap(), to: today() });
        assert_eq!((terms.limit, terms.key), (USUAL, None));
    }

    #[test]
    fn one_key_and_days() {
        let terms = read("status=delivered&from=2026-01-01&to=2026-12-31&limit=200").unwrap();
        assert_eq!(terms.key, Some(Key::Status(Status::Delivered)));
        assert_eq!(terms.limit, 200);
        for spelling in ["phone=%2B4915112345678", "phone=+4915112345678", "phone=4915112345678"] {
            assert_eq!(
                read(spelling).unwrap().key,
                Some(Key::Phone(Phone::new("+4915112345678"))),
                "{spelling}"
            );
        }
    }

    #[test]
    fn anything_else_says_what_is_allowed() {
        for bad in ["page=2", "status=delivered&customer=c", "status=lost&status=lost", "sort=asc"] {
            let said = read(bad).unwrap_err().to_json()["detail"].as_str().unwrap().to_owned();
            assert!(
                said.contains("at most one of status, customer, phone, tracking_number"),
                "{bad}: {said}"
            );
        }
        let bad = [
            "limit=0",
            "limit=201",
            "limit=x",
            "from=yesterday",
            "from=2026-02-01&to=2026-01-01",
            "status=gone",
            "from=2025-01-01&to=2026-06-01",
            "phone=123",
            "customer=",
            "from=2026-13-01",
        ];
        for bad in bad {
            assert_eq!(read(bad).unwrap_err().status(), 400, "{bad}");
        }
    }
}
