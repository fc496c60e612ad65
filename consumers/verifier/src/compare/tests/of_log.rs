use shipment_events::{EventBody, EventId, Revision, ShipmentEvent, Timestamp};

use super::{id, journey, records};
use crate::compare::{EventRecord, Unreadable, log};
use crate::finding::Kind;

/// What is changed, and what is found then: the kinds and the sequences they are about.
type Row = (&'static str, fn(&mut Vec<EventRecord>), &'static [(Kind, Option<i64>)]);

fn event(records: &mut [EventRecord], n: usize) -> &mut ShipmentEvent {
    records[n].event.as_mut().unwrap()
}

const TABLE: &[Row] = &[
    ("as it must be", |_| (), &[]),
    ("the first is missing", |r| drop(r.remove(0)), &[(Kind::Gap, None)]),
    ("one in the middle is missing", |r| drop(r.remove(3)), &[(Kind::Gap, None)]),
    ("the last is missing: nobody can tell by the log", |r| drop(r.pop()), &[]),
    (
        "one can't be read, and is there",
        |r| r[2].event = Err(Unreadable { code: "undecodable" }),
        &[(Kind::Undecodable, Some(3))],
    ),
    ("no value", |r| r[2].event = Err(Unreadable { code: "no-value" }), &[(Kind::NoValue, Some(3))]),
    ("another key", |r| r[2].event = Err(Unreadable { code: "wrong-key" }), &[(Kind::WrongKey, Some(3))]),
    (
        "an impossible sequence",
        |r| r[2].event = Err(Unreadable { code: "bad-sequence" }),
        &[(Kind::BadSequence, Some(3))],
    ),
    ("the last one again", |r| r.push(r[5].clone()), &[(Kind::Repeat, Some(6))]),
    (
        "an earlier one again",
        |r| r.push(r[2].clone()),
        &[(Kind::Repeat, Some(3)), (Kind::OutOfOrder, Some(3))],
    ),
    (
        "the last one again, otherwise",
        |r| {
            r.push(r[5].clone());
            event(r, 6).actor = None;
        },
        &[(Kind::Repeat, Some(6))],
    ),
    (
        "a rewrite",
        |r| {
            r.push(r[2].clone());
            event(r, 6).revision = Revision::new(1);
        },
        &[],
    ),
    (
        "the same rewrite twice",
        |r| {
            for n in [6, 7] {
                r.push(r[2].clone());
                event(r, n).revision = Revision::new(1);
            }
        },
        &[(Kind::Repeat, Some(3))],
    ),
    ("two change places", |r| r.swap(2, 3), &[(Kind::OutOfOrder, Some(3))]),
    (
        "a command of two events",
        |r| {
            let command = event(r, 2).command_id;
            event(r, 3).command_id = command;
            event(r, 3).event_id = EventId::of_command(command, 1);
        },
        &[],
    ),
    (
        "a command decided twice, one after the other",
        |r| {
            let (command, id) = (event(r, 2).command_id, event(r, 2).event_id);
            (event(r, 3).command_id, event(r, 3).event_id) = (command, id);
        },
        &[(Kind::CommandTwice, Some(3))],
    ),
    (
        "a command decided twice, with others between",
        |r| {
            let command = event(r, 2).command_id;
            event(r, 5).command_id = command;
        },
        &[(Kind::CommandTwice, Some(3))],
    ),
    (
        "one id for the events of two commands",
        |r| event(r, 4).event_id = event(r, 0).event_id,
        &[(Kind::EventIdTwice, Some(5))],
    ),
    (
        "a scan twice",
        |r| {
            let EventBody::ScanRecorded(first) = event(r, 1).body.clone() else { unreachable!() };
            let EventBody::ScanRecorded(second) = &mut event(r, 3).body else { unreachable!() };
            second.natural_id = first.natural_id;
        },
        &[(Kind::ScanTwice, Some(4))],
    ),
    (
        "a clock that ran back",
        |r| event(r, 3).recorded_at = Timestamp::from_millis(0),
        &[(Kind::TimeBackwards, Some(4))],
    ),
    ("the same moment", |r| event(r, 3).recorded_at = event(r, 2).recorded_at, &[]),
];

#[test]
fn a_log_is_right_or_it_is_said_why_not() {
    for (what, change, expected) in TABLE {
        let mut records = records(&journey());
        change(&mut records);
        let found: Vec<_> = log::compare(id(), 4, &records).iter().map(|f| (f.kind, f.sequence)).collect();
        assert_eq!(found, *expected, "{what}");
    }
}

#[test]
fn gaps_are_named() {
    let mut records = records(&journey());
    records.retain(|record| [2, 6].contains(&record.sequence.get()));
    let found = log::compare(id(), 4, &records);
    assert_eq!(found[0].detail, "lacks 1, 3 to 5 of the sequences up to 6");
    assert_eq!((found[0].shipment_id, found[0].partition), (Some(id()), Some(4)));
}
