//! The day that was promised, and how that stands.

use chrono::NaiveDate;
use shipment_events::{Class, Status};

/// How a promise stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Promise {
    /// The day is still to come, in so many days; 0 is today.
    Due(u64),
    /// It has passed, so many days ago.
    Late(u64),
    /// Delivered by then.
    Kept,
    /// Delivered so many days after it.
    Broken(u64),
    /// The parcel won't come, or has turned back.
    Void,
}

impl Promise {
    /// A promise for `day`, of a parcel that stands at `status` since `since`; the days are those where it is.
    pub(crate) fn of(day: NaiveDate, status: Status, since: NaiveDate, today: NaiveDate) -> Self {
        let after = |other: NaiveDate| (other - day).num_days();
        match status.class() {
            Class::Delivered if after(since) > 0 => Self::Broken(after(since).unsigned_abs()),
            Class::Delivered => Self::Kept,
            Class::Returning | Class::Returned | Class::Disposed | Class::CalledOff => Self::Void,
            Class::Registered | Class::Announced | Class::Moving if after(today) > 0 => {
                Self::Late(after(today).unsigned_abs())
            }
            Class::Registered | Class::Announced | Class::Moving => Self::Due(after(today).unsigned_abs()),
        }
    }

    /// Whether it was not kept, or can't be.
    pub(crate) const fn is_late(self) -> bool {
        matches!(self, Self::Late(_) | Self::Broken(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_is_late_from_the_day_after_on() {
        let of = |status, since: &str, today: &str| {
            let day = |text: &str| text.parse().unwrap();
            Promise::of(day("2026-03-10"), status, day(since), day(today))
        };
        for (status, since, today, stands) in [
            (Status::InTransit, "2026-03-08", "2026-03-07", Promise::Due(3)),
            (Status::InTransit, "2026-03-08", "2026-03-10", Promise::Due(0)),
            (Status::InTransit, "2026-03-08", "2026-03-11", Promise::Late(1)),
            (Status::Registered, "2026-03-01", "2026-03-15", Promise::Late(5)),
            (Status::Delivered, "2026-03-10", "2026-04-01", Promise::Kept),
            (Status::Delivered, "2026-03-02", "2026-03-02", Promise::Kept),
            (Status::Delivered, "2026-03-12", "2026-04-01", Promise::Broken(2)),
            (Status::Returned, "2026-03-12", "2026-04-01", Promise::Void),
            (Status::Cancelled, "2026-03-02", "2026-04-01", Promise::Void),
        ] {
            assert_eq!(of(status, since, today), stands, "{status} {since} {today}");
        }
    }
}
