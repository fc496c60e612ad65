//! Taking partitions over.

use std::sync::Arc;

use command_handler::watch::Step;

use crate::commands::{register, scan, shipment};
use crate::world::{PARTITIONS, Trace, World};

/// The steps that concern one partition's takeover, in the order they were taken.
fn takeover(trace: &Trace, partition: i32) -> Vec<&'static str> {
    trace
        .steps()
        .iter()
        .filter_map(|(_, step)| match step {
            Step::ProducersMade => Some("producers"),
            Step::Assigned(all) if all.contains(&partition) => Some("assigned"),
            Step::CommittedFetched(p) if *p == partition => Some("1 committed"),
            Step::EndTaken(p) if *p == partition => Some("2 end"),
            Step::EndStable(p) if *p == partition => Some("3 stable"),
            Step::ReadToEnd { partition: p, .. } if *p == partition => Some("4 read"),
            Step::Resumed { partition: p, .. } if *p == partition => Some("5 resumed"),
            _ => None,
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_takeover_takes_its_five_steps_in_order() {
    let world = World::new().await;
    let trace = Trace::default();
    let handler = world.start("a", 1, Arc::new(trace.clone()));
    handler.wait_until_ready();
    handler.stop();
    for partition in 0..PARTITIONS {
        let steps = takeover(&trace, partition);
        assert_eq!(
            steps,
            ["producers", "assigned", "1 committed", "2 end", "3 stable", "4 read", "5 resumed"],
            "partition {partition}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_reads_only_the_tail_and_another_machine_everything() {
    let world = World::new().await;
    let commands: Vec<_> = (0..400).map(|n| register(shipment(n))).collect();
    world.post(&commands).await;
    let handler = world.start("a", 1, Arc::new(Trace::default()));
    world.wait_for_replies(&commands);
    handler.stop();

    let read = |trace: &Trace| -> u64 {
        let steps = trace.steps();
        steps
            .iter()
            .map(|(_, step)| if let Step::ReadToEnd { records, .. } = step { *records } else { 0 })
            .sum()
    };
    let trace = Trace::default();
    let same = world.start("a", 1, Arc::new(trace.clone()));
    same.wait_until_ready();
    assert_eq!(read(&trace), 0, "all is in the store");
    same.stop();

    let trace = Trace::default();
    let other = world.start("b", 1, Arc::new(trace.clone()));
    let more: Vec<_> = (0..400).map(|n| scan(shipment(n), 1)).collect();
    world.post(&more).await;
    world.wait_for_replies(&more);
    assert_eq!(read(&trace), 400);
    other.stop();
    world.ledger().check(&[commands, more].concat());
}
