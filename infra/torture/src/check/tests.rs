//! Each kind of violation is found, by the check that is for it; and what is right is not complained of.

use shipment_events::{Sequence, Status};
use tracking_view::EventRow;

use super::given::{Given, phones, shipment};
use super::*;
use crate::ledger::Answer;
use crate::observed::{Poison, Seen};

/// The checks that object.
fn objecting(observed: &Observed) -> Vec<String> {
    let checks = all(observed, &phones());
    checks.into_iter().filter(|check| !check.findings.is_empty()).map(|check| check.name).collect()
}

fn after(spoil: impl FnOnce(&mut Observed)) -> Vec<String> {
    let mut observed = Given::some_history();
    spoil(&mut observed);
    objecting(&observed)
}

#[track_caller]
fn is_found(by: &str, spoil: impl FnOnce(&mut Observed)) {
    let objecting = after(spoil);
    assert!(objecting.iter().any(|name| name == by), "{objecting:?}");
}

#[test]
fn what_is_right_is_not_complained_of() {
    let observed = Given::some_history();
    assert_eq!(objecting(&observed), Vec::<String>::new());
    for check in all(&observed, &phones()) {
        assert!(check.held_against > 0, "{} was held against nothing", check.name);
    }
}

#[test]
fn an_event_that_is_lost_is_found() {
    let lost = |observed: &mut Observed| drop(observed.events.remove(1));
    let objecting = after(lost);
    for name in ["exactly once", "sequences", "snapshots", "rows"] {
        assert!(objecting.iter().any(|other| other == name), "{name}: {objecting:?}");
    }
    is_found("exactly once", |observed| drop(observed.events.pop()));
}

#[test]
fn a_reader_who_was_shown_less_than_was_written_is_found() {
    is_found("reads", |observed| observed.reads[1].at_least = 9);
    is_found("reads", |observed| {
        observed.reads[1].seen = Some(Seen::Shipment { version: 2, status: "delivered".to_owned() });
    });
    is_found("reads", |observed| observed.reads[0].seen = None);
}

#[test]
fn an_event_that_is_doubled_is_found() {
    is_found("commands once", |observed| {
        let mut twin = observed.events[2].clone();
        twin.value.sequence = Sequence::new(4);
        twin.offset = 100;
        observed.events.push(twin);
    });
    is_found("sequences", |observed| {
        let twin = observed.events[2].clone();
        observed.events.push(twin);
    });
}

#[test]
fn an_event_of_nobody_is_found() {
    is_found("commands once", |observed| {
        observed.events[0].value.command_id = shipment_events::CommandId::new(uuid::Uuid::from_u128(999));
    });
}

#[test]
fn events_out_of_order_are_found() {
    is_found("sequences", |observed| observed.events.swap(0, 1));
    is_found("order", |observed| {
        // The second was answered before the first was asked for.
        observed.ops[0].attempts[0].sent_at = 1_000;
        observed.ops[0].attempts[0].answered.as_mut().unwrap().0 = 1_010;
    });
}

#[test]
fn a_wrong_status_is_found() {
    is_found("statuses", |observed| observed.events[1].value.status_after = Status::Lost);
}

#[test]
fn a_command_without_an_answer_is_found() {
    is_found("answered", |observed| {
        observed.ops[0].attempts[0].answered = Some((10, Answer::Unavailable));
    });
    is_found("well formed", |observed| {
        observed.ops[0].attempts[0].answered = Some((10, Answer::Broken { text: "500".to_owned() }));
    });
}

#[test]
fn another_answer_to_the_same_key_is_found() {
    let again = |answer: Answer| {
        move |observed: &mut Observed| {
            let op = observed.ops.iter_mut().find(|op| op.attempts.len() == 2).unwrap();
            op.attempts[1].answered.as_mut().unwrap().1 = answer;
        }
    };
    is_found("first answer again", again(Answer::Accepted { version: 9, events: 1 }));
    is_found("first answer again", again(Answer::Rejected { code: "PT-1002".to_owned(), version: None }));
}

#[test]
fn a_refused_command_with_an_event_is_found() {
    is_found("refused leaves nothing", |observed| {
        observed.ops[2].attempts[0].answered =
            Some((31, Answer::Rejected { code: "PT-1003".to_owned(), version: Some(3) }));
    });
}

#[test]
fn two_winners_are_found() {
    is_found("one winner", |observed| {
        observed.ops[3].attempts[0].answered = Some((31, Answer::Accepted { version: 3, events: 1 }));
    });
    is_found("one winner", |observed| {
        observed.ops[2].attempts[0].answered = Some((31, Answer::Accepted { version: 5, events: 1 }));
    });
}

#[test]
fn a_snapshot_that_drifts_is_found() {
    is_found("snapshots", |observed| {
        let registration = observed.snapshots[1].value.state.registration.as_mut().unwrap();
        registration.customer_id = shipment_events::CustomerId::new("another");
    });
    is_found("snapshots", |observed| drop(observed.snapshots.pop()));
    is_found("snapshots", |observed| observed.snapshots[1].value.command_offset = 0);
}

#[test]
fn a_record_without_its_reply_is_found() {
    is_found("one reply each", |observed| drop(observed.replies.remove(1)));
    is_found("one reply each", |observed| {
        let again = observed.replies[1].clone();
        observed.replies.push(again);
    });
}

#[test]
fn dead_letters_beyond_the_poison_and_poison_that_vanished_are_found() {
    is_found("dead letters", |observed| observed.dead_letters[0].mark = None);
    is_found("dead letters", |observed| observed.dead_letters[0].by = "projector".to_owned());
    is_found("dead letters", |observed| observed.dead_letters.clear());
    is_found("dead letters", |observed| {
        let again = observed.dead_letters[0].clone();
        observed.dead_letters.push(again);
    });
    // Of one that Kafka didn't acknowledge nothing is known.
    let unsure = |observed: &mut Observed| {
        observed.poison.push(Poison { mark: "2".to_owned(), acknowledged: false });
    };
    assert_eq!(after(unsure), Vec::<String>::new());
}

#[test]
fn rows_that_drift_are_found() {
    is_found("rows", |observed| {
        observed.views.rows.get_mut(&shipment(1)).unwrap().version = Sequence::new(2);
    });
    is_found("rows", |observed| observed.views.rows.get_mut(&shipment(1)).unwrap().weight_grams = None);
    is_found("rows", |observed| drop(observed.views.rows.remove(&shipment(2))));
    is_found("history rows", |observed| {
        drop(observed.views.histories.get_mut(&shipment(1)).unwrap().remove(1));
    });
    is_found("history rows", |observed| {
        let history: &mut Vec<EventRow> = observed.views.histories.get_mut(&shipment(1)).unwrap();
        history[0].payload.push(0);
    });
}

#[test]
fn lists_that_drift_are_found() {
    is_found("lists", |observed| drop(observed.views.lists.remove("day")));
    is_found("lists", |observed| {
        *observed.views.lists.get_mut("day").unwrap().get_mut(&shipment(1)).unwrap() += 1;
    });
    is_found("lists", |observed| {
        observed.views.lists.entry("status lost".to_owned()).or_default().insert(shipment(1), 1);
    });
}
