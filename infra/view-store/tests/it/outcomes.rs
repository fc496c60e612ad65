use std::time::Duration;

use shipment_events::{Accepted, CommandReply, Outcome, Rejected, Sequence, Timestamp};
use tracking_view::project_reply;
use uuid::Uuid;

use crate::database::{Database, never, new_id};

fn accepted() -> Outcome {
    Outcome::Accepted(Accepted { version: Sequence::new(1), partition: 3, events: 1 })
}

fn rejected() -> Outcome {
    Outcome::Rejected(Rejected { code: "PT-1004".to_owned(), text: "no".to_owned(), version: Sequence::NONE })
}

#[tokio::test]
async fn the_last_answer_counts_and_is_forgotten_in_time() {
    let database = Database::make().await;
    let writer = database.writer().await;
    let reader = database.store.reader().await.unwrap();
    let decided_at = Timestamp::from_millis(1_790_000_000_000);
    let reply = |outcome, later| CommandReply {
        command_id: Uuid::from_u128(9).into(),
        shipment_id: new_id(),
        decided_at: Timestamp::from_millis(decided_at.as_millis() + later),
        outcome,
    };
    let (first, second) = (reply(rejected(), 0), reply(accepted(), 5));
    let outcomes = [project_reply(&second), project_reply(&first)];
    assert_eq!(reader.outcome(first.command_id).await.unwrap(), None);
    writer.write_outcomes(&outcomes, decided_at, &never()).await.unwrap();
    assert_eq!(reader.outcome(first.command_id).await.unwrap(), Some(second.clone()));

    // Read again from the topic a week later, all but two seconds of their life is over.
    let other = CommandReply { command_id: Uuid::from_u128(10).into(), ..second };
    let outcome = project_reply(&other);
    let late = Timestamp::from_millis(outcome.expires_at.as_millis() - 2000);
    writer.write_outcomes(std::slice::from_ref(&outcome), late, &never()).await.unwrap();
    assert!(reader.outcome(other.command_id).await.unwrap().is_some());
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(reader.outcome(other.command_id).await.unwrap(), None);
    writer.write_outcomes(std::slice::from_ref(&outcome), outcome.expires_at, &never()).await.unwrap();
    assert_eq!(reader.outcome(other.command_id).await.unwrap(), None);
    database.drop().await;
}
