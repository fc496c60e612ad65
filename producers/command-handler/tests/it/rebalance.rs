//! What a rebalance meets half-way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use command_handler::watch::Step;
use event_log::GroupOffsets;

use crate::commands::{register, scan, shipment};
use crate::load::mix;
use crate::world::{PARTITIONS, Trace, World, interfering, wait_for};

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_a_rebalance_overtakes_is_aborted_and_decided_again_by_whoever_owns_it_then() {
    let world = World::new().await;
    let commands = mix(0..50);
    world.post(&commands).await;
    let (trace, held, go_on) =
        (Trace::default(), Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let watch = {
        let (held, go_on) = (held.clone(), go_on.clone());
        interfering(&trace, move |_, step| {
            // The first batch is written, and its worker stops for a while before it sends the offsets.
            if *step == Step::Drained && !held.swap(true, Ordering::Relaxed) {
                wait_for("leave to go on", || go_on.load(Ordering::Relaxed));
            }
            Ok(())
        })
    };
    let first = world.start("a", 1, watch);
    wait_for("the first batch", || held.load(Ordering::Relaxed));
    let second_trace = Trace::default();
    let second = world.start("b", 1, Arc::new(second_trace.clone()));
    // librdkafka takes part in the rebalance in the background; the worker doesn't know yet.
    let group = GroupOffsets::new(&world.kafka, &world.group(), Duration::from_secs(10)).unwrap();
    wait_for("a second member", || group.members().unwrap() == 2);
    wait_for("its assignment", || second_trace.has(|step| matches!(step, Step::Assigned(_))));
    assert!(!trace.has(|step| matches!(step, Step::Revoked(_))));
    go_on.store(true, Ordering::Relaxed);

    world.wait_for_replies(&commands);
    let steps: Vec<_> = trace.steps().into_iter().map(|(_, step)| step).collect();
    let aborted = steps.iter().position(|step| *step == Step::Aborted).expect("the batch was aborted");
    assert_eq!(steps[aborted + 1], Step::SoughtBack, "before the next poll");
    let committed = steps.iter().position(|step| *step == Step::Committed);
    assert!(committed.is_none_or(|committed| committed > aborted), "{steps:?}");
    // Both end up with their share.
    let more: Vec<_> = (0..50).map(|n| scan(shipment(n), 10)).collect();
    wait_for("two partitions each", || {
        second_trace.count(|step| matches!(step, Step::Resumed { .. })) == PARTITIONS as usize / 2
    });
    world.post(&more).await;
    world.wait_for_replies(&more);
    first.stop();
    second.stop();
    world.ledger().check(&[commands, more].concat());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_we_are_is_noted_before_each_poll() {
    let world = World::new().await;
    let commands: Vec<_> = (0..100).map(|n| register(shipment(n))).collect();
    let trace = Trace::default();
    let handler = world.start("a", 1, Arc::new(trace.clone()));
    handler.wait_until_ready();
    for chunk in commands.chunks(20) {
        world.post(chunk).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    world.wait_for_replies(&commands);
    handler.stop();
    let steps: Vec<_> = trace.steps().into_iter().map(|(_, step)| step).collect();
    for (at, step) in steps.iter().enumerate() {
        if matches!(step, Step::Polled(_)) {
            assert_eq!(steps[at - 1], Step::MetadataTaken);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_restore_does_not_cost_the_membership_nor_hold_up_other_partitions() {
    let world = World::new().await;
    let commands: Vec<_> = (0..100).map(|n| register(shipment(n))).collect();
    world.post(&commands).await;
    let first = world.start("a", 1, Arc::new(Trace::default()));
    world.wait_for_replies(&commands);
    first.wait_until_ready();

    // The second takes longer to restore than its session lasts.
    let trace = Trace::default();
    let slept = Arc::new(AtomicBool::new(false));
    let watch = {
        let slept = slept.clone();
        interfering(&trace, move |_, step| {
            if matches!(step, Step::EndStable(_)) && !slept.swap(true, Ordering::Relaxed) {
                std::thread::sleep(Duration::from_secs(9));
            }
            Ok(())
        })
    };
    let second = world.start("b", 1, watch);
    wait_for("the restore", || slept.load(Ordering::Relaxed));
    assert!(second.reason().starts_with("restoring partition"), "{}", second.reason());
    let polls = trace.count(|step| *step == Step::MetadataTaken);
    second.wait_until_ready();
    assert!(trace.count(|step| *step == Step::MetadataTaken) > polls + 50, "it went on polling");
    assert!(!trace.has(|step| matches!(step, Step::Lost(_) | Step::Revoked(_))));
    let more: Vec<_> = (0..100).map(|n| scan(shipment(n), 1)).collect();
    world.post(&more).await;
    world.wait_for_replies(&more);
    first.stop();
    second.stop();
    world.ledger().check(&[commands, more].concat());
}
