//! A new generation beside the live one: the same rows, whatever happens meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use event_codec::headers::PT_SCHEMA;
use event_log::{GroupOffsets, Headers};
use projector::{DeadLetters, Error, Projector, RebuildProgress, group_of};
use shipment_events::ShipmentEvent;
use tokio_util::sync::CancellationToken;
use tracking_view::{CellWrite, Change, Column, FORM, Projection, Value};
use view_store::Detail;

use crate::histories::{Step, erased, history};
use crate::world::{PATIENCE, Running, World, histories, interleaved, new_id, phones};

fn never() -> CancellationToken {
    CancellationToken::new()
}

fn quietly(_: &RebuildProgress) {}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_under_writes_gives_the_same_rows_and_the_projector_goes_on_there() {
    let world = World::make(3).await;
    let running = world.start().await;
    let histories = histories(400);
    let events = interleaved(&histories);
    let (before, during, after) = (events.len() / 2, events.len() * 3 / 4, events.len());
    world.write(&events[..before]).await;
    // Something that is parked must be marked in the new generation too, and not be parked twice.
    let register = Step::Register { phone: None, number: None, reference: false };
    let incomplete = history(new_id(), &[register, Step::AmendWeight(7)]);
    let mut poison = world.record(&incomplete[1]);
    (poison.value, poison.headers) = (Some("?".into()), Headers::new().with(PT_SCHEMA, "x"));
    world.write(&incomplete[..1]).await;
    world.write_records(&[poison]).await;
    let marked = world.row_that(incomplete[0].shipment_id, |row| !row.parked.is_empty()).await;

    let projector = world.projector().await;
    let rebuilding = tokio::spawn(async move { projector.rebuild(quietly, &never()).await });
    for part in events[before..during].chunks(100) {
        world.write(part).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let rebuilt = rebuilding.await.unwrap().unwrap();
    assert_eq!((rebuilt.generation, rebuilt.previous, rebuilt.resumed), (2, 1, false));
    assert!(rebuilt.events as usize >= before, "{rebuilt:?}");
    assert_eq!(world.store.generations().await.unwrap().live, 2);
    world.write(&events[during..after]).await;
    world.agrees_with(&histories).await;
    assert_eq!(world.row(incomplete[0].shipment_id).await, Some(marked));
    let letters = DeadLetters::of(world.projector().await).list().await.unwrap();
    assert_eq!(letters.len(), 1);
    running.until_ready().await;

    // And back: the projector catches the old generation up from where it left it.
    let projector = world.projector().await;
    let back = projector.flip_back(&never()).await.unwrap();
    assert_eq!((back.generation, back.previous), (1, 2));
    assert!(back.behind > 0, "{back:?}");
    world.agrees_with(&histories).await;
    assert_eq!(projector.drop_old(&never()).await.unwrap(), [2]);
    let more = crate::world::histories(10);
    world.write(&interleaved(&more)).await;
    world.agrees_with(&more).await;
    running.stop().await;
    world.drop().await;
}

/// Stops it after a part of the events, and says how many those were.
async fn interrupt(projector: &Projector) -> u64 {
    let (stop, seen) = (CancellationToken::new(), Arc::new(AtomicU64::new(0)));
    let interrupted = {
        let (told, seen) = (stop.clone(), seen.clone());
        let tell = move |progress: &RebuildProgress| {
            seen.store(progress.done, Ordering::Relaxed);
            if progress.done > 500 {
                told.cancel();
            }
        };
        projector.rebuild(tell, &stop).await
    };
    assert!(matches!(interrupted, Err(Error::Cancelled)), "{interrupted:?}");
    seen.load(Ordering::Relaxed)
}

/// Small batches, so that a rebuild takes long enough to be stopped half-way.
async fn slow_projector(world: &World) -> Projector {
    let settings = world.settings_with(|settings| settings.projector.batch_records = 30);
    Projector::connect(&settings).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_that_another_projection_began_is_begun_anew() {
    let world = World::make(2).await;
    let histories = histories(1_500);
    let events = interleaved(&histories);
    world.write(&events).await;
    let projector = slow_projector(&world).await;
    interrupt(&projector).await;
    assert_eq!(world.store.form(2).await.unwrap(), Some(FORM));
    world.store.save_form(2, FORM + 1).await.unwrap();

    let rebuilt = projector.rebuild(quietly, &never()).await.unwrap();
    assert!(!rebuilt.resumed && rebuilt.generation == 3, "{rebuilt:?}");
    assert!(rebuilt.events >= events.len() as u64, "{rebuilt:?}");
    world.agrees_with(&histories).await;
    world.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_rebuild_goes_on_where_it_was() {
    let world = World::make(2).await;
    let histories = histories(1_500);
    let events = interleaved(&histories);
    world.write(&events).await;
    // Nothing is live yet but an empty generation, and no projector works: the rebuild does it all.
    let projector = slow_projector(&world).await;
    let done = interrupt(&projector).await;
    assert!(done > 0 && done < events.len() as u64, "{done} of {}", events.len());
    assert_eq!(world.store.generations().await.unwrap().building, Some(2));

    let rebuilt = projector.rebuild(quietly, &never()).await.unwrap();
    assert!(rebuilt.resumed && rebuilt.generation == 2, "{rebuilt:?}");
    assert!(rebuilt.events < events.len() as u64, "it began anew: {rebuilt:?}");
    world.agrees_with(&histories).await;
    // The projector has nothing to do but to take over.
    let group = group_of(&world.settings.projector_group(), 2);
    let offsets = GroupOffsets::new(&world.kafka, &group, PATIENCE).unwrap();
    let topic = world.topics.events.clone();
    let lag = tokio::task::spawn_blocking(move || offsets.lag(&topic, event_log::Isolation::Committed));
    assert!(lag.await.unwrap().unwrap().iter().all(|(_, lag)| *lag == 0));
    let running = world.start().await;
    running.until_ready().await;
    running.stop().await;
    world.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_corrects_what_a_wrong_projector_wrote() {
    let world = World::make(2).await;
    let histories = histories(150);
    let mut events = interleaved(&histories);
    let rewrites: Vec<ShipmentEvent> = events.iter().step_by(11).map(erased).collect();
    events.extend(rewrites.iter().cloned());
    let wrong = world.projector().await.with_projection(Arc::new(|event: &ShipmentEvent, framed: &[u8]| {
        let right = Projection::new(phones()).project(event, framed);
        right.into_iter().map(spoilt).collect()
    }));
    let running = Running::start(wrong);
    world.write(&events).await;
    let some = histories.iter().rfind(|history| !history.is_empty()).unwrap();
    let last = some.last().unwrap();
    let reader = world.store.reader().await.unwrap();
    running.until_ready().await;
    let row = reader.shipment(last.shipment_id, Detail::Full).await.unwrap().unwrap();
    assert_ne!(Some(row), crate::world::expected(some));
    running.stop().await;

    // A right projector can't correct it in place: the larger bytes of the same stamp win.
    let right = world.projector().await;
    right.rebuild(quietly, &never()).await.unwrap();
    let running = Running::start(right);
    let newest = |event: &ShipmentEvent| {
        rewrites.iter().find(|rewrite| rewrite.event_id == event.event_id).unwrap_or(event).clone()
    };
    let histories: Vec<Vec<_>> = histories.iter().map(|h| h.iter().map(newest).collect()).collect();
    world.agrees_with(&histories).await;
    running.until_ready().await;
    running.stop().await;
    world.drop().await;
}

/// The same write with every text in upper case and under "zz": larger bytes than the right ones.
fn spoilt(mut write: CellWrite) -> CellWrite {
    if let Change::Cells(cells) = &mut write.change {
        for (column, value) in cells {
            if let (Column::LastEventType | Column::CustomerId, Some(Value::Text(text))) = (*column, value) {
                *text = format!("zz{}", text.to_uppercase());
            }
        }
    }
    write
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_rebuilds_at_once_are_refused() {
    let world = World::make(1).await;
    let histories = histories(200);
    world.write(&interleaved(&histories)).await;
    let slow = |_: &ShipmentEvent, _: &[u8]| -> Vec<CellWrite> {
        std::thread::sleep(Duration::from_millis(20));
        Vec::new()
    };
    let first = world.projector().await.with_projection(Arc::new(slow));
    let stop = CancellationToken::new();
    let told = stop.clone();
    let first = tokio::spawn(async move { first.rebuild(quietly, &told).await });
    let second: Projector = world.projector().await;
    let begun = std::time::Instant::now();
    while world.store.generations().await.unwrap().building.is_none() {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let refused = second.rebuild(quietly, &never()).await.unwrap_err();
    assert!(matches!(refused, Error::Locked), "{refused}");
    stop.cancel();
    assert!(matches!(first.await.unwrap(), Err(Error::Cancelled)));
    // What was left of the first can be given up, and the next begins anew.
    assert_eq!(second.drop_old(&never()).await.unwrap(), [2]);
    assert_eq!(second.rebuild(quietly, &never()).await.unwrap().generation, 3);
    world.agrees_with(&histories).await;
    world.drop().await;
}
