//! Why a shipment stands where it does, in words.

use proptest::prelude::*;
use shipment_events::{EventBody, ShipmentEvent, Speaker, Status, Verdict, fold, why};

use crate::arbitrary;
use crate::examples::EXAMPLES;
use crate::given::{amended, archived, cancelled, event, history, hour, registered, retracted, scanned};

/// What is said of a history, a sentence a line, with hours in the place of times.
fn said(history: &[ShipmentEvent]) -> String {
    let said = why(history).words();
    let mut text = said.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    for n in 0..9_000 {
        text = text.replace(&hour(n).to_string(), &format!("{n} h"));
    }
    text
}

fn at(n: i64, status: Status) -> EventBody {
    scanned(status, hour(n))
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn the_words_for_each_case() {
    use Status::{Customs, Delivered, InTransit, Lost, PickedUp, Returning};
    let mut ahead = event(2, hour(2), at(8_760, InTransit));
    ahead.occurred_at = hour(8_760);
    let table: [(&str, Vec<ShipmentEvent>, &str); 13] = [
        ("nothing", vec![], "Nothing is known of this shipment."),
        (
            "only registered",
            history([registered()]),
            "It is registered since 1 h, because the registration #1 says so.\n\
             Nothing that counts says anything else.",
        ),
        (
            "only amended",
            history([amended(shipment_events::Amendment::default())]),
            "It is registered, the bottom of the table, because no event said a status yet.",
        ),
        (
            "a higher class",
            history([registered(), at(2, PickedUp)]),
            "It is picked_up since 2 h, because the scan #2 says so.\n\
             The strongest word against it is the registration #1, which says registered at 1 h: its class, \
             \"registered\" (known from the shop alone), is lower than \"moving\" (somebody had it in hand), and the \
             highest class wins.",
        ),
        (
            "within a class the later",
            history([registered(), at(2, PickedUp), at(3, InTransit)]),
            "It is in_transit since 3 h, because the scan #3 says so.\n\
             The strongest word against it is the scan #2, which says picked_up at 2 h: both are of the class \"moving\", \
             and within a class the later one wins.",
        ),
        (
            "told late",
            vec![
                event(1, hour(1), registered()),
                event(2, hour(10), at(9, Lost)),
                event(3, hour(20), at(4, InTransit)),
            ],
            "It is lost since 9 h, because the scan #2 says so.\n\
             The strongest word against it is the scan #3, which says in_transit at 4 h: both are of the class \
             \"moving\", and within a class the later one wins.\n\
             The scan #3 (in_transit) was only heard of at 20 h but happened at 4 h: what counts is when things \
             happened, not when they were told.",
        ),
        (
            "later, of a lower class",
            history([registered(), at(3, Delivered), at(5, InTransit), at(7, Lost)]),
            "It is delivered since 3 h, because the scan #2 says so.\n\
             The strongest word against it is the scan #4, which says lost at 7 h: its class, \"moving\" (somebody had it \
             in hand), is lower than \"delivered\" (it reached the recipient), and the highest class wins.\n\
             Later than that, at 7 h, the scan #4 said lost (and 1 more later ones spoke). It changes nothing: \"moving\" is \
             a lower class than \"delivered\", and a higher class wins whatever the times say.",
        ),
        (
            "at the same time the higher rank",
            history([at(3, Customs), at(3, InTransit)]),
            "It is customs since 3 h, because the scan #1 says so.\n\
             The strongest word against it is the scan #2, which says in_transit at 3 h: of the same class and time, and \
             then the higher rank wins, customs (2) before in_transit (1).",
        ),
        (
            "taken back, and it would have decided",
            history([registered(), at(2, PickedUp), at(3, Delivered), retracted(3)]),
            "It is picked_up since 2 h, because the scan #2 says so.\n\
             The strongest word against it is the registration #1, which says registered at 1 h: its class, \
             \"registered\" (known from the shop alone), is lower than \"moving\" (somebody had it in hand), and the \
             highest class wins.\n\
             The scan #3 (delivered, 3 h) no longer counts: #4 took it back. With it, the shipment would be delivered.",
        ),
        (
            "all taken back",
            history([at(2, PickedUp), retracted(1)]),
            "It is registered, the bottom of the table, because all that was said of it was taken back and nobody \
             registered it.\n\
             The scan #1 (picked_up, 2 h) no longer counts: #2 took it back.",
        ),
        (
            "cancelled, and it moves",
            history([registered(), cancelled(), at(9, PickedUp), archived()]),
            "It is picked_up since 9 h, because the scan #3 says so.\n\
             The strongest word against it is the cancellation #2, which says cancelled at 2 h: its class, \"called off\" \
             (it was called off, or the announcement ran out, before anybody touched it), is lower than \"moving\" \
             (somebody had it in hand), and the highest class wins.",
        ),
        (
            "a clock that runs ahead",
            vec![event(1, hour(1), registered()), ahead, event(3, hour(31), at(30, Returning))],
            "It is returning since 30 h, because the scan #3 says so.\n\
             The strongest word against it is the scan #2, which says in_transit at 2 h: its class, \"moving\" (somebody had \
             it in hand), is lower than \"returning\" (it is on its way back), and the highest class wins.\n\
             The scan #2 claims to be of 8760 h, more than 24 hours after it was written down: that clock is not believed, \
             and it counts at 2 h.",
        ),
        (
            "many taken back",
            history((0..5).map(|n| at(n, PickedUp)).chain((1..=5).map(retracted))),
            "It is registered, the bottom of the table, because all that was said of it was taken back and nobody \
             registered it.\n\
             The scan #5 (picked_up, 4 h) no longer counts: #10 took it back.\n\
             The scan #4 (picked_up, 3 h) no longer counts: #9 took it back.\n\
             The scan #3 (picked_up, 2 h) no longer counts: #8 took it back.\n\
             2 more scans were taken back.",
        ),
    ];
    for (case, history, expected) in table {
        assert_eq!(said(&history), expected, "{case}");
    }
}

#[test]
fn the_published_examples_are_told_as_they_stand() {
    for example in &EXAMPLES {
        let events = (1..).zip(example.said).map(|(n, (at, status))| match status {
            Status::Registered => event(n, hour(*at), registered()),
            Status::Cancelled => event(n, hour(*at), cancelled()),
            status => event(n, hour(*at), scanned(*status, hour(*at))),
        });
        let events: Vec<_> = events.collect();
        let told = format!("It is {} since {} h, because", example.stands, example.since);
        assert!(said(&events).starts_with(&told), "{}: {}", example.title, said(&events));
    }
}

#[test]
fn a_second_registration_takes_the_place_of_the_first() {
    let why = why(&history([registered(), registered(), cancelled(), cancelled()]));
    let verdicts: Vec<_> = why.claims.iter().map(|c| (c.sequence.get(), c.by, c.verdict.counts())).collect();
    assert_eq!(
        verdicts,
        [
            (4, Speaker::Cancellation, true),
            (2, Speaker::Registration, true),
            (3, Speaker::Cancellation, false),
            (1, Speaker::Registration, false)
        ]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn it_explains_the_status_that_the_fold_gives(events in arbitrary::history()) {
        let (why, shipment) = (why(&events), fold(&events));
        prop_assert_eq!(why.standing, shipment.standing());
        let decides: Vec<_> = why.claims.iter().filter(|c| c.verdict == Verdict::Decides).collect();
        prop_assert!(decides.iter().all(|c| Some(c.standing()) == why.standing));
        let counts = why.claims.iter().any(|c| c.verdict.counts());
        prop_assert_eq!(decides.is_empty(), !counts);
        prop_assert!((1..=16).contains(&why.words().len()));
    }
}
