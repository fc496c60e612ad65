//! Each rule of the book.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::timing::{HEARTBEAT, LONGEST_PROTECTION, OUT_WITHIN, SWEEP, TTL};
use crate::{Book, Change, InstanceId, Lease, Moment, Override, Record, Scheme, Status};

/// The lease of `service/instance`.
pub(crate) fn lease(id: &str) -> Lease {
    let id: InstanceId = id.parse().unwrap();
    Lease {
        service: id.service,
        instance: id.instance,
        address: "10.0.0.7:8092".parse().unwrap(),
        scheme: Scheme::Http,
        status: Status::Up,
        ttl_ms: TTL.as_millis() as u64,
        started_at: 0,
        metadata: [("zone".to_owned(), "a".to_owned())].into(),
    }
}

/// What a test makes happen, in order.
enum Step<'a> {
    /// At this moment these are renewed.
    Renew(i64, &'a [&'a str]),
    /// All there was at this moment has been read.
    Contact(i64),
}

use Step::{Contact, Renew};

/// A book that has read an empty topic at moment zero.
fn empty() -> Book {
    let mut book = Book::new();
    assert!(book.contact(Moment::at(0)).is_empty());
    book
}

fn play(book: &mut Book, steps: &[Step<'_>]) {
    for step in steps {
        match step {
            Renew(at, ids) => ids.iter().for_each(|id| renew(book, id, *at)),
            Contact(at) => drop(book.contact(Moment::at(*at))),
        }
    }
}

fn renew(book: &mut Book, id: &str, at: i64) {
    // The broker's clock has nothing to do with the reader's.
    book.apply(Record::Lease(lease(id)), 1_700_000_000_000 - at * 3, Moment::at(at));
}

fn names(book: &Book) -> Vec<String> {
    book.instances().map(|instance| instance.lease.instance.to_string()).collect()
}

/// A contact each half second, up to the last.
fn contacts(book: &mut Book, from: i64, to: i64) {
    for at in (from..=to).step_by(SWEEP.as_millis() as usize) {
        book.contact(Moment::at(at));
    }
}

#[test]
fn a_lease_ends_a_ttl_after_its_last_renewal_was_seen_and_not_before() {
    let cases: [(&str, &[Step<'_>], &[&str]); 7] = [
        ("just registered", &[Renew(10, &["s/a"])], &["a"]),
        (
            "within the ttl",
            &[Renew(0, &["s/a"]), Contact(2_000), Contact(4_000), Contact(6_000), Contact(7_500)],
            &["a"],
        ),
        (
            "beyond it",
            &[Renew(0, &["s/a"]), Contact(2_000), Contact(4_000), Contact(6_000), Contact(7_501)],
            &[],
        ),
        (
            "renewed",
            &[
                Renew(0, &["s/a"]),
                Contact(2_000),
                Renew(2_500, &["s/a"]),
                Contact(4_000),
                Contact(6_000),
                Contact(8_000),
                Contact(10_000),
            ],
            &["a"],
        ),
        (
            "one dies, one lives",
            &[
                Renew(0, &["s/a", "s/b"]),
                Contact(2_000),
                Contact(4_000),
                Renew(4_500, &["s/b"]),
                Contact(6_000),
                Contact(8_000),
            ],
            &["b"],
        ),
        (
            "after its end it may come again",
            &[
                Renew(0, &["s/a"]),
                Contact(2_000),
                Contact(4_000),
                Contact(6_000),
                Contact(8_000),
                Renew(9_000, &["s/a"]),
            ],
            &["a"],
        ),
        ("no contact, no end", &[Renew(0, &["s/a"]), Contact(1_000)], &["a"]),
    ];
    for (name, steps, expected) in cases {
        let mut book = empty();
        play(&mut book, steps);
        assert_eq!(names(&book), expected, "{name}");
    }
}

#[test]
fn who_is_killed_is_out_in_time() {
    // The worst case: killed just before the next heartbeat would have come is best, just after one is worst.
    let mut book = empty();
    renew(&mut book, "s/a", 499);
    let killed_at = 499;
    let mut at = 500;
    while !names(&book).is_empty() {
        book.contact(Moment::at(at));
        at += SWEEP.as_millis() as i64;
    }
    assert!(at - killed_at <= OUT_WITHIN.as_millis() as i64, "{}", at - killed_at);
}

#[test]
fn a_reader_without_contact_ends_nothing_and_gives_everybody_a_new_ttl_after_it() {
    let mut book = empty();
    play(&mut book, &[Renew(0, &["s/a", "s/b", "s/c"]), Contact(500)]);
    // Five minutes of nothing; then contact, before anybody's next heartbeat was seen.
    assert!(book.contact(Moment::at(300_500)).is_empty());
    contacts(&mut book, 301_000, 302_500);
    renew(&mut book, "s/a", 302_700);
    assert_eq!(names(&book), ["a", "b", "c"]);
    // The two that don't come back are found out, a ttl after the contact.
    contacts(&mut book, 303_000, 308_000);
    renew(&mut book, "s/a", 308_000);
    contacts(&mut book, 308_000, 308_500);
    assert_eq!(names(&book), ["a"]);
}

#[test]
fn a_short_silence_is_no_reason_to_begin_anew() {
    let mut book = empty();
    play(
        &mut book,
        &[Renew(0, &["s/a"]), Contact(500), Contact(2_500), Contact(4_500), Contact(6_500), Contact(8_000)],
    );
    assert!(names(&book).is_empty());
}

#[test]
fn what_is_read_at_first_is_dated_by_the_brokers_clock() {
    let mut book = Book::new();
    let at_start = |book: &mut Book, id: &str, appended_at| {
        book.apply(Record::Lease(lease(id)), appended_at, Moment::at(0));
    };
    at_start(&mut book, "s/dead-for-long", 1_000);
    at_start(&mut book, "s/nearly-over", 93_000);
    at_start(&mut book, "s/fresh", 99_000);
    assert!(!book.is_read());
    at_start(&mut book, "s/last", 100_000);
    book.contact(Moment::at(10));
    assert!(book.is_read());
    assert_eq!(names(&book), ["fresh", "last", "nearly-over"]);
    contacts(&mut book, 510, 1_010);
    assert_eq!(names(&book), ["fresh", "last"]);
}

#[test]
fn a_brokers_clock_that_was_set_back_makes_nobody_old() {
    let mut book = Book::new();
    book.apply(Record::Lease(lease("s/before")), 900_000, Moment::at(0));
    book.apply(Record::Lease(lease("s/after")), 100_000, Moment::at(0));
    book.contact(Moment::at(10));
    assert_eq!(names(&book), ["after", "before"]);
}

#[test]
fn many_that_vanish_at_once_are_kept_until_renewals_come_or_patience_ends() {
    // How many there are, how many of them fall silent, whether those are kept.
    for (all, silent, kept) in [
        (1, 1, false),
        (2, 2, false),
        (3, 3, true),
        (4, 2, false),
        (5, 3, true),
        (6, 3, true),
        (7, 3, false),
        (20, 9, false),
        (20, 10, true),
    ] {
        let ids: Vec<String> = (0..all).map(|n| format!("s/{n:02}")).collect();
        let mut book = empty();
        let mut now = 0;
        // Each has a phase of its own within the heartbeat.
        let beat = |book: &mut Book, from: usize, now: i64| {
            for (n, id) in ids.iter().enumerate().skip(from) {
                renew(book, id, now + (n as i64 * 2_500) / i64::from(all));
            }
        };
        for _ in 0..3 {
            beat(&mut book, 0, now);
            contacts(&mut book, now + 500, now + 2_500);
            now += 2_500;
        }
        for _ in 0..10 {
            beat(&mut book, silent, now);
            contacts(&mut book, now + 500, now + 2_500);
            now += 2_500;
        }
        let left = names(&book).len();
        assert_eq!(left, if kept { ids.len() } else { ids.len() - silent }, "{silent} of {all}");
        assert_eq!(book.is_protecting(), kept, "{silent} of {all}");
    }
}

#[test]
fn protection_ends_with_renewals_and_then_only_the_dead_are_out() {
    let ids = ["s/a", "s/b", "s/c", "s/d"];
    let mut book = empty();
    play(&mut book, &[Renew(0, &ids)]);
    contacts(&mut book, 500, 60_000);
    assert_eq!(names(&book).len(), 4);
    assert!(book.is_protecting());
    play(&mut book, &[Renew(60_100, &["s/a", "s/b", "s/c"]), Contact(60_500)]);
    assert_eq!(names(&book), ["a", "b", "c"]);
    assert!(!book.is_protecting());
}

#[test]
fn many_with_a_long_ttl_do_not_make_those_with_a_short_one_few() {
    let mut book = empty();
    play(&mut book, &[Renew(0, &["s/a", "s/b", "s/c"])]);
    for n in 0..10 {
        let patient = Lease { ttl_ms: 90_000, ..lease(&format!("eureka/{n}")) };
        book.apply(Record::Lease(patient), 0, Moment::at(0));
    }
    contacts(&mut book, 500, 12_000);
    assert_eq!(names(&book).len(), 13, "all that could be heard of is silent");
}

#[test]
fn protection_has_an_end() {
    let mut book = empty();
    play(&mut book, &[Renew(0, &["s/a", "s/b", "s/c"])]);
    let end = (TTL + LONGEST_PROTECTION).as_millis() as i64;
    contacts(&mut book, 0, end);
    assert_eq!(names(&book).len(), 3);
    book.contact(Moment::at(end + 1));
    assert!(names(&book).is_empty());
}

#[test]
fn what_an_earlier_fleet_left_in_the_topic_is_not_protected() {
    let mut book = Book::new();
    for id in ["s/a", "s/b", "s/c"] {
        book.apply(Record::Lease(lease(id)), 0, Moment::at(0));
    }
    book.contact(Moment::at(0));
    assert_eq!(names(&book).len(), 3);
    contacts(&mut book, 500, 8_000);
    assert!(names(&book).is_empty());
}

#[test]
fn changes_are_told_and_renewals_are_not() {
    let (id, at) = ("s/a".parse::<InstanceId>().unwrap(), Moment::at(1));
    let taken_out = Override { status: Status::OutOfService, reason: String::new(), set_at: 0 };
    let mut book = empty();
    let mut told = |record: Record| book.apply(record, 0, at).map(|change| change.name());
    assert_eq!(told(Record::Lease(lease("s/a"))), Some("joined"));
    assert_eq!(told(Record::Lease(lease("s/a"))), None);
    assert_eq!(told(Record::Lease(Lease { status: Status::Down, ..lease("s/a") })), Some("changed"));
    assert_eq!(told(Record::TakenOut(id.clone(), taken_out)), Some("changed"));
    assert_eq!(told(Record::PutBack(id.clone())), Some("changed"));
    assert_eq!(told(Record::PutBack(id.clone())), None);
    assert_eq!(told(Record::Gone(id.clone())), Some("left"));
    assert_eq!(told(Record::Gone(id)), None);
}

#[test]
fn an_override_outlives_heartbeats_and_the_instance() {
    let id: InstanceId = "s/a".parse().unwrap();
    let mut book = empty();
    let out = Override { status: Status::OutOfService, reason: "a new disk".to_owned(), set_at: 0 };
    renew(&mut book, "s/a", 0);
    book.apply(Record::TakenOut(id.clone(), out), 0, Moment::at(1));
    renew(&mut book, "s/a", 2);
    assert_eq!(book.instance(&id).unwrap().status(), Status::OutOfService);
    book.apply(Record::Gone(id.clone()), 0, Moment::at(3));
    assert!(book.instance(&id).is_none() && book.taken_out(&id).is_some());
    renew(&mut book, "s/a", 4);
    assert_eq!(book.instance(&id).unwrap().status(), Status::OutOfService);
    book.apply(Record::PutBack(id.clone()), 0, Moment::at(5));
    assert_eq!(book.instance(&id).unwrap().status(), Status::Up);
}

#[test]
fn the_long_dead_are_buried() {
    const DAY: i64 = 86_400_000;
    let (a, b) = ("s/a".parse::<InstanceId>().unwrap(), "s/b".parse::<InstanceId>().unwrap());
    let out = Override { status: Status::OutOfService, reason: String::new(), set_at: 0 };
    let mut book = empty();
    book.apply(Record::Lease(lease("s/a")), 0, Moment::at(0));
    book.apply(Record::TakenOut(b.clone(), out), 0, Moment::at(0));
    contacts(&mut book, 500, 3_600_000);
    assert!(names(&book).is_empty() && book.remains().is_empty());
    contacts(&mut book, 3_600_500, 3_608_000);
    assert_eq!(book.remains(), [Record::Gone(a.clone())]);
    book.apply(Record::Gone(a), 1, Moment::at(3_608_000));
    assert!(book.remains().is_empty());
    // A week later somebody else is heard of.
    book.apply(Record::Lease(lease("s/c")), 7 * DAY + 1, Moment::at(3_608_000));
    assert_eq!(book.remains(), [Record::PutBack(b)]);
}

proptest! {
    /// Whatever happens: who is renewed at least each heartbeat and a half is there at all times, and the changes told
    /// lead to exactly what the book shows.
    #[test]
    fn the_living_stay_and_changes_add_up(
        steps in proptest::collection::vec((0_usize..6, 0_i64..400, proptest::bool::ANY), 1..400),
    ) {
        let mut book = empty();
        let (mut now, mut renewed, mut told) = (1, 0, BTreeSet::new());
        let mut note = |changes: Vec<Change>| for change in changes {
            let id = change.instance().id().to_string();
            match change {
                Change::Joined(_) => assert!(told.insert(id)),
                Change::Changed(_) => assert!(told.contains(&id)),
                Change::Left(_) => assert!(told.remove(&id)),
            }
        };
        note(book.apply(Record::Lease(lease("s/living")), 0, Moment::at(now)).into_iter().collect());
        for (who, pause, goes) in steps {
            now += pause;
            if now - renewed >= HEARTBEAT.as_millis() as i64 {
                renewed = now;
                note(book.apply(Record::Lease(lease("s/living")), 0, Moment::at(now)).into_iter().collect());
            }
            let id = format!("s/{who}");
            let record = if goes { Record::Gone(id.parse().unwrap()) } else { Record::Lease(lease(&id)) };
            note(book.apply(record, 0, Moment::at(now)).into_iter().collect());
            note(book.contact(Moment::at(now)));
            prop_assert!(book.instance(&"s/living".parse().unwrap()).is_some());
        }
        let shown: BTreeSet<String> = book.instances().map(|instance| instance.id().to_string()).collect();
        prop_assert_eq!(shown, told);
    }
}
