use std::fmt;

use chrono::Datelike;
use shipment_events::{CustomerId, Date, Sequence, ShipmentId, Status, Timestamp};

use crate::PhoneHash;

/// Over how many partitions one day of a list is spread.
pub const SHARDS: i32 = 8;

/// Names one row of one table.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RowKey {
    /// The shipment itself.
    Shipment(ShipmentId),
    /// One event of its history.
    Event(ShipmentId, Sequence),
    /// One place where it is listed.
    Entry(ListEntry),
}

impl RowKey {
    /// Whose row it is.
    pub const fn shipment_id(&self) -> ShipmentId {
        match self {
            Self::Shipment(id) | Self::Event(id, _) => *id,
            Self::Entry(entry) => entry.shipment_id,
        }
    }
}

/// A shipment in a list: it holds keys and the id, and nothing to get out of date.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ListEntry {
    /// The partition of the list.
    pub bucket: Bucket,
    /// What the list is sorted by, latest first: the registration, or for the archive the archiving.
    pub at: Timestamp,
    /// The shipment.
    pub shipment_id: ShipmentId,
}

/// The lists. Each is a table of the same shape: a bucket, then `at` and the shipment's id, both falling.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum List {
    /// By tracking number.
    TrackingNumber,
    /// By customer and month of registration.
    Customer,
    /// By the recipient's telephone.
    Phone,
    /// By status and day of registration.
    Status,
    /// By day of registration.
    Day,
    /// By day of archiving.
    Archive,
}

impl List {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::TrackingNumber, Self::Customer, Self::Phone, Self::Status, Self::Day, Self::Archive];
}

/// The partition of a list.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Bucket {
    /// All shipments under one (normal) tracking number: carriers use them again after a year or two.
    TrackingNumber(String),
    /// A customer's shipments registered in a month.
    Customer(CustomerId, Month),
    /// All shipments to one telephone.
    Phone(PhoneHash),
    /// A part of those registered on a day that stand at a status.
    Status(Status, Date, i32),
    /// A part of those registered on a day.
    Day(Date, i32),
    /// A part of those archived on a day.
    Archive(Date, i32),
}

impl Bucket {
    /// The list it is of.
    pub const fn list(&self) -> List {
        match self {
            Self::TrackingNumber(_) => List::TrackingNumber,
            Self::Customer(..) => List::Customer,
            Self::Phone(_) => List::Phone,
            Self::Status(..) => List::Status,
            Self::Day(..) => List::Day,
            Self::Archive(..) => List::Archive,
        }
    }
}

/// A month of a year, as the number `yyyymm`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

impl Month {
    /// The month a moment falls in, in UTC.
    pub fn of(at: Timestamp) -> Self {
        Self::of_day(at.date())
    }

    /// The month of a day.
    pub fn of_day(day: Date) -> Self {
        let day = day.to_naive();
        Self(day.year() * 100 + day.month() as i32)
    }

    /// Wraps the number as the table has it.
    pub const fn from_number(number: i32) -> Self {
        Self(number)
    }

    /// The number for the table.
    pub const fn get(self) -> i32 {
        self.0
    }

    /// The month before.
    #[must_use]
    pub const fn previous(self) -> Self {
        if self.0.rem_euclid(100) == 1 { Self(self.0 - 89) } else { Self(self.0 - 1) }
    }
}

impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Month({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_follow_the_calendar() {
        let month = |day| Month::of_day(Date::parse(day).unwrap());
        assert_eq!(month("2026-11-24").get(), 202_611);
        assert_eq!(month("2026-01-31").previous(), month("2025-12-01"));
        assert_eq!(month("2026-03-31").previous(), month("2026-02-28"));
    }
}
