//! A command is decided once, however often it comes.

use shipment_domain::{AmendShipment, CommandPosition, decide_once, fingerprint, is_decided};
use shipment_events::{ShipmentSnapshot, Status};

use crate::given::{
    World, accepted, amend, amend_with, archive, cancel, command, expecting, hour, position, register,
    retract, scan, verdict,
};

#[test]
fn a_retry_gets_the_same_answer() {
    let mut world = World::given([register(), amend(), cancel()]);
    let log = world.log.clone();
    for (again, answer) in [(command(1, register()), 1), (command(2, amend()), 2), (command(3, cancel()), 3)]
    {
        let decided = world.when(&again);
        assert_eq!((decided.outcome, decided.snapshot), (accepted(answer, 0), None));
    }
    assert_eq!(world.log, log);
}

#[test]
fn a_retry_may_be_issued_later_and_by_somebody_else() {
    let mut world = World::given([register()]);
    let mut again = command(1, register());
    again.issued_at = hour(1_000);
    again.actor = Some("the night shift".into());
    assert_eq!(world.when(&again).outcome, accepted(1, 0));
}

#[test]
fn a_retry_with_if_match_is_no_conflict_with_itself() {
    let mut world = World::given([register()]);
    let once = expecting(1, command(2, amend()));
    assert_eq!(world.when(&once).outcome, accepted(2, 1));
    assert_eq!(world.when(&once).outcome, accepted(2, 0));
}

#[test]
fn the_same_id_with_another_payload_is_refused() {
    let other_weight = amend_with(AmendShipment { weight_grams: Some(901), ..AmendShipment::default() });
    let table = [
        ("another body", command(2, other_weight)),
        ("another kind", command(2, archive())),
        ("another expected version", expecting(1, command(2, amend()))),
    ];
    for (case, when) in table {
        let mut world = World::given([register(), amend()]);
        assert_eq!(verdict(&world.when(&when)), "PT-1015", "{case}");
    }
}

#[test]
fn a_rejection_is_not_remembered() {
    let mut world = World::default();
    let wanted = command(50, cancel());
    assert_eq!(verdict(&world.when(&wanted)), "PT-1001");
    world.when(&command(1, register()));
    assert_eq!(world.when(&wanted).outcome, accepted(2, 1), "now it can be done");
}

#[test]
fn the_last_sixty_four_are_remembered_and_scans_push_none_of_them_out() {
    let weigh = |n: u128| {
        let heavier = AmendShipment { weight_grams: Some(n as i64), ..AmendShipment::default() };
        command(n, amend_with(heavier))
    };
    let mut world = World::given([register()]);
    for n in 2..=65 {
        world.when(&weigh(n));
    }
    let remembered = &world.snapshot.as_ref().unwrap().accepted;
    assert_eq!(remembered.len(), ShipmentSnapshot::REMEMBERED);
    assert!(remembered.iter().map(|a| a.version.get()).eq(2..=65), "oldest first");
    for n in 100..300 {
        world.when(&command(n, scan(Status::InTransit, n as i64)));
    }
    assert_eq!(world.when(&weigh(2)).outcome, accepted(2, 0));
    assert_eq!(verdict(&world.when(&command(1, register()))), "PT-1002", "forgotten, yet not done twice");
}

#[test]
fn deciding_again_what_changed_nothing_gives_the_same_answer_whatever_the_snapshot_says() {
    let mut world = World::given([register()]);
    let snapshot = world.snapshot.clone();
    for nothing in
        [command(1, register()), command(7, register()), command(8, amend_with(AmendShipment::default()))]
    {
        let first = world.when(&nothing);
        assert_eq!(
            (&first.snapshot, &world.snapshot),
            (&None, &snapshot),
            "no snapshot, so its offset stays behind"
        );
        assert_eq!(world.when(&nothing).outcome, first.outcome);
    }
}

#[test]
fn the_same_record_decided_again_gives_the_same_bytes() {
    let world = World::given([register(), scan(Status::PickedUp, 1)]);
    let when = command(3, cancel());
    let [one, two] = [(); 2].map(|()| decide_once(world.snapshot.as_ref(), &when, &position(40)));
    assert_eq!(serde_json::to_vec(&one.events).unwrap(), serde_json::to_vec(&two.events).unwrap());
    assert_eq!(one, two);
}

#[test]
fn a_snapshot_stands_at_the_record_that_made_it() {
    let world = World::given([register(), amend()]);
    let snapshot = world.snapshot.unwrap();
    assert_eq!((snapshot.command_offset, snapshot.command_topic_id.as_str()), (2, "topic"));
    let at = |topic_id, offset| CommandPosition { topic_id, ..position(offset) };
    assert!(is_decided(&snapshot, &at("topic", 1)) && is_decided(&snapshot, &at("topic", 2)));
    assert!(!is_decided(&snapshot, &at("topic", 3)));
    assert!(!is_decided(&snapshot, &at("made anew", 1)), "offsets of another topic count something else");
}

#[test]
fn a_reply_repeats_what_it_answers() {
    let mut world = World::default();
    let when = command(1, register());
    let decided = world.when(&when);
    let reply = decided.reply(&when, &position(1));
    assert_eq!(
        (reply.command_id, reply.shipment_id, reply.decided_at),
        (when.command_id, when.shipment_id, hour(1))
    );
    assert_eq!(reply.outcome, decided.outcome);
}

#[test]
fn fingerprints_never_change() {
    // Snapshots hold them: were one of these to change, retries across an upgrade would be refused as another command.
    let weigh = AmendShipment { weight_grams: Some(900), ..AmendShipment::default() };
    let table = [
        (command(1, register()), -7_019_343_568_886_214_853),
        (expecting(3, command(1, amend_with(weigh))), -5_305_940_405_939_405_853),
        (command(1, scan(Status::PickedUp, 1)), 3_321_375_531_354_761_021),
        (command(1, retract(1)), -7_278_285_489_965_839_412),
        (command(1, cancel()), -1_474_209_721_493_741_959),
        (command(1, archive()), 1_508_250_095_595_674_861),
    ];
    for (command, expected) in table {
        assert_eq!(fingerprint(&command), expected, "{}", command.body.type_name());
    }
}
