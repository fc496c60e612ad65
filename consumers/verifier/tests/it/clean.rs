//! What is right is called right, also while it moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use shipment_events::ShipmentEvent;
use verifier::Options;

use crate::system::{System, ids, journey, journeys, snapshot_of, transact};
use crate::world::histories;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_to_shipments_a_right_system_is_called_right() {
    let (mut all, counted) = (histories(400), journeys(100));
    all.extend(counted);
    let system = System::with(3, &all).await;
    let verified = system.verify_at_rest().await;
    verified.is_clean();
    let (summary, shipments) = (&verified.summary, ids(&all).len() as u64);
    let events = all.iter().map(Vec::len).sum::<usize>() as u64;
    assert_eq!((summary.shipments, summary.snapshots, summary.rows), (shipments, shipments, shipments));
    assert_eq!((summary.events, summary.event_rows), (events, events));
    assert_eq!((summary.generation, summary.partitions, summary.looked_again), (1, 3, 0));
    let registered = all.iter().filter(|h| h.iter().any(|e| e.keys.is_some())).count() as u64;
    assert_eq!(summary.entries["day"], registered);
    assert_eq!(summary.entries["status"], registered);
    system.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_system_is_right() {
    let system = System::make(2).await;
    let verified = system.verify().await;
    verified.is_clean();
    assert_eq!((verified.summary.shipments, verified.summary.events), (0, 0));
    system.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_system_that_moves_gives_no_false_alarm() {
    let system = Arc::new(System::make(3).await);
    let before = journeys(300);
    system.write_all(&before).await;
    let running = system.start().await;
    running.until_ready().await;
    let done = Arc::new(AtomicBool::new(false));
    let writer = {
        let (system, done) = (system.clone(), done.clone());
        tokio::task::spawn_blocking(move || keep_writing(&system, &done))
    };
    for round in 0..4 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let verified = system.verify().await;
        assert!(verified.findings.is_empty(), "round {round}: {verified:#?}");
        assert!(verified.summary.shipments >= 300);
    }
    done.store(true, Ordering::Release);
    let written = writer.await.unwrap();
    assert!(written.len() > 50, "{} shipments were written meanwhile", written.len());
    let verified = system.verify_at_rest().await;
    verified.is_clean();
    assert_eq!(verified.summary.shipments as usize, 300 + written.len());
    running.stop().await;
    Arc::into_inner(system).unwrap().drop().await;
}

/// Shipments that move all the time, some in every transaction, each transaction with the snapshots that belong to it.
fn keep_writing(system: &System, done: &AtomicBool) -> Vec<Vec<ShipmentEvent>> {
    let mut producer = system.transactions();
    let mut histories: Vec<Vec<ShipmentEvent>> = Vec::new();
    while !done.load(Ordering::Acquire) {
        let lot: Vec<_> = (0..20).map(journey).collect();
        let longest = lot.iter().map(Vec::len).max().unwrap();
        for n in 0..longest {
            let mut records: Vec<_> = lot.iter().filter_map(|h| Some(system.record(h.get(n)?))).collect();
            records.extend(lot.iter().map(|h| system.snapshot(&snapshot_of(&h[..=n.min(h.len() - 1)]))));
            transact(&mut producer, &records);
        }
        histories.extend(lot);
    }
    histories
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_projector_that_is_behind_is_told_as_lag() {
    let system = System::make(2).await;
    let (early, late) = (journeys(20), journeys(30));
    let begun: Vec<_> = early.iter().map(|h| h[..3].to_vec()).collect();
    system.write_all(&begun).await;
    system.project().await;
    let rest: Vec<_> = early.iter().map(|h| h[3..].to_vec()).collect();
    system.write(&crate::world::interleaved(&rest)).await;
    let snapshots: Vec<_> = early.iter().map(|h| system.snapshot(&snapshot_of(h))).collect();
    system.write_records(&snapshots).await;
    system.write_all(&late).await;
    let verified = system.verify().await;
    verified.is_clean();
    assert_eq!((verified.summary.lag.shipments, verified.summary.lag.events), (50, 20 * 4 + 30 * 7));
    assert_eq!(verified.summary.rows, 20);
    system.project().await;
    let verified = system.verify_at_rest().await;
    verified.is_clean();
    assert_eq!(verified.summary.rows, 50);
    system.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_shipment_can_be_asked_about() {
    let all = journeys(20);
    let system = System::with(3, &all).await;
    let id = all[7][0].shipment_id;
    let verified = system.verify_as(Options { shipment: Some(id), ..Options::default() }).await;
    verified.is_clean();
    let summary = &verified.summary;
    assert_eq!((summary.shipments, summary.events, summary.rows, summary.event_rows), (1, 7, 1, 7));
    assert_eq!(summary.entries.values().sum::<u64>(), 5);
    system.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_rebuild_the_new_generation_is_verified() {
    let all = journeys(50);
    let system = System::with(2, &all).await;
    let stop = tokio_util::sync::CancellationToken::new();
    system.projector().await.rebuild(|_| (), &stop).await.unwrap();
    let verified = system.verify_at_rest().await;
    verified.is_clean();
    assert_eq!((verified.summary.generation, verified.summary.rows), (2, 50));
    system.drop().await;
}
