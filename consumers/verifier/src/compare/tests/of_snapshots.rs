use shipment_events::{CommandId, Sequence, ShipmentId, ShipmentSnapshot, Timestamp};
use uuid::Uuid;

use super::histories::{Step, history};
use super::{id, journey, records, snapshot_of};
use crate::compare::{History, Unreadable, snapshot};
use crate::finding::Kind;

type Change = fn(&mut ShipmentSnapshot);

#[test]
fn a_snapshot_is_the_fold_at_its_version_or_it_is_said_why_not() {
    let (events, none) = (journey(), Sequence::NONE);
    let records = records(&events);
    let history = History::of(id(), &records);
    let (last, of) = (history.version(), |n: usize| snapshot_of(&events[..n]));
    let kind = |snapshot: Option<ShipmentSnapshot>, due: Sequence| {
        snapshot::compare(&history, snapshot.map(Ok).as_ref(), due).map(|finding| finding.kind)
    };
    assert_eq!(kind(Some(of(6)), last), None);
    assert_eq!(kind(Some(of(6)), none), None);
    assert_eq!(kind(Some(of(4)), Sequence::new(4)), None, "written since");
    assert_eq!(kind(Some(of(4)), Sequence::new(5)), Some(Kind::SnapshotBehind));
    assert_eq!(kind(None, none), None);
    assert_eq!(kind(None, last), Some(Kind::SnapshotMissing));
    let mut ahead = of(6);
    ahead.state.version = last.next();
    assert_eq!(kind(Some(ahead), last), Some(Kind::SnapshotAhead));
    let unreadable = snapshot::compare(&history, Some(&Err(Unreadable { code: "undecodable" })), last);
    assert_eq!(unreadable.map(|f| f.kind), Some(Kind::SnapshotUnreadable));
    let nothing = History::of(id(), &[]);
    let extra = snapshot::compare(&nothing, Some(&Ok(of(6))), none);
    assert_eq!(extra.map(|f| f.kind), Some(Kind::SnapshotExtra));

    let parts: &[(&str, Change)] = &[
        ("shipment_id", |s| s.shipment_id = ShipmentId::new(Uuid::nil())),
        ("recorded_at", |s| s.state.recorded_at = Timestamp::from_millis(0)),
        ("registration", |s| s.state.registration.as_mut().unwrap().carrier = None),
        ("registered", |s| s.state.registered = None),
        ("cancelled", |s| s.state.cancelled = s.state.registered),
        ("archived", |s| s.state.archived = s.state.registered),
        ("scans", |s| s.state.scans[1].retracted = true),
        ("scans", |s| _ = s.state.scans.pop()),
        ("accepted", |s| _ = s.accepted.remove(0)),
        ("accepted", |s| s.accepted[1].version = Sequence::new(5)),
        ("accepted", |s| s.accepted[1].command_id = CommandId::new(Uuid::nil())),
    ];
    for (part, change) in parts {
        let mut snapshot = of(6);
        change(&mut snapshot);
        let finding = snapshot::compare(&history, Some(&Ok(snapshot)), last).unwrap();
        assert_eq!(finding.kind, Kind::SnapshotDiffers);
        assert!(finding.detail.ends_with(&format!(" differs in {part}")), "{part}: {}", finding.detail);
    }
    // What lacks an event can't be folded; that it lacks one is said of the log.
    let torn = [&records[..2], &records[3..]].concat();
    let torn = History::of(id(), &torn);
    assert_eq!(snapshot::compare(&torn, Some(&Ok(of(6))), last), None);
}

#[test]
fn of_many_commands_the_last_are_remembered() {
    let mut steps = vec![Step::Register { phone: None, number: None, reference: false }];
    steps.extend((1..100).map(Step::AmendWeight));
    let events = history(id(), &steps);
    let records = records(&events);
    let history = History::of(id(), &records);
    let mut snapshot = snapshot_of(&events);
    assert_eq!(snapshot.accepted.len(), ShipmentSnapshot::REMEMBERED);
    assert_eq!(snapshot::compare(&history, Some(&Ok(snapshot.clone())), history.version()), None);
    snapshot.accepted.remove(0);
    assert!(snapshot::compare(&history, Some(&Ok(snapshot)), history.version()).is_some());
}
