use shipment_events::{CustomerId, Date, Status, Timestamp};
use tracking_view::{Bucket, Month, PhoneHash, SHARDS, normal_tracking_number};

/// What to list. Each has its own table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ListQuery {
    /// Shipments under a tracking number, in any spelling.
    TrackingNumber(String),
    /// A customer's shipments, by registration.
    Customer(CustomerId, DayRange),
    /// Shipments to a telephone, by registration.
    Phone(PhoneHash, DayRange),
    /// Shipments at a status, by registration.
    Status(Status, DayRange),
    /// All shipments, by registration.
    Day(DayRange),
    /// Archived shipments, by archiving.
    Archive(DayRange),
}

/// Days, both ends included, in UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DayRange {
    /// The first.
    pub from: Date,
    /// The last.
    pub to: Date,
}

const DAY_MS: i64 = 86_400_000;

impl DayRange {
    /// Every day there is: for lists whose table doesn't need days.
    pub const ALL: Self = Self { from: Date::from_days(-719_162), to: Date::from_days(2_932_896) };

    /// Whether a moment lies in it.
    pub fn contains(self, at: Timestamp) -> bool {
        (self.from..=self.to).contains(&at.date())
    }

    /// The first moment after it.
    pub(crate) fn end(self) -> Timestamp {
        Timestamp::from_millis((i64::from(self.to.as_days()) + 1) * DAY_MS)
    }
}

impl ListQuery {
    pub(crate) const fn range(&self) -> DayRange {
        match self {
            Self::TrackingNumber(_) => DayRange::ALL,
            Self::Customer(_, range)
            | Self::Phone(_, range)
            | Self::Status(_, range)
            | Self::Day(range)
            | Self::Archive(range) => *range,
        }
    }

    /// The partitions to read, latest first, those of the same time together. Nothing after `until` is in them.
    pub(crate) fn groups(&self, until: Timestamp) -> Box<dyn Iterator<Item = Vec<Bucket>> + Send> {
        let range = self.range();
        let to = range.to.min(until.date());
        match self {
            Self::TrackingNumber(number) => {
                Box::new(std::iter::once(vec![Bucket::TrackingNumber(normal_tracking_number(number))]))
            }
            Self::Phone(hash, _) => Box::new(std::iter::once(vec![Bucket::Phone(*hash)])),
            Self::Customer(customer, _) => {
                let (customer, first) = (customer.clone(), Month::of_day(range.from));
                let months = std::iter::successors(Some(Month::of_day(to)), |month| Some(month.previous()))
                    .take_while(move |month| *month >= first);
                Box::new(months.map(move |month| vec![Bucket::Customer(customer.clone(), month)]))
            }
            Self::Status(status, _) => {
                let status = *status;
                sharded(range.from, to, move |day, shard| Bucket::Status(status, day, shard))
            }
            Self::Day(_) => sharded(range.from, to, Bucket::Day),
            Self::Archive(_) => sharded(range.from, to, Bucket::Archive),
        }
    }

    /// How many of the groups are read at once in the beginning. A month is often begun only just, and costs one read.
    pub(crate) const fn first_wave(&self) -> usize {
        if matches!(self, Self::Customer(..)) { 2 } else { 1 }
    }

    /// What a cursor must have been made for: the list and its key, not the days, which may move on between pages.
    pub(crate) fn fingerprint(&self) -> u64 {
        let text = match self {
            Self::TrackingNumber(number) => format!("number:{}", normal_tracking_number(number)),
            Self::Customer(customer, _) => format!("customer:{customer}"),
            Self::Phone(hash, _) => format!("phone:{:?}", hash.as_bytes()),
            Self::Status(status, _) => format!("status:{status}"),
            Self::Day(_) => "day".to_owned(),
            Self::Archive(_) => "archive".to_owned(),
        };
        text.bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}

fn sharded(
    from: Date,
    to: Date,
    bucket: impl Fn(Date, i32) -> Bucket + Send + 'static,
) -> Box<dyn Iterator<Item = Vec<Bucket>> + Send> {
    let days = (from.as_days()..=to.as_days()).rev().map(Date::from_days);
    Box::new(days.map(move |day| (0..SHARDS).map(|shard| bucket(day, shard)).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn days_are_read_latest_first_and_not_beyond_the_cursor() {
        let query = ListQuery::Day(DayRange { from: day("2026-01-01"), to: day("2026-01-10") });
        let until = Timestamp::parse_rfc3339("2026-01-02T12:00:00Z").unwrap();
        let groups: Vec<_> = query.groups(until).collect();
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[0][0], Bucket::Day(day("2026-01-02"), 0));
        assert_eq!(groups[1].len(), SHARDS as usize);
    }

    #[test]
    fn months_cover_the_days_asked_for() {
        let range = DayRange { from: day("2025-12-31"), to: day("2026-02-01") };
        let query = ListQuery::Customer(CustomerId::new("c"), range);
        assert_eq!(query.groups(range.end()).count(), 3);
    }

    #[test]
    fn a_cursor_belongs_to_a_list_and_its_key() {
        let range = DayRange::ALL;
        let later = DayRange { from: day("2026-01-01"), ..range };
        let of = |customer| ListQuery::Customer(CustomerId::new(customer), range).fingerprint();
        assert_ne!(of("a"), of("b"));
        assert_eq!(of("a"), ListQuery::Customer(CustomerId::new("a"), later).fingerprint());
    }
}
