//! How far along a parcel is, as a few stages that everybody understands.

use shipment_events::Status;

/// A stage on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Registered,
    Collected,
    OnItsWay,
    OutForDelivery,
    ReadyForCollection,
    Delivered,
    Returning,
    Returned,
    Cancelled,
    Expired,
    Disposed,
}

/// The stages of a parcel, and which of them it has reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stages {
    pub(crate) all: &'static [Stage],
    /// The place of the one where it is.
    pub(crate) now: usize,
}

const OUT: &[Stage] =
    &[Stage::Registered, Stage::Collected, Stage::OnItsWay, Stage::OutForDelivery, Stage::Delivered];
const TO_COLLECT: &[Stage] =
    &[Stage::Registered, Stage::Collected, Stage::OnItsWay, Stage::ReadyForCollection, Stage::Delivered];
const BACK: &[Stage] =
    &[Stage::Registered, Stage::Collected, Stage::OnItsWay, Stage::Returning, Stage::Returned];
const CALLED_OFF: &[Stage] = &[Stage::Registered, Stage::Cancelled];
const RUN_OUT: &[Stage] = &[Stage::Registered, Stage::Expired];
const GIVEN_UP: &[Stage] = &[Stage::Registered, Stage::Collected, Stage::OnItsWay, Stage::Disposed];

impl Stages {
    /// Of a parcel with this status, after these.
    pub(crate) fn of(status: Status, before: impl IntoIterator<Item = Status>) -> Self {
        let (all, now) = match status {
            Status::Registered | Status::InfoReceived => (OUT, 0),
            Status::PickedUp => (OUT, 1),
            Status::InTransit | Status::Customs => (OUT, 2),
            Status::OutForDelivery | Status::AttemptFailed => (OUT, 3),
            Status::AvailableForPickup => (TO_COLLECT, 3),
            Status::Delivered => (OUT, 4),
            Status::Returning => (BACK, 3),
            Status::Returned => (BACK, 4),
            Status::Cancelled => (CALLED_OFF, 1),
            Status::Expired => (RUN_OUT, 1),
            Status::Disposed => (GIVEN_UP, 3),
            // These may happen anywhere on the way: it is as far as it had come.
            Status::Delayed | Status::OnHold | Status::Exception | Status::Damaged | Status::Lost => {
                (OUT, before.into_iter().map(reached).max().unwrap_or(0).max(1))
            }
        };
        Self { all, now }
    }
}

/// How far on the way out a step shows a parcel to have come.
const fn reached(status: Status) -> usize {
    match status {
        Status::PickedUp => 1,
        Status::InTransit | Status::Customs => 2,
        Status::OutForDelivery | Status::AttemptFailed | Status::AvailableForPickup => 3,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_is_at_some_stage() {
        for status in Status::ALL {
            let stages = Stages::of(status, []);
            assert!(stages.now < stages.all.len(), "{status}");
            let is_last = stages.now + 1 == stages.all.len();
            assert_eq!(is_last, status.is_final(), "{status}");
        }
    }

    #[test]
    fn trouble_is_where_the_parcel_had_come() {
        let now = |before: &[Status]| Stages::of(Status::Exception, before.iter().copied()).now;
        assert_eq!(now(&[]), 1);
        assert_eq!(now(&[Status::PickedUp]), 1);
        assert_eq!(now(&[Status::OutForDelivery, Status::InTransit, Status::PickedUp]), 3);
    }
}
