//! What became of commands.

use serde_json::json;
use shipment_events::{
    Accepted, CommandId, CommandReply, Outcome, Rejected, Sequence, ShipmentId, Timestamp,
};
use tokio_util::sync::CancellationToken;
use tracking_view::project_reply;
use uuid::Uuid;

use crate::world::in_world;

#[test]
fn accepted_rejected_and_not_known() {
    in_world(async |world| {
        let api = world.api().await;
        let now = Timestamp::from(chrono::Utc::now());
        let reply = |outcome| CommandReply {
            command_id: CommandId::new(Uuid::new_v4()),
            shipment_id: ShipmentId::new(Uuid::new_v4()),
            decided_at: now,
            outcome,
        };
        let accepted =
            reply(Outcome::Accepted(Accepted { version: Sequence::new(4), partition: 1, events: 1 }));
        let (code, text) = ("PT-1004".to_owned(), "the weight must be above zero".to_owned());
        let rejected = reply(Outcome::Rejected(Rejected { code, text, version: Sequence::new(2) }));
        let writes = [&accepted, &rejected].map(project_reply);
        world.writer().write_outcomes(&writes, now, &CancellationToken::new()).await.unwrap();

        let said = api.client.get(&format!("/api/v1/commands/{}", accepted.command_id)).await.ok();
        assert_eq!(
            said,
            json!({
                "command_id": accepted.command_id.to_string(),
                "shipment_id": accepted.shipment_id.to_string(),
                "decided_at": now.to_string(),
                "outcome": "accepted",
                "version": 4
            })
        );
        let said = api.client.get(&format!("/api/v1/commands/{}", rejected.command_id)).await.ok();
        assert_eq!((&said["outcome"], &said["code"]), (&json!("rejected"), &json!("PT-1004")));
        assert_eq!(said["text"], "the weight must be above zero");

        api.client.get(&format!("/api/v1/commands/{}", Uuid::new_v4())).await.problem(404, "PT-0014");
        api.client.get("/api/v1/commands/mine").await.problem(400, "PT-0003");
        api.stop().await;
    });
}
