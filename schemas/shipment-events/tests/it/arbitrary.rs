//! Histories of any kind, also such as no handler would write.

use proptest::prelude::*;
use shipment_events::{Amendment, EventBody, Grams, ShipmentEvent, Status, Timestamp};

use crate::given::{HOUR, amended, archived, cancelled, event, hour, registered, retracted, scanned};

pub(crate) fn status() -> impl Strategy<Value = Status> {
    proptest::sample::select(&Status::ALL[..])
}

/// A moment within two weeks, or a wild one.
pub(crate) fn moment() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        9 => (0..14 * 24 * HOUR).prop_map(|ms| Timestamp::from_millis(hour(0).as_millis() + ms)),
        1 => any::<i64>().prop_map(Timestamp::from_millis),
    ]
}

pub(crate) fn history() -> impl Strategy<Value = Vec<ShipmentEvent>> {
    let event = (prop_oneof![9 => 1..40_i64, 1 => any::<i64>()], moment(), moment(), body()).prop_map(
        |(sequence, recorded_at, occurred_at, body)| ShipmentEvent {
            occurred_at,
            ..event(sequence, recorded_at, body)
        },
    );
    proptest::collection::vec(event, 0..24)
}

fn body() -> impl Strategy<Value = EventBody> {
    prop_oneof![
        1 => Just(registered()),
        2 => any::<i64>().prop_map(|grams| amended(Amendment {
            weight_grams: Some(Grams::new(grams)),
            ..Amendment::default()
        })),
        8 => (status(), moment()).prop_map(|(status, at)| scanned(status, at)),
        2 => (1..40_u128).prop_map(retracted),
        1 => Just(cancelled()),
        1 => Just(archived()),
    ]
}
