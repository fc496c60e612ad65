//! What is wrong in the lists.

use shipment_events::{Revision, Status};
use tracking_view::{Bucket, CellWrite, Change, List, ListEntry, RowKey, Stamp};
use verifier::{Kind, Options};

use crate::system::{System, id_of, is_insert, journeys, sequence};
use crate::world::new_id;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn missing_entries_and_orphans_are_found_and_ghosts_are_counted() {
    let all = journeys(30);
    let system = System::make(3).await;
    system.write_all(&all).await;
    let of = |n: usize| id_of(&all[n]);
    let lacks = [
        (of(1), List::Day),
        (of(2), List::Status),
        (of(3), List::Customer),
        (of(4), List::Phone),
        (of(5), List::TrackingNumber),
    ];
    let ghosts = of(6);
    system
        .project_but(move |write| {
            let RowKey::Entry(entry) = &write.row else { return false };
            let missing = lacks.contains(&(entry.shipment_id, entry.bucket.list())) && is_insert(write);
            // A projector that died before it had deleted where the shipment stood before.
            let stays = entry.shipment_id == ghosts && matches!(write.change, Change::Delete);
            missing || stays
        })
        .await;
    let stranger = new_id();
    let day = all[0][0].recorded_at;
    let orphan = |bucket| CellWrite {
        row: RowKey::Entry(ListEntry { bucket, at: day, shipment_id: stranger }),
        stamp: Stamp::of(sequence(1), Revision::FIRST),
        change: Change::Insert,
    };
    system
        .plant([
            orphan(Bucket::Day(day.date(), 1)),
            orphan(Bucket::Status(Status::Lost, day.date(), 1)),
            orphan(Bucket::Archive(day.date(), 1)),
        ])
        .await;
    let verified = system.verify_at_rest().await;
    let mut expected: Vec<_> = lacks.iter().map(|(id, _)| (Kind::EntryMissing, *id)).collect();
    expected.extend([(Kind::EntryOrphan, stranger); 3]);
    verified.has(&expected);
    for (id, list) in lacks {
        let finding = verified.findings.iter().find(|f| f.shipment_id == Some(id)).unwrap();
        let name = ["tracking_number", "customer", "phone", "status", "day", "archive"][list as usize];
        assert_eq!(finding.detail, format!("is missing from the list by {name}"));
    }
    // Where it was registered, announced, picked up, moving and out for delivery.
    assert_eq!(verified.summary.ghosts["status"], 5, "{:#?}", verified.summary);
    assert_eq!(verified.summary.ghosts.values().sum::<u64>(), 5);
    let without = system.verify_as(Options { lists: false, ..Options::default() }).await;
    without.is_clean();
    system.drop().await;
}
