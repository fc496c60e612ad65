//! Calls without a definite outcome, and set-ups that a handler refuses to work on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use command_handler::Error;
use command_handler::watch::{Nobody, Step};
use event_log::{Fault, TopicSettings, Topics};
use telemetry::Readiness;
use tokio_util::sync::CancellationToken;

use crate::commands::{register, shipment};
use crate::load::mix;
use crate::world::{PARTITIONS, Trace, World, interfering};

fn indefinite() -> Fault {
    Fault::Indefinite { call: "test", transactional_id: "test".to_owned(), source: None }
}

/// Whether the call took effect or not: the producers go, and offsets and state are read anew.
#[tokio::test(flavor = "multi_thread")]
async fn after_an_indefinite_fault_all_producers_are_replaced_and_everything_is_read_again() {
    for moment in [Step::Drained, Step::OffsetsSent, Step::Committed] {
        let world = World::new().await;
        let commands = mix(0..50);
        world.post(&commands).await;
        let trace = Trace::default();
        let once = AtomicBool::new(false);
        let at = moment.clone();
        let watch = interfering(&trace, move |_, step| {
            if *step == at && !once.swap(true, Ordering::Relaxed) { Err(indefinite()) } else { Ok(()) }
        });
        let handler = world.start("a", 1, watch);
        world.wait_for_replies(&commands);
        handler.stop();
        world.ledger().check(&commands);

        let steps: Vec<_> = trace.steps().into_iter().map(|(_, step)| step).collect();
        let discarded = steps.iter().position(|step| *step == Step::ProducersDiscarded).expect("a discard");
        let after = &steps[discarded + 1..];
        let first = |so: &dyn Fn(&Step) -> bool| after.iter().position(so);
        let made = first(&|step| *step == Step::ProducersMade).unwrap();
        let fetched = first(&|step| matches!(step, Step::CommittedFetched(_))).unwrap();
        let decided = first(&|step| matches!(step, Step::Decided(_)));
        assert!(made < fetched, "offsets are read only when the old producers are fenced off");
        assert!(decided.is_none_or(|decided| decided > fetched), "and nothing is decided before");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_offsets_beside_snapshots_stop_the_handler_with_the_way_out() {
    let world = World::new().await;
    let commands = mix(0..20);
    world.post(&commands).await;
    let handler = world.start("a", 1, Arc::new(Nobody));
    world.wait_for_replies(&commands);
    handler.stop();

    let (mut renamed, readiness) = world.handler("b", 1, Arc::new(Nobody));
    renamed.settings.group = Some(format!("{}.other", world.prefix()));
    let error = tokio::task::spawn_blocking(move || renamed.work(&CancellationToken::new()))
        .await
        .unwrap()
        .unwrap_err();
    assert!(matches!(error, Error::OffsetsLost { .. }), "{error}");
    assert!(error.to_string().contains("--reset-offsets --to-earliest"), "{error}");
    assert!(!readiness.is_ready());
    world.ledger().check(&commands);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_number_of_partitions_stops_the_handler() {
    let world = World::new().await;
    let (mut handler, _) = world.handler("a", 1, Arc::new(Nobody));
    handler.topics =
        Topics::new(TopicSettings { partitions: PARTITIONS + 1, ..world.topics.settings().clone() });
    handler.condition = Readiness::new().condition("partitions");
    let error = tokio::task::spawn_blocking(move || handler.work(&CancellationToken::new()))
        .await
        .unwrap()
        .unwrap_err();
    assert!(matches!(error, Error::PartitionCount { expected: 5, actual: 4, .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_under_the_same_name_takes_over_and_the_older_one_stops() {
    let world = World::new().await;
    let first = world.start("a", 1, Arc::new(Nobody));
    first.wait_until_ready();
    let (mut twin, readiness) = world.handler("a", 1, Arc::new(Nobody));
    let elsewhere = tempfile::tempdir().unwrap();
    twin.settings.state_dir = elsewhere.path().to_owned();
    let stop = CancellationToken::new();
    let token = stop.clone();
    let twin = std::thread::spawn(move || twin.work(&token));
    let error = first.ended().unwrap_err();
    assert!(matches!(error, Error::Kafka(event_log::Error::Fenced { .. })), "{error:?}");
    let commands: Vec<_> = (0..20).map(|n| register(shipment(n))).collect();
    world.post(&commands).await;
    world.wait_for_replies(&commands);
    assert!(readiness.is_ready());
    stop.cancel();
    twin.join().unwrap().unwrap();
    world.ledger().check(&commands);
}
