//! A scan is a fact: kept whatever order it comes in.

use std::collections::BTreeSet;

use shipment_domain::{CommandBody, RecordScan, decide, limits};
use shipment_events::{EventBody, Shipment, Status};

use crate::given::{
    World, accepted, amend, archive, cancel, command, event_of, expecting, hour, register, retract, scan,
    scan_of, verdict,
};

#[test]
fn a_scan_is_kept_at_any_time() {
    let table = [
        ("before registration", vec![], Status::PickedUp),
        ("after registration", vec![register()], Status::PickedUp),
        ("after cancellation", vec![register(), cancel()], Status::PickedUp),
        ("after delivery", vec![register(), scan(Status::Delivered, 1)], Status::Delivered),
        ("after archival", vec![register(), archive()], Status::PickedUp),
    ];
    for (case, given, stands) in table {
        let mut world = World::given(given);
        assert_eq!(verdict(&world.when(&command(99, scan(Status::PickedUp, 0)))), "accepted", "{case}");
        assert_eq!(world.state().status(), Some(stands), "{case}");
        assert!(world.state().scans.iter().any(|s| s.event_id == event_of(99)), "{case}");
    }
}

#[test]
fn every_status_is_reached_by_commands() {
    let mut reached: BTreeSet<_> = Status::ALL
        .into_iter()
        .filter(|s| s.can_be_scanned())
        .filter_map(|s| World::given([register(), scan(s, 1)]).state().status())
        .collect();
    assert_eq!(reached.len(), 18);
    reached.extend(World::given([register()]).state().status());
    assert_eq!(reached, BTreeSet::from(Status::ALL));
    assert_eq!(World::given([register(), cancel()]).state().status(), Some(Status::Cancelled));
}

#[test]
fn the_same_scan_is_recorded_once_for_ever() {
    let mut world = World::given([register(), scan(Status::PickedUp, 1)]);
    for n in 10..90 {
        assert_eq!(verdict(&world.when(&command(n, scan(Status::InTransit, n as i64)))), "accepted");
    }
    let repeat = world.when(&command(99, scan(Status::PickedUp, 1)));
    assert_eq!((repeat.outcome, repeat.events.len(), repeat.snapshot), (accepted(2, 0), 0, None));
}

#[test]
fn a_repeated_scan_is_accepted_whatever_else_would_refuse_it() {
    let mut world = World::given([register(), scan(Status::PickedUp, 1), retract(2), cancel(), archive()]);
    for again in [command(2, scan(Status::PickedUp, 1)), expecting(1, command(77, scan(Status::PickedUp, 1)))]
    {
        assert_eq!(world.when(&again).outcome, accepted(2, 0));
    }
    assert!(world.state().scans[0].retracted, "what was retracted stays retracted");
}

#[test]
fn a_scan_under_the_id_of_another_command_is_refused() {
    let table = [
        ("another scan's", vec![scan(Status::PickedUp, 1)], command(1, scan(Status::Lost, 9))),
        ("the registration's", vec![register()], command(1, scan(Status::Lost, 9))),
        ("an amendment's", vec![register(), amend()], command(2, scan(Status::Lost, 9))),
        ("a request under a scan's", vec![scan(Status::Lost, 1)], command(1, register())),
    ];
    for (case, given, when) in table {
        let mut world = World::given(given);
        let before = world.state();
        assert_eq!(verdict(&world.when(&when)), "PT-1015", "{case}");
        assert_eq!(world.state(), before, "{case}");
    }
}

#[test]
fn a_shipment_takes_so_many_scans_and_no_more() {
    let mut state = Shipment::default();
    for n in 0..limits::SCANS as i64 {
        state =
            decide(&state, &command(n as u128, scan(Status::InTransit, n)), hour(n)).unwrap().after.unwrap();
    }
    let one_more = command(5_000, scan(Status::Delivered, 5_000));
    assert_eq!(decide(&state, &one_more, hour(0)).unwrap_err().code(), "PT-1009");
    let known = decide(&state, &command(5_000, scan(Status::InTransit, 7)), hour(0)).unwrap();
    assert_eq!((known.version.get(), known.events.len()), (8, 0), "one already known is no more");
    let retracted = decide(&state, &command(5_001, retract(3)), hour(0)).unwrap().after.unwrap();
    assert_eq!(
        decide(&retracted, &one_more, hour(0)).unwrap_err().code(),
        "PT-1009",
        "the retracted ones count"
    );
}

#[test]
fn a_scan_from_the_future_is_kept_and_flagged() {
    for (at_hour, flagged) in [(24 + 1, false), (24 + 2, true), (365 * 24, true)] {
        let mut world = World::default();
        let event = world.when(&command(1, scan(Status::Exception, at_hour))).events.remove(0);
        let EventBody::ScanRecorded(body) = &event.body else { panic!("{event:?}") };
        assert_eq!(body.from_the_future, flagged, "{at_hour}");
        assert_eq!(event.occurred_at, hour(at_hour), "what the carrier said is kept");
        assert_eq!(event.status_since, if flagged { hour(1) } else { hour(at_hour) });
    }
}

#[test]
fn what_a_carrier_wrote_is_kept_as_it_came() {
    let mut odd = scan_of(Status::Exception, hour(1));
    odd.raw_text = Some(" \u{7}배송완료\r\n".into());
    odd.raw_code = Some(String::new());
    odd.tracking_number = Some("ET 123456789 AU".into());
    let body = CommandBody::RecordScan(RecordScan { scan: odd.clone() });
    let event = World::default().when(&command(1, body)).events.remove(0);
    let EventBody::ScanRecorded(kept) = event.body else { panic!("no scan") };
    assert_eq!(kept.scan, odd);
}
