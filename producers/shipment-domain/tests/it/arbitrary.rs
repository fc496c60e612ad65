//! Commands of any kind, in any order, some of them repeated and some of them wrong.

use proptest::prelude::*;
use shipment_domain::{AmendShipment, CommandBody, RegisterShipment, ShipmentCommand};
use shipment_events::Status;

use crate::given::{amend_with, archive, cancel, command, expecting, registration, retract, scan};

pub(crate) fn status() -> impl Strategy<Value = Status> {
    proptest::sample::select(&Status::ALL[..])
}

pub(crate) fn commands() -> impl Strategy<Value = Vec<ShipmentCommand>> {
    let command =
        (1..20_u128, body(), proptest::option::weighted(0.2, 0..12_i64)).prop_map(|(n, body, version)| {
            let command = command(n, body);
            match version {
                Some(version) => expecting(version, command),
                None => command,
            }
        });
    proptest::collection::vec(command, 1..30)
}

fn body() -> impl Strategy<Value = CommandBody> {
    prop_oneof![
        3 => (-1..5_i64).prop_map(|weight_grams| CommandBody::RegisterShipment(RegisterShipment {
            weight_grams,
            ..registration()
        })),
        3 => proptest::option::of(0..3_u8).prop_map(|n| amend_with(AmendShipment {
            tracking_number: n.map(|n| format!("X-{n}")),
            ..AmendShipment::default()
        })),
        9 => (status(), -40..60_i64).prop_map(|(status, at)| scan(status, at)),
        2 => (1..20_u128).prop_map(retract),
        1 => Just(cancel()),
        1 => Just(archive()),
    ]
}
