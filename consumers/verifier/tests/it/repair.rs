//! Rows written anew from the log.

use shipment_events::Revision;
use tracking_view::{CellWrite, Change, Column, RowKey, Stamp, Value};
use verifier::{Kind, Options};

use crate::system::{System, id_of, is_insert, journeys, sequence, snapshot_of};
use crate::world::new_id;

fn repairing() -> Options {
    Options { repair: true, ..Options::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_be_mended_is_and_the_rest_stays_a_finding() {
    let all = journeys(25);
    let system = System::make(3).await;
    system.write_all(&all).await;
    let of = |n: usize| id_of(&all[n]);
    let (no_row, no_event_row, no_entries) = (of(1), of(2), of(3));
    system
        .project_but(move |write| match &write.row {
            RowKey::Shipment(id) => *id == no_row,
            RowKey::Event(id, n) => *id == no_event_row && *n == sequence(3),
            RowKey::Entry(entry) => entry.shipment_id == no_entries && is_insert(write),
        })
        .await;
    let planted = |row, at, column, value| CellWrite {
        row,
        stamp: Stamp::of(sequence(at), Revision::new(9)),
        change: Change::Cells(vec![(column, value)]),
    };
    let stranger = new_id();
    system
        .plant([
            planted(RowKey::Shipment(of(4)), 7, Column::Status, Some(Value::Text("lost".to_owned()))),
            planted(RowKey::Shipment(of(5)), 7, Column::Recipient, Some(Value::Text("?".to_owned()))),
            planted(RowKey::Event(of(6), sequence(2)), 2, Column::Actor, None),
            planted(RowKey::Shipment(stranger), 1, Column::Version, Some(Value::BigInt(1))),
        ])
        .await;
    let mut wrong = snapshot_of(&all[7]);
    wrong.accepted.clear();
    system.write_records(&[system.snapshot(&wrong)]).await;

    let before = system.verify_at_rest().await;
    assert_eq!(before.summary.findings, 2 + 5 + 3 + 2, "{before:#?}");
    assert_eq!(before.summary.by_kind["entry-missing"], 5);
    let repaired = system.verify_as(repairing()).await;
    assert_eq!((repaired.summary.repaired, repaired.summary.findings), (10, 2), "{repaired:#?}");
    let mut standing: Vec<_> =
        repaired.findings.iter().filter(|f| !f.repaired).map(|f| (f.kind, f.shipment_id.unwrap())).collect();
    standing.sort();
    assert_eq!(standing, [(Kind::SnapshotDiffers, of(7)), (Kind::RowWithoutEvents, stranger)]);
    let after = system.verify().await;
    after.has(&standing);

    // The rows go on with the next event.
    let mut next = all[4][6].clone();
    (next.sequence, next.actor) = (sequence(8), None);
    next.command_id = shipment_events::CommandId::new(uuid::Uuid::new_v4());
    next.event_id = shipment_events::EventId::of_command(next.command_id, 0);
    let shipment_events::EventBody::ScanRecorded(scan) = &mut next.body else { panic!("a scan") };
    scan.natural_id = uuid::Uuid::new_v4();
    let (mut history, mut state) = (all[4].clone(), shipment_events::fold(&all[4]));
    state = shipment_events::evolve(state, &next);
    next.status_before = Some(next.status_after);
    next.status_since = state.standing().unwrap().since;
    history.push(next.clone());
    system.write(&[next]).await;
    system.write_records(&[system.snapshot(&snapshot_of(&history))]).await;
    system.project().await;
    let after = system.verify_at_rest().await;
    after.has(&standing);
    system.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_as_far_as_the_projector_has_come() {
    let all = journeys(3);
    let system = System::make(1).await;
    let begun: Vec<_> = all.iter().map(|h| h[..4].to_vec()).collect();
    system.write_all(&begun).await;
    let id = id_of(&all[1]);
    system.project_but(move |write| write.row == RowKey::Shipment(id)).await;
    let rest: Vec<_> = all.iter().flat_map(|h| h[4..].to_vec()).collect();
    system.write(&rest).await;
    let snapshots: Vec<_> = all.iter().map(|h| system.snapshot(&snapshot_of(h))).collect();
    system.write_records(&snapshots).await;
    let repaired = system.verify_as(repairing()).await;
    assert_eq!((repaired.summary.repaired, repaired.summary.findings), (1, 0), "{repaired:#?}");
    assert_eq!(system.row(id).await.unwrap().version, sequence(4));
    assert_eq!((repaired.summary.lag.shipments, repaired.summary.lag.events), (3, 9));
    system.project().await;
    system.verify_at_rest().await.is_clean();
    system.drop().await;
}
