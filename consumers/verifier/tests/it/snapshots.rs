//! What is wrong in the snapshots topic.

use event_log::Headers;
use shipment_events::{Sequence, Timestamp};
use verifier::{Kind, Options};

use crate::system::{System, id_of, journeys, snapshot_of};
use crate::world::interleaved;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_that_is_not_the_fold_of_the_events_is_found() {
    let all = journeys(12);
    let system = System::make(3).await;
    system.write(&interleaved(&all[..11])).await;
    let mut snapshots: Vec<_> = all.iter().map(|history| snapshot_of(history)).collect();
    snapshots[1].state.scans[2].at = Timestamp::from_millis(0);
    snapshots[2].accepted.pop();
    snapshots[3] = snapshot_of(&all[3][..5]);
    snapshots[4].state.version = Sequence::new(9);
    snapshots[5].state.registration.as_mut().unwrap().customer_reference = Some("another".to_owned());
    let mut records: Vec<_> = snapshots.iter().map(|snapshot| system.snapshot(snapshot)).collect();
    (records[6].value, records[6].headers) = (Some("?".into()), Headers::new());
    records[7].partition = (records[7].partition + 1) % 3;
    records[8].key = Some("somebody".into());
    records.remove(9);
    system.write_records(&records).await;
    let verified = system.verify_as(Options { rows: false, lists: false, ..Options::default() }).await;
    let of = |n: usize| id_of(&all[n]);
    let mut found = verified.kinds();
    let keyless = found.iter().position(|f| *f == (Kind::SnapshotUnreadable, None)).expect("the odd key");
    found.remove(keyless);
    let mut expected = vec![
        (Kind::SnapshotDiffers, Some(of(1))),
        (Kind::SnapshotDiffers, Some(of(2))),
        (Kind::SnapshotBehind, Some(of(3))),
        (Kind::SnapshotAhead, Some(of(4))),
        (Kind::SnapshotDiffers, Some(of(5))),
        (Kind::SnapshotUnreadable, Some(of(6))),
        (Kind::SnapshotMisplaced, Some(of(7))),
        (Kind::SnapshotMissing, Some(of(7))),
        (Kind::SnapshotMissing, Some(of(8))),
        (Kind::SnapshotMissing, Some(of(9))),
        (Kind::SnapshotExtra, Some(of(11))),
    ];
    expected.sort();
    assert_eq!(found, expected, "{verified:#?}");
    let parts = |n: usize| {
        let finding = verified.findings.iter().find(|f| f.shipment_id == Some(of(n))).unwrap();
        finding.detail.rsplit(' ').next().unwrap().to_owned()
    };
    assert_eq!([parts(1), parts(2), parts(5)], ["scans", "accepted", "registration"]);
    system.drop().await;
}
