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
fn the_later_decision_wins_and_lives_a_week() {
    let rejected = Rejected { code: "PT-1".to_owned(), text: "no".to_owned(), version: Sequence::NONE };
    let first = project_reply(&reply(1000, Outcome::Rejected(rejected)));
    let accepted = Accepted { version: Sequence::new(1), partition: 0, events: 1 };
    let second = project_reply(&reply(2000, Outcome::Accepted(accepted)));
    assert!(second.timestamp > first.timestamp);
    assert_eq!(first.expires_at.as_millis(), 1000 + 7 * 24 * 3600 * 1000);
    for outcome in [first, second] {
        assert_eq!(OutcomeWrite::read_cell(&outcome.cell()), Some(outcome.reply));
    }
}
