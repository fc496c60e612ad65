//! The state store on a real disk.

use std::path::Path;
use std::time::Duration;

use command_handler::store::{Error, Memory, Origin, Standing, Store};

const MEMORY: Memory =
    Memory { cache_bytes: 1024 * 1024, write_buffer_bytes: 4 * 1024 * 1024, partitions: 4 };
const DAY: Duration = Duration::from_hours(24);

fn open(path: &Path) -> Store {
    Store::open(path, MEMORY).unwrap()
}

fn origin() -> Origin {
    Origin { cluster_id: "c".to_owned(), topic_id: "t".to_owned() }
}

fn standing(next_offset: i64) -> Standing {
    Standing::new(origin(), next_offset, 1_000)
}

#[test]
fn state_and_standing_are_still_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    {
        let partition = open(dir.path()).claim(3).unwrap().unwrap();
        assert_eq!((partition.standing().unwrap(), partition.is_empty().unwrap()), (None, true));
        partition.apply([(&b"a"[..], Some(&b"1"[..])), (b"b", Some(b"2"))], &standing(7)).unwrap();
        partition.apply([(&b"a"[..], None)], &standing(9)).unwrap();
    }
    let store = open(dir.path());
    let partition = store.claim(3).unwrap().unwrap();
    assert_eq!(partition.standing().unwrap(), Some(standing(9)));
    assert_eq!(partition.get(b"a").unwrap(), None);
    assert_eq!(partition.get(b"b").unwrap().as_deref(), Some(&b"2"[..]));
    assert!(!partition.is_empty().unwrap());
    let other = store.claim(2).unwrap().unwrap();
    assert!(other.is_empty().unwrap(), "partitions are apart");

    partition.wipe().unwrap();
    assert_eq!((partition.standing().unwrap(), partition.is_empty().unwrap()), (None, true));
}

#[test]
fn a_standing_alone_is_no_state() {
    let dir = tempfile::tempdir().unwrap();
    let partition = open(dir.path()).claim(0).unwrap().unwrap();
    partition.apply([], &standing(5)).unwrap();
    assert!(partition.is_empty().unwrap());
}

#[test]
fn a_partition_has_one_owner_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let first = store.claim(1).unwrap().unwrap();
    assert!(store.clone().claim(1).unwrap().is_none());
    drop(first);
    assert!(store.claim(1).unwrap().is_some());
}

#[test]
fn another_process_is_told_who_is_in_the_way() {
    let dir = tempfile::tempdir().unwrap();
    let _store = open(dir.path());
    let error = Store::open(dir.path(), MEMORY).err().unwrap();
    assert!(matches!(error, Error::InUse { .. }), "{error}");
    assert!(error.to_string().contains("its own state directory"), "{error}");
}

#[test]
fn a_store_that_can_not_be_read_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path()).claim(0).unwrap().unwrap().apply([(&b"a"[..], Some(&b"1"[..]))], &standing(1)).unwrap();
    for entry in walk(dir.path()) {
        std::fs::write(entry, b"rubbish").unwrap();
    }
    assert!(open(dir.path()).claim(0).unwrap().unwrap().is_empty().unwrap());
}

fn walk(path: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|entry| if entry.is_dir() { walk(&entry) } else { vec![entry] }).collect()
}

#[test]
fn what_can_not_be_continued_is_told_from_what_can() {
    let now = 1_000 + i64::try_from(DAY.as_millis()).unwrap();
    let ok = |standing: &Standing, origin: &Origin, now| standing.objection(origin, &(3..=9), now, DAY);
    assert_eq!(ok(&standing(9), &origin(), now), None);
    assert_eq!(ok(&standing(3), &origin(), 0), None, "a clock that was set back is no reason");
    let elsewhere = Origin { cluster_id: "d".to_owned(), ..origin() };
    let anew = Origin { topic_id: "u".to_owned(), ..origin() };
    assert!(ok(&standing(5), &elsewhere, now).unwrap().contains("cluster"));
    assert!(ok(&standing(5), &anew, now).unwrap().contains("made anew"));
    assert!(ok(&standing(10), &origin(), now).unwrap().contains("outside"), "past the end");
    assert!(ok(&standing(2), &origin(), now).unwrap().contains("outside"), "before the beginning");
    assert!(ok(&standing(5), &origin(), now + 1).unwrap().contains("delete.retention.ms"));
}
