//! Commands under load, while the group changes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use command_handler::watch::{Nobody, Step};
use shipment_domain::ShipmentCommand;

use crate::commands::{amend, cancel, register, scan, shipment};
use crate::world::{PARTITIONS, PATIENCE, Trace, World};

/// A mix for some shipments: registered, amended, scanned, cancelled twice (the second time in vain).
pub(crate) fn mix(shipments: std::ops::Range<u128>) -> Vec<ShipmentCommand> {
    let mut commands: Vec<_> = shipments.clone().map(|n| register(shipment(n))).collect();
    for round in 0..3 {
        commands.extend(shipments.clone().map(|n| scan(shipment(n), round)));
        commands.extend(shipments.clone().map(|n| amend(shipment(n), &format!("round {round}"))));
    }
    commands.extend(shipments.clone().map(|n| cancel(shipment(n))));
    commands.extend(shipments.map(|n| cancel(shipment(n))));
    commands
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_is_decided_once_by_several_workers() {
    let world = World::new().await;
    let commands = mix(0..200);
    world.post(&commands).await;
    // One more than there are partitions: it has nothing to do, and is ready all the same.
    let handler = world.start("a", PARTITIONS as usize + 1, Arc::new(Nobody));
    world.wait_for_replies(&commands);
    handler.wait_until_ready();
    handler.stop();
    world.ledger().check(&commands);
}

#[tokio::test(flavor = "multi_thread")]
async fn handlers_that_come_and_go_under_load_neither_lose_nor_repeat_anything() {
    let world = World::new().await;
    let mut posted = Vec::new();
    let mut running = Vec::new();
    // First they come, one after the other; then all but the last go. Commands are posted all the while.
    for n in 0..3 {
        let trace = Trace::default();
        // Four workers in the end, as there are partitions.
        running.push(world.start(&format!("h{n}"), if n == 0 { 2 } else { 1 }, Arc::new(trace.clone())));
        post_until(&world, &mut posted, || trace.count(|step| *step == Step::Applied) > 5).await;
    }
    for handler in running.drain(..2) {
        handler.stop();
        // Its partitions wait for its return until its session is over.
        post_until(&world, &mut posted, || true).await;
    }
    world.wait_for_replies(&posted);
    running.remove(0).stop();
    world.ledger().check(&posted);
}

async fn post_until(world: &World, posted: &mut Vec<ShipmentCommand>, so: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        assert!(Instant::now() < deadline, "waited in vain");
        let first = posted.len() as u128;
        let commands = mix(first..first + 20);
        world.post(&commands).await;
        posted.extend(commands);
        if so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// By hand: `cargo test --release -p command-handler --test it throughput -- --ignored --nocapture`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, not a test"]
async fn throughput_of_a_backlog() {
    let world = World::new().await;
    let commands: Vec<_> = (0..100_000).map(|n| register(shipment(n))).collect();
    world.post(&commands).await;
    let started = Instant::now();
    let handler = world.start("a", 2, Arc::new(Nobody));
    handler.wait_until_ready();
    let ready = started.elapsed();
    world.wait_for_replies(&commands);
    println!("ready after {ready:?}, all replies seen after {:?}", started.elapsed());
    handler.stop();
}
