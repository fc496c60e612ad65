//! Where the system that this one replaces failed its users, and the rules of it that were right.

use shipment_domain::AmendShipment;
use shipment_events::{Address, Outcome, Party, Phone, Status, fold};

use crate::given::{
    World, accepted, amend, amend_with, archive, cancel, command, hour, register, registration, scan, verdict,
};

#[test]
fn a_shipment_can_be_delivered() {
    let world = World::given([register(), scan(Status::InTransit, 1), scan(Status::Delivered, 2)]);
    assert_eq!(world.state().status(), Some(Status::Delivered));
}

#[test]
fn an_amendment_leaves_the_status_alone() {
    let mut world = World::given([register(), scan(Status::OutForDelivery, 1)]);
    world.when(&command(9, amend()));
    assert_eq!(world.state().status(), Some(Status::OutForDelivery));
}

#[test]
fn tracking_learns_of_a_cancellation() {
    let world = World::given([register(), cancel()]);
    assert_eq!(world.log.last().unwrap().status_after, Status::Cancelled);
}

#[test]
fn nothing_is_archived_from_the_start() {
    assert_eq!(World::given([register()]).state().archived, None);
    assert!(World::given([register(), archive()]).state().archived.is_some());
}

#[test]
fn an_amended_address_does_not_become_the_phone() {
    let moved = Party {
        name: "Erika".into(),
        phone: Some(Phone::new("+4915112345678")),
        address: Some(Address {
            street: "Nebenstr. 2".into(),
            city: "Köln".into(),
            country: "DE".into(),
            ..Address::default()
        }),
    };
    let world = World::given([
        register(),
        amend_with(AmendShipment { recipient: Some(moved.clone()), ..AmendShipment::default() }),
    ]);
    assert_eq!(world.state().registration.unwrap().recipient, moved);
}

#[test]
fn events_carry_their_own_time() {
    let world = World::given([register(), scan(Status::PickedUp, -30)]);
    assert_eq!(world.log[1].occurred_at, hour(-30));
    assert_eq!(world.state().standing().unwrap().since, hour(-30));
}

#[test]
fn the_history_of_scans_is_kept_and_tells_all() {
    let world = World::given([register(), scan(Status::PickedUp, 1), scan(Status::Delivered, 2)]);
    assert_eq!(world.log.len(), 3);
    assert_eq!(fold(&world.log), world.state(), "a view lost is a view made again");
}

#[test]
fn every_answer_has_a_version_and_a_repeat_has_the_same() {
    let mut world = World::default();
    assert_eq!(world.when(&command(1, register())).outcome, accepted(1, 1));
    assert_eq!(world.when(&command(1, register())).outcome, accepted(1, 0));
    let Outcome::Rejected(rejected) = world.when(&command(2, register())).outcome else { panic!("accepted") };
    assert_eq!(rejected.version.get(), 1);
}

#[test]
fn the_rules_run() {
    let weighing = |weight_grams| {
        shipment_domain::CommandBody::RegisterShipment(shipment_domain::RegisterShipment {
            weight_grams,
            ..registration()
        })
    };
    let calling = |phone: &str| {
        let mut body = registration();
        body.recipient.phone = Some(Phone::new(phone));
        shipment_domain::CommandBody::RegisterShipment(body)
    };
    let table = [
        (weighing(0), "PT-1004"),
        (weighing(-1), "PT-1004"),
        (weighing(1), "accepted"),
        (calling("+491511234"), "PT-1005"),
        (calling("+4915112345"), "accepted"),
        (calling("+4915112345678"), "accepted"),
        (calling("+49151123456789"), "PT-1005"),
        (calling("4915112345678"), "PT-1005"),
        (calling("+49 151 123456"), "PT-1005"),
        (calling("+４９１５１１２３４"), "PT-1005"),
        (calling(""), "PT-1005"),
    ];
    for (body, expected) in table {
        let told = format!("{body:?}");
        assert_eq!(verdict(&World::default().when(&command(1, body))), expected, "{told}");
    }
}

#[test]
fn what_is_over_is_over() {
    let done = |last| World::given([register(), last]);
    assert_eq!(verdict(&done(cancel()).when(&command(9, amend()))), "PT-1006");
    assert_eq!(verdict(&done(cancel()).when(&command(9, cancel()))), "PT-1006");
    assert_eq!(verdict(&done(scan(Status::Delivered, 1)).when(&command(9, cancel()))), "PT-1007");
    assert_eq!(verdict(&done(archive()).when(&command(9, archive()))), "PT-1008");
}
