//! Given a history, when a request comes, then it is granted or a rule refuses it.

use shipment_domain::{AmendShipment, CommandBody, Rejection, ShipmentCommand, decide, limits};
use shipment_events::{EventBody, Outcome, Sequence, Shipment, Status};

use crate::given::{
    World, amend, amend_with, archive, cancel, command, event_of, expecting, hour, register, retract, scan,
    verdict,
};

/// A command of somebody whose credentials are for these customers.
fn of_customers(customers: &[&str], body: CommandBody) -> ShipmentCommand {
    let customers = customers.iter().map(|customer| (*customer).to_owned()).collect();
    ShipmentCommand { customers: Some(customers), ..command(100, body) }
}

#[test]
fn somebody_elses_shipment_is_not_there() {
    let state = World::given([register(), scan(Status::InTransit, 1)]).state();
    for body in [register(), amend(), cancel(), archive(), scan(Status::InTransit, 1), retract(2)] {
        let mine = decide(&state, &of_customers(&["shop-0", "shop-1"], body.clone()), hour(9));
        assert_ne!(mine, Err(Rejection::ShipmentNotRegistered), "{}", body.type_name());
        for others in [&["shop-2"][..], &[]] {
            let theirs = decide(&state, &of_customers(others, body.clone()), hour(9));
            assert_eq!(theirs, Err(Rejection::ShipmentNotRegistered), "{}", body.type_name());
        }
    }
}

#[test]
fn nobody_registers_for_somebody_elses_customer() {
    let unknown = Shipment::default();
    assert!(decide(&unknown, &of_customers(&["shop-1"], register()), hour(9)).is_ok());
    let theirs = decide(&unknown, &of_customers(&["shop-2"], register()), hour(9));
    assert_eq!(theirs, Err(Rejection::CustomerNotTheirs));
    // Whose a parcel is isn't known before it is registered.
    assert!(decide(&unknown, &of_customers(&["shop-2"], scan(Status::InTransit, 1)), hour(9)).is_ok());
}

fn gone(status: Status) -> Vec<CommandBody> {
    vec![register(), scan(status, 1)]
}

#[test]
fn requests_and_the_rules_that_refuse_them() {
    use Status::{Delivered, Disposed, InTransit, Returned, Returning};
    let table: Vec<(&str, Vec<CommandBody>, CommandBody, &str)> = vec![
        ("a first registration", vec![], register(), "accepted"),
        ("a registration after scans", vec![scan(InTransit, 1)], register(), "accepted"),
        ("a second registration", vec![register()], register(), "PT-1002"),
        ("an amendment of nothing known", vec![], amend(), "PT-1001"),
        ("an amendment of what only scans know", vec![scan(InTransit, 1)], amend(), "PT-1001"),
        ("an amendment", vec![register()], amend(), "accepted"),
        ("an amendment on the way", gone(InTransit), amend(), "accepted"),
        ("an amendment on the way back", gone(Returning), amend(), "accepted"),
        ("an amendment once delivered", gone(Delivered), amend(), "PT-1007"),
        ("an amendment once returned", gone(Returned), amend(), "PT-1007"),
        ("an amendment once disposed of", gone(Disposed), amend(), "PT-1007"),
        ("an amendment once cancelled", vec![register(), cancel()], amend(), "PT-1006"),
        (
            "an amendment once cancelled, though it moves",
            vec![register(), cancel(), scan(InTransit, 1)],
            amend(),
            "PT-1006",
        ),
        ("an amendment of what the carrier voided", gone(Status::Cancelled), amend(), "accepted"),
        ("an amendment once archived", vec![register(), archive()], amend(), "PT-1008"),
        (
            "an amendment that names nothing",
            vec![register()],
            amend_with(AmendShipment::default()),
            "PT-1014",
        ),
        ("a cancellation of nothing known", vec![], cancel(), "PT-1001"),
        ("a cancellation", vec![register()], cancel(), "accepted"),
        ("a cancellation on the way", gone(InTransit), cancel(), "accepted"),
        ("a cancellation once delivered", gone(Delivered), cancel(), "PT-1007"),
        ("a cancellation on the way back", gone(Returning), cancel(), "PT-1007"),
        ("a cancellation once returned", gone(Returned), cancel(), "PT-1007"),
        ("a cancellation once disposed of", gone(Disposed), cancel(), "PT-1007"),
        ("a second cancellation", vec![register(), cancel()], cancel(), "PT-1006"),
        ("a cancellation once archived", vec![register(), archive()], cancel(), "PT-1008"),
        ("an archival of nothing known", vec![], archive(), "PT-1001"),
        ("an archival", vec![register()], archive(), "accepted"),
        ("an archival once delivered", gone(Delivered), archive(), "accepted"),
        ("an archival once cancelled", vec![register(), cancel()], archive(), "accepted"),
        ("a second archival", vec![register(), archive()], archive(), "PT-1008"),
        ("a retraction", gone(Delivered), retract(2), "accepted"),
        ("a retraction before registration", vec![scan(Delivered, 1)], retract(1), "accepted"),
        (
            "a retraction in the archive",
            vec![register(), scan(Delivered, 1), archive()],
            retract(2),
            "accepted",
        ),
        ("a retraction of nothing known", vec![], retract(1), "PT-1010"),
        ("a retraction of no scan", gone(Delivered), retract(1), "PT-1010"),
        ("a second retraction", vec![register(), scan(Delivered, 1), retract(2)], retract(2), "PT-1011"),
        (
            "an amendment after the delivery was retracted",
            vec![register(), scan(Delivered, 1), retract(2)],
            amend(),
            "accepted",
        ),
    ];
    for (case, given, when, then) in table {
        let mut world = World::given(given);
        let (before, version) = (world.state(), world.state().version);
        let decided = world.when(&command(99, when));
        assert_eq!(verdict(&decided), then, "{case}");
        if let Outcome::Rejected(rejected) = &decided.outcome {
            assert_eq!((rejected.version, world.state()), (version, before), "{case}: nothing has changed");
            assert!(decided.events.is_empty() && decided.snapshot.is_none(), "{case}");
        } else {
            assert_eq!((decided.events.len(), world.state().version), (1, version.next()), "{case}");
        }
    }
}

#[test]
fn a_full_history_takes_all_but_amendments() {
    let mut state = World::given([register(), scan(Status::InTransit, 1)]).state();
    state.version = Sequence::new(limits::HISTORY - 1);
    let last = decide(&state, &command(99, amend()), hour(9)).unwrap();
    let full = last.after.unwrap();
    assert_eq!(decide(&full, &command(100, amend()), hour(9)), Err(Rejection::HistoryFull));
    for still in [scan(Status::Delivered, 2), retract(2), cancel(), archive()] {
        assert!(decide(&full, &command(100, still.clone()), hour(9)).is_ok(), "{still:?}");
    }
}

#[test]
fn each_request_makes_its_own_event() {
    let table = [
        (vec![], register(), "ShipmentRegistered"),
        (vec![register()], amend(), "ShipmentAmended"),
        (vec![register()], cancel(), "ShipmentCancelled"),
        (vec![register()], archive(), "ShipmentArchived"),
        (vec![scan(Status::Lost, 1)], retract(1), "ScanRetracted"),
        (vec![], scan(Status::Lost, 1), "ScanRecorded"),
    ];
    for (given, when, then) in table {
        let decided = World::given(given).when(&command(99, when));
        let [event] = &decided.events[..] else { panic!("{then}: {decided:?}") };
        assert_eq!(event.body.type_name(), then);
        assert_eq!(event.event_id, event_of(99), "{then}");
    }
}

#[test]
fn another_version_than_expected_is_refused_before_the_rules_but_after_what_is_missing() {
    let conflict = |expected, actual| Rejection::VersionConflict {
        expected: Sequence::new(expected),
        actual: Sequence::new(actual),
    };
    let cancelled = World::given([register(), cancel()]).state();
    let table = [
        ("too old", &cancelled, expecting(1, command(9, archive())), Some(conflict(1, 2))),
        ("not yet there", &cancelled, expecting(3, command(9, archive())), Some(conflict(3, 2))),
        ("as it is", &cancelled, expecting(2, command(9, archive())), None),
        ("a rule would refuse too", &cancelled, expecting(1, command(9, cancel())), Some(conflict(1, 2))),
        (
            "only a rule refuses",
            &cancelled,
            expecting(2, command(9, cancel())),
            Some(Rejection::AlreadyCancelled),
        ),
        (
            "a new scan may expect one",
            &cancelled,
            expecting(1, command(9, scan(Status::Lost, 1))),
            Some(conflict(1, 2)),
        ),
        (
            "nothing there",
            &Shipment::default(),
            expecting(1, command(9, cancel())),
            Some(Rejection::ShipmentNotRegistered),
        ),
        ("nothing expected, nothing there", &Shipment::default(), expecting(0, command(9, register())), None),
        (
            "nothing expected, but there",
            &cancelled,
            expecting(0, command(9, register())),
            Some(conflict(0, 2)),
        ),
    ];
    for (case, state, when, then) in table {
        assert_eq!(decide(state, &when, hour(9)).err(), then, "{case}");
    }
}

#[test]
fn of_two_writers_that_read_the_same_version_one_wins() {
    let mut world = World::given([register()]);
    assert_eq!(verdict(&world.when(&expecting(1, command(8, amend())))), "accepted");
    assert_eq!(verdict(&world.when(&expecting(1, command(9, cancel())))), "PT-1003");
    assert_eq!(world.state().version.get(), 2);
}

#[test]
fn an_event_tells_what_lists_are_keyed_on() {
    let number =
        |n: &str| amend_with(AmendShipment { tracking_number: Some(n.into()), ..AmendShipment::default() });
    let world = World::given([scan(Status::PickedUp, 1), register(), amend(), number("X-1"), cancel()]);
    let [scanned, registered, weighed, renumbered, cancelled] = &world.log[..] else { panic!("five events") };
    assert_eq!((&scanned.keys_before, &scanned.keys), (&None, &None), "not registered yet");
    let first = registered.keys.clone().unwrap();
    assert_eq!((registered.keys_before.as_ref(), first.registered_at), (None, registered.recorded_at));
    assert_eq!(
        (weighed.keys_before.as_ref(), weighed.keys.as_ref()),
        (None, Some(&first)),
        "no key has changed"
    );
    assert_eq!(renumbered.keys_before.as_ref(), Some(&first));
    assert_eq!(renumbered.keys.as_ref().unwrap().tracking_number.as_deref(), Some("X-1"));
    assert_eq!((&cancelled.keys_before, &cancelled.keys), (&None, &renumbered.keys));
}

#[test]
fn an_event_tells_the_status_before_and_after() {
    let world = World::given([
        register(),
        scan(Status::Delivered, -3),
        scan(Status::InTransit, -9),
        retract(2),
        cancel(),
    ]);
    let told: Vec<_> = world.log.iter().map(|e| (e.status_before, e.status_after, e.status_since)).collect();
    let expected = [
        (None, Status::Registered, hour(1)),
        (Some(Status::Registered), Status::Delivered, hour(-3)),
        (Some(Status::Delivered), Status::Delivered, hour(-3)),
        (Some(Status::Delivered), Status::InTransit, hour(-9)),
        (Some(Status::InTransit), Status::InTransit, hour(-9)),
    ];
    assert_eq!(told, expected);
}

#[test]
fn times_are_the_commands_and_the_records_never_the_machines() {
    let mut late = command(2, cancel());
    late.issued_at = hour(-7);
    let mut world = World::given([register()]);
    let event = world.when(&late).events.remove(0);
    assert_eq!((event.occurred_at, event.recorded_at), (hour(-7), hour(2)));
    assert!(matches!(event.body, EventBody::ShipmentCancelled(_)));
    // A broker whose clock was set back does not make a history that runs backwards.
    let decision = decide(&world.state(), &command(3, archive()), hour(-50)).unwrap();
    assert_eq!(decision.events[0].recorded_at, hour(2));
}
