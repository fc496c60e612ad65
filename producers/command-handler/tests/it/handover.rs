//! What a predecessor left behind: transactions that are open, or decided and not yet marked.

use std::sync::Arc;
use std::time::Duration;

use command_handler::watch::Step;
use event_log::{
    Event, GroupConsumer, GroupOffsets, GroupSettings, Outgoing, StartPolicy, TopicPartition,
    TransactionSettings, TransactionalProducer, partition_of,
};
use shipment_domain::ShipmentCommand;

use crate::commands::{register, scan, shipment};
use crate::driver::Driver;
use crate::world::{PARTITIONS, Trace, World, wait_for};

fn producer(world: &World) -> TransactionalProducer {
    let settings = TransactionSettings {
        transactional_id: format!("{}.predecessor", world.prefix()),
        transaction_timeout: Duration::from_mins(1),
        call_timeout: Duration::from_secs(20),
    };
    TransactionalProducer::init(&world.kafka, settings).unwrap()
}

/// What a handler would write for this command, its topic id and offsets being the real ones.
fn written_for(world: &World, command: &ShipmentCommand) -> Vec<Outgoing> {
    let mut driver = Driver::default();
    driver.given.topics = world.topics.clone();
    driver.post(std::slice::from_ref(command)).outgoing
}

/// The offsets of a transaction may have their marker while its snapshots don't have theirs yet.
#[tokio::test(flavor = "multi_thread")]
async fn snapshots_whose_markers_are_still_missing_are_waited_for() {
    let world = World::new().await;
    let known = register(shipment(1));
    let partition = partition_of(shipment(1), PARTITIONS);
    world.post(std::slice::from_ref(&known)).await;
    let mut predecessor = producer(&world);
    predecessor.begin().unwrap();
    for (tag, record) in written_for(&world, &known).iter().enumerate() {
        predecessor.send(record, tag).unwrap();
    }
    predecessor.drain().unwrap();
    let group = GroupOffsets::new(&world.kafka, &world.group(), Duration::from_secs(10)).unwrap();
    group.set(&[(TopicPartition::new(world.topics.commands.clone(), partition), 1)]).unwrap();

    let trace = Trace::default();
    let handler = world.start("a", 1, Arc::new(trace.clone()));
    wait_for("the second step", || trace.has(|step| *step == Step::EndTaken(partition)));
    let next = scan(shipment(1), 1);
    world.post(std::slice::from_ref(&next)).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!trace.has(|step| *step == Step::EndStable(partition)), "it is not stable yet");
    assert!(!trace.has(|step| matches!(step, Step::Polled(_))), "and nothing is decided");

    predecessor.commit().unwrap();
    let commands = [known, next];
    world.wait_for_replies(&commands);
    handler.stop();
    // The scan has the sequence after the registration's: that one was not issued again.
    world.ledger().check(&commands);
}

/// Joins the group and waits to be a member.
fn member(world: &World, instance: &str) -> GroupConsumer {
    let settings = GroupSettings {
        instance: Some(instance.to_owned()),
        start: StartPolicy::Held,
        session_timeout: Duration::from_secs(6),
        ..GroupSettings::new(world.group(), &[&world.topics.commands])
    };
    let mut consumer = GroupConsumer::join(&world.kafka, settings).unwrap();
    wait_for("the membership", || {
        matches!(consumer.poll(Duration::from_millis(50)).unwrap(), Some(Event::Assigned(_)))
    });
    consumer
}

#[tokio::test(flavor = "multi_thread")]
async fn offsets_of_an_undecided_transaction_are_waited_for() {
    let world = World::new().await;
    let commands = [register(shipment(1)), scan(shipment(1), 1)];
    let partition = partition_of(shipment(1), PARTITIONS);
    world.post(&commands).await;
    let mut predecessor = producer(&world);
    {
        let group = member(&world, "old.0");
        predecessor.begin().unwrap();
        for (tag, record) in written_for(&world, &commands[0]).iter().enumerate() {
            predecessor.send(record, tag).unwrap();
        }
        predecessor.drain().unwrap();
        let offsets = [(TopicPartition::new(world.topics.commands.clone(), partition), 1)];
        predecessor.send_offsets(&offsets, &group.group_metadata().unwrap()).unwrap();
    }
    let trace = Trace::default();
    // The same instance, so that the group has it back at once.
    let handler = world.start("old", 1, Arc::new(trace.clone()));
    wait_for("the assignment", || trace.has(|step| matches!(step, Step::Assigned(_))));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!trace.has(|step| matches!(step, Step::CommittedFetched(_))), "the first step waits");
    predecessor.commit().unwrap();
    world.wait_for_replies(&commands);
    handler.stop();
    assert!(
        trace.has(|step| *step == Step::Resumed { partition, offset: 1 }),
        "from the predecessor's offset on"
    );
    world.ledger().check(&commands);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_predecessor_wrote_and_aborted_leaves_no_trace() {
    let world = World::new().await;
    let command = register(shipment(1));
    world.post(std::slice::from_ref(&command)).await;
    let mut predecessor = producer(&world);
    predecessor.begin().unwrap();
    for (tag, record) in written_for(&world, &command).iter().enumerate() {
        predecessor.send(record, tag).unwrap();
    }
    predecessor.drain().unwrap();
    predecessor.abort().unwrap();
    let handler = world.start("a", 1, Arc::new(Trace::default()));
    world.wait_for_replies(std::slice::from_ref(&command));
    handler.stop();
    world.ledger().check(&[command]);
}
