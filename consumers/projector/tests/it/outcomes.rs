//! Commands' outcomes: from the replies topic to their table.

use std::time::{Duration, Instant};

use chrono::Utc;
use event_log::Headers;
use projector::{DeadLetters, Retried};
use shipment_events::{Accepted, CommandId, CommandReply, Outcome, Rejected, Sequence, Timestamp};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::world::{PATIENCE, World, new_id};

fn reply(outcome: Outcome) -> CommandReply {
    CommandReply {
        command_id: CommandId::new(Uuid::new_v4()),
        shipment_id: new_id(),
        decided_at: Timestamp::from(Utc::now()),
        outcome,
    }
}

fn accepted() -> CommandReply {
    reply(Outcome::Accepted(Accepted { version: Sequence::new(3), partition: 1, events: 1 }))
}

async fn outcome(world: &World, of: &CommandReply) {
    let reader = world.store.reader().await.unwrap();
    let begun = Instant::now();
    while reader.outcome(of.command_id).await.unwrap().as_ref() != Some(of) {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outcomes_reach_their_table_and_what_cannot_be_read_is_parked() {
    let world = World::make(2).await;
    let running = world.start().await;
    let rule = Rejected { code: "PT-1004".into(), text: "no".into(), version: Sequence::new(2) };
    let replies = [accepted(), reply(Outcome::Rejected(rule)), accepted()];
    let mut records: Vec<_> = replies.iter().map(|reply| world.reply(reply)).collect();
    let mut poison = world.reply(&accepted());
    poison.value = Some("?".into());
    records.insert(1, poison);
    let positions = world.write_records(&records).await;
    for reply in &replies {
        outcome(&world, reply).await;
    }
    let letters = DeadLetters::of(world.projector().await);
    let listed = letters.list().await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (listed[0].source.partition, listed[0].source.offset),
        (positions[1].partition, positions[1].offset)
    );
    running.stop().await;
    world.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parked_reply_is_retried_and_its_outcome_written_again() {
    let world = World::make(1).await;
    let reply = accepted();
    let written = world.reply(&reply);
    let position = world.write_records(std::slice::from_ref(&written)).await[0];
    let mut letter = written;
    letter.topic = world.topics.dead_letters.clone();
    let why = Headers::new()
        .with("pt-error-code", "refused-by-database")
        .with("pt-error-topic", world.topics.replies.to_string())
        .with("pt-error-partition", position.partition.to_string())
        .with("pt-error-offset", position.offset.to_string());
    for (name, value) in why.iter() {
        letter.headers.push(name, value);
    }
    world.write_records(&[letter]).await;
    let letters = DeadLetters::of(world.projector().await);
    let at = letters.list().await.unwrap()[0].at;
    assert_eq!(letters.retry(at, &CancellationToken::new()).await.unwrap(), Retried::OutcomeWritten);
    outcome(&world, &reply).await;
    world.drop().await;
}
