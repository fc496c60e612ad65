use shipment_events::{Accepted, CommandReply, Outcome, Rejected, Sequence, Timestamp};
use tracking_view::{OutcomeWrite, project_reply};
use uuid::Uuid;

fn reply(decided_at: i64, outcome: Outcome) -> CommandReply {
    CommandReply {
        command_id: Uuid::from_u128(1).into(),
        shipment_id: Uuid::from_u128(2).into(),
        decided_at: Timestamp::from_millis(decided_at),
        outcome,
    }
}

#[test]
fn the_later_decision_wins_but_no_refusal_over_an_acceptance_and_lives_a_week() {
    let rejected = Rejected { code: "PT-1".to_owned(), text: "no".to_owned(), version: Sequence::NONE };
    let rejected = |at| project_reply(&reply(at, Outcome::Rejected(rejected.clone())));
    let accepted = Accepted { version: Sequence::new(1), partition: 0, events: 1 };
    let accepted = |at| project_reply(&reply(at, Outcome::Accepted(accepted.clone())));
    let (first, second) = (rejected(1000), accepted(2000));
    assert!(second.timestamp > first.timestamp);
    assert!(rejected(2000).timestamp > first.timestamp && accepted(3000).timestamp > second.timestamp);
    let week = 7 * 24 * 3600 * 1000;
    assert!(rejected(2000 + week - 1).timestamp < second.timestamp, "it is remembered still");
    assert_eq!(first.expires_at.as_millis(), 1000 + 7 * 24 * 3600 * 1000);
    for outcome in [first, second] {
        assert_eq!(OutcomeWrite::read_cell(&outcome.cell()), Some(outcome.reply));
    }
}
