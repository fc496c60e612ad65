//! The status function.

use std::collections::BTreeSet;

use proptest::prelude::*;
use shipment_events::{
    Class, Shipment, Standing, Status, Timestamp, effective_time, evolve, fold, is_from_the_future, status_of,
};

use crate::arbitrary;
use crate::examples::EXAMPLES;
use crate::given::{HOUR, cancelled, event, event_id, history, hour, registered, scanned};

#[test]
fn every_example_comes_out_as_published() {
    for example in &EXAMPLES {
        let said =
            (1..).zip(example.said).map(|(n, &(at, status))| Standing::new(status, hour(at), event_id(n)));
        let stands = status_of(said).unwrap();
        assert_eq!((stands.status, stands.since), (example.stands, hour(example.since)), "{}", example.title);
    }
}

#[test]
fn every_status_is_reached() {
    let mut reached: BTreeSet<Status> = Status::ALL
        .into_iter()
        .filter(|status| status.can_be_scanned())
        .filter_map(|status| fold(&history([registered(), scanned(status, hour(0))])).status())
        .collect();
    assert_eq!(reached.len(), 18, "a scan alone, or beside the registration, sets the status it says");
    reached.extend(fold(&history([registered()])).status());
    assert_eq!(reached, BTreeSet::from(Status::ALL));
    assert_eq!(fold(&history([registered(), cancelled()])).status(), Some(Status::Cancelled));
}

#[test]
fn class_and_rank_name_one_status() {
    let places: BTreeSet<(Class, u8)> = Status::ALL.into_iter().map(|s| (s.class(), s.rank())).collect();
    assert_eq!(places.len(), Status::ALL.len(), "else the event id would decide between two statuses");
    assert!(
        Status::ALL.is_sorted_by_key(|s| (s.class(), s.rank())),
        "the table is published in its own order"
    );
    assert!(Class::ALL.is_sorted());
}

#[test]
fn a_status_has_one_name_everywhere() {
    for status in Status::ALL {
        assert_eq!(status.as_str().parse(), Ok(status));
        assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
    }
    let unknown = "Delivered".parse::<Status>().unwrap_err().to_string();
    assert!(
        unknown.starts_with("`Delivered` is no status; the statuses are registered, info_received,"),
        "{unknown}"
    );
}

#[test]
fn a_time_more_than_a_day_ahead_is_not_believed() {
    let table = [
        (23 * HOUR, false),
        (24 * HOUR, false),
        (24 * HOUR + 1, true),
        (i64::MAX - hour(0).as_millis(), true),
    ];
    for (ahead, expected) in table {
        let at = Timestamp::from_millis(hour(0).as_millis() + ahead);
        assert_eq!(is_from_the_future(at, hour(0)), expected, "{ahead} ms ahead");
        assert_eq!(effective_time(at, hour(0)), if expected { hour(0) } else { at });
    }
    assert!(!is_from_the_future(Timestamp::from_millis(i64::MAX), Timestamp::from_millis(i64::MAX)));
}

#[test]
fn a_scan_from_the_future_does_not_hide_the_scans_after_it() {
    // A clock a year ahead, read on Monday at 1; the parcel moves on at 30.
    let wrong = event(1, hour(1), scanned(Status::Exception, hour(365 * 24)));
    let right = event(2, hour(31), scanned(Status::OutForDelivery, hour(30)));
    let shipment = evolve(evolve(Shipment::default(), &wrong), &right);
    assert_eq!(shipment.status(), Some(Status::OutForDelivery));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_arrival_order_of_the_same_scans_gives_the_same_status(
        (scans, other) in proptest::collection::vec((arbitrary::status(), 0..14 * 24 * 60_i64), 1..20)
            .prop_flat_map(|scans| (Just(scans.clone()), Just(scans).prop_shuffle()))
    ) {
        // Minutes in March, all recorded in April in the order of arrival, so that no time is in the future.
        let arrive = |scans: &[(Status, i64)]| {
            let minute = |m: i64| Timestamp::from_millis(hour(0).as_millis() + m * 60_000);
            let events: Vec<_> = (1..)
                .zip(scans)
                .map(|(n, &(status, at))| event(n, hour(24 * 30 + n), scanned(status, minute(at))))
                .collect();
            fold(&events).standing().map(|s| (s.status, s.since))
        };
        prop_assert_eq!(arrive(&scans), arrive(&other));
    }

    #[test]
    fn saying_it_again_changes_nothing(said in proptest::collection::vec((arbitrary::status(), arbitrary::moment()), 1..20)) {
        let said: Vec<_> = (1..).zip(said).map(|(n, (s, at))| Standing::new(s, at, event_id(n))).collect();
        prop_assert_eq!(status_of(said.clone()), status_of(said.iter().chain(&said).copied()));
    }

    #[test]
    fn a_weaker_class_changes_nothing_whatever_its_time(
        strong in arbitrary::status(), weak in arbitrary::status(), at in arbitrary::moment(), then in arbitrary::moment(),
    ) {
        prop_assume!(weak.class() < strong.class());
        let said = [Standing::new(strong, at, event_id(1)), Standing::new(weak, then, event_id(2))];
        prop_assert_eq!(status_of(said).map(|s| s.status), Some(strong));
    }
}
