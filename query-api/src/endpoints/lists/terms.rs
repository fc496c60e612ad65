//! What a list is asked for, read from the query string.

use auth::Customers;
use http_api::Problem;
use shipment_events::{CustomerId, Date, Phone, Status};
use tracking_view::{PhoneKey, ShipmentRow, normal_tracking_number};
use view_store::{DayRange, ListQuery};

/// Shipments in one answer, when nothing is said.
const USUAL: usize = 50;
/// Shipments in one answer at most.
pub(super) const MOST: usize = 200;
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
    /// Whether the days come from the caller.
    days_given: bool,
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
                    once(&mut key, &name, Key::Customer(CustomerId::new(text("customer", &value)?)))?;
                }
                "phone" => once(&mut key, &name, Key::Phone(phone(&value)?))?,
                "tracking_number" => once(&mut key, &name, Key::TrackingNumber(number(&value)?))?,
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
        let days_given = from.is_some() || to.is_some();
        let days = days(from, to, today)?;
        Ok(Self { key, days, days_given, limit: limit.unwrap_or(USUAL), cursor })
    }

    /// The customer that it is asked for.
    pub(super) fn customer(&self) -> Option<&CustomerId> {
        match &self.key {
            Some(Key::Customer(customer)) => Some(customer),
            _ => None,
        }
    }

    /// Whether others' shipments are in the list, too, so that it can't be handed out page by page.
    pub(super) fn is_shared(&self, seen: &Customers) -> bool {
        matches!((&self.key, seen), (Some(Key::TrackingNumber(_)), Customers::Only(_)))
    }

    /// Whether it is asked for by a telephone number.
    pub(super) fn names_a_phone(&self) -> bool {
        matches!(self.key, Some(Key::Phone(_)))
    }

    /// The list in the database. A cursor tells where a page ended, and so of a shipment in the list: who may not see every
    /// shipment gets pages of a list that has no others, that of a customer of theirs.
    pub(super) fn list(&self, phones: &PhoneKey, seen: &Customers) -> Result<ListQuery, Problem> {
        Ok(match (&self.key, seen) {
            (Some(Key::Customer(customer)), _) => ListQuery::Customer(customer.clone(), self.days),
            // Short: it is read whole, and has no cursor.
            (Some(Key::TrackingNumber(number)), _) => ListQuery::TrackingNumber(number.clone()),
            (_, Customers::Only(customers)) => {
                let mut customers = customers.iter();
                let (Some(customer), None) = (customers.next(), customers.next()) else {
                    let detail = "these credentials are for several customers, or for none: name one of them";
                    return Err(Problem::invalid_parameter("customer", detail));
                };
                ListQuery::Customer(CustomerId::new(customer.clone()), self.days)
            }
            (None, Customers::All) => ListQuery::Day(self.days),
            (Some(Key::Status(status)), Customers::All) => ListQuery::Status(*status, self.days),
            (Some(Key::Phone(phone)), Customers::All) => ListQuery::Phone(phones.hash(phone), self.days),
        })
    }

    /// Whether a row of the list was asked for. A customer's list may stand in for another, whose key is then held against its
    /// rows. The list of a tracking number is short and knows no days: they are held against its rows, and where none are
    /// given, all are wanted.
    pub(super) fn wants(&self, row: &ShipmentRow) -> bool {
        match &self.key {
            None | Some(Key::Customer(_)) => true,
            Some(Key::Status(status)) => row.status == Some(*status),
            Some(Key::Phone(phone)) => {
                row.recipient.as_ref().is_some_and(|recipient| recipient.phone.as_ref() == Some(phone))
            }
            Some(Key::TrackingNumber(_)) => {
                !self.days_given || row.registered_at.is_some_and(|at| self.days.contains(at))
            }
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
    match text.chars().count() {
        1..=128 => Ok(text.to_owned()),
        _ => Err(Problem::invalid_parameter(name, "it has 1 to 128 characters")),
    }
}

fn number(given: &str) -> Result<String, Problem> {
    let number = text("tracking_number", given)?;
    if normal_tracking_number(&number).is_empty() {
        let detail = "a tracking number has more than blanks and hyphens";
        return Err(Problem::invalid_parameter("tracking_number", detail));
    }
    Ok(number)
}

/// An unescaped `+` in a query string reads as a space.
fn phone(text: &str) -> Result<Phone, Problem> {
    let digits = text.strip_prefix(['+', ' ']).unwrap_or(text);
    if (10..=13).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(Phone::new(format!("+{digits}")));
    }
    Err(Problem::invalid_parameter("phone", "a telephone number is + and 10 to 13 digits (E.164)"))
}

fn day(name: &'static str, text: &str) -> Result<Date, Problem> {
    let day = Date::parse(text).ok();
    // Parsing also takes 2026-1-5, and years of any length.
    let plain = day.filter(|day| day.to_string() == text && text.len() == 10 && !text.starts_with('-'));
    plain.ok_or_else(|| Problem::invalid_parameter(name, "a day is written YYYY-MM-DD"))
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
    fn days_are_31_unless_told_and_both_ends_count() {
        let of = |query| {
            let DayRange { from, to } = read(query).unwrap().days;
            (from.to_string(), to.to_string())
        };
        let days = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        assert_eq!(of("to=2026-01-31"), days("2026-01-01", "2026-01-31"));
        assert_eq!(of("from=2026-11-20"), days("2026-11-20", "2026-11-24"));
        assert_eq!(of("from=2027-01-01"), days("2027-01-01", "2027-01-01"));
        assert_eq!(of("from=2024-01-01&to=2024-12-31"), days("2024-01-01", "2024-12-31"));
        assert_eq!(read("from=2024-01-01&to=2025-01-01").unwrap_err().status(), 400);
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
            "phone=%2B%2B4915112345678",
            "customer=",
            "tracking_number=",
            "tracking_number=%20-",
            "from=2026-13-01",
            "from=2026-1-5",
            "to=%2B12026-01-01",
            "to=-001-01-01",
        ];
        for bad in bad {
            assert_eq!(read(bad).unwrap_err().status(), 400, "{bad}");
        }
    }
}
