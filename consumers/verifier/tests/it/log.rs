//! What is wrong in the events topic.

use event_log::{Headers, partition_of};
use shipment_events::{CommandId, EventBody, EventId, Timestamp};
use uuid::Uuid;
use verifier::{Kind, Options};

use crate::system::{System, id_of, journeys, sequence};

fn only_the_log() -> Options {
    Options { rows: false, lists: false, ..Options::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gaps_and_repeats_are_found_with_their_shipments() {
    let mut all = journeys(12);
    let system = System::make(3).await;
    let (gap, same, other) = (id_of(&all[2]), id_of(&all[5]), id_of(&all[9]));
    let (repeat, mut another) = (all[5][3].clone(), all[9][6].clone());
    another.actor = Some("somebody else".to_owned());
    all[2].drain(2..4);
    system.write_all(&all).await;
    system.write(&[repeat, another]).await;
    let verified = system.verify_as(only_the_log()).await;
    // A snapshot of what can't be folded isn't compared; a repeated event at the end is in order.
    verified.has(&[(Kind::Gap, gap), (Kind::Repeat, same), (Kind::OutOfOrder, same), (Kind::Repeat, other)]);
    assert_eq!(verified.detail(Kind::Gap), "lacks 3 to 4 of the sequences up to 7");
    let contents: Vec<_> = verified
        .findings
        .iter()
        .filter(|f| f.kind == Kind::Repeat)
        .map(|f| (f.shipment_id.unwrap(), f.detail.contains("the same"), f.offset.is_some()))
        .collect();
    assert!(contents.contains(&(same, true, true)) && contents.contains(&(other, false, true)));
    system.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_that_do_not_belong_are_found() {
    let all = journeys(4);
    let system = System::make(3).await;
    system.write_all(&all).await;
    let event = |n: usize| system.record(&all[n][6]);
    // Compaction needs some key, so the broker refuses records that have none.
    let mut keyless = event(0);
    keyless.key = Some("nobody".into());
    let mut under_another = event(0);
    under_another.key = Some(format!("{}#99", id_of(&all[0])).into());
    let mut misplaced = event(1);
    misplaced.partition = (misplaced.partition + 1) % 3;
    let mut poison = event(2);
    (poison.value, poison.headers) = (Some("?".into()), Headers::new());
    poison.key = Some(format!("{}#8", id_of(&all[2])).into());
    let mut valueless = event(3);
    (valueless.value, valueless.key) = (None, Some(format!("{}#8", id_of(&all[3])).into()));
    system.write_records(&[keyless, under_another, misplaced, poison, valueless]).await;
    let verified = system.verify_as(only_the_log()).await;
    verified.has(&[
        (Kind::WrongKey, id_of(&all[0])),
        (Kind::WrongKey, id_of(&all[0])),
        (Kind::Gap, id_of(&all[0])),
        (Kind::WrongPartition, id_of(&all[1])),
        (Kind::Undecodable, id_of(&all[2])),
        (Kind::NoValue, id_of(&all[3])),
    ]);
    let misplaced = verified.findings.iter().find(|f| f.kind == Kind::WrongPartition).unwrap();
    assert_ne!(misplaced.partition, Some(partition_of(id_of(&all[1]), 3)));
    assert_eq!(verified.detail(Kind::Undecodable), "can't be decoded: not-framed");
    system.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_done_twice_is_found() {
    let mut all = journeys(5);
    // The same command once more, as by a handler that forgot it: another sequence under the same ids.
    let mut again = all[0][3].clone();
    again.sequence = sequence(8);
    all[0].push(again);
    // A scan under another command.
    let mut scan = all[1][6].clone();
    (scan.sequence, scan.command_id) = (sequence(8), CommandId::new(Uuid::new_v4()));
    scan.event_id = EventId::of_command(scan.command_id, 0);
    scan.recorded_at = Timestamp::from_millis(scan.recorded_at.as_millis() + 1);
    assert!(matches!(scan.body, EventBody::ScanRecorded(_)));
    all[1].push(scan);
    let id = all[2][1].event_id;
    all[2][2].event_id = id;
    all[3][4].recorded_at = Timestamp::from_millis(0);
    let system = System::make(2).await;
    system.write_all(&all).await;
    let verified = system.verify_as(only_the_log()).await;
    verified.has(&[
        (Kind::CommandTwice, id_of(&all[0])),
        (Kind::TimeBackwards, id_of(&all[0])),
        (Kind::ScanTwice, id_of(&all[1])),
        (Kind::EventIdTwice, id_of(&all[2])),
        (Kind::TimeBackwards, id_of(&all[3])),
    ]);
    let command = all[0][3].command_id;
    assert_eq!(verified.detail(Kind::CommandTwice), format!("command {command} made the events 4 and 8"));
    system.drop().await;
}
