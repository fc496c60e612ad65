//! Histories, page by page.

use serde_json::{Value, json};
use shipment_events::Status;

use crate::histories::Step;
use crate::parcels::{REGISTER, Shop, path_of, scan};
use crate::world::in_world;

#[test]
fn every_event_readable_and_in_order() {
    in_world(async |world| {
        let (api, shop) = (world.api().await, Shop::new());
        let events = shop.parcel(&[
            REGISTER,
            scan(Status::InTransit),
            Step::AmendRecipient { phone: None },
            Step::Retract(0),
            Step::Cancel { reason: true },
            Step::Archive,
        ]);
        assert_eq!(events.len(), 6);
        world.plant(&events).await;
        let said = api.client.get(&format!("{}/history", path_of(&events))).await.ok();
        assert_eq!((&said["version"], said.get("next_after")), (&json!(6), None));
        let shown = said["events"].as_array().unwrap();
        assert_eq!(shown.len(), 6);
        for (shown, event) in shown.iter().zip(&events) {
            assert_eq!(shown["sequence"], event.sequence.get());
            assert_eq!(shown["event_id"], event.event_id.to_string());
            assert_eq!(shown["type"], event.body.type_name());
            assert_eq!(shown["occurred_at"], event.occurred_at.to_string());
            assert_eq!(shown["recorded_at"], event.recorded_at.to_string());
            assert_eq!(shown["status_after"], event.status_after.as_str());
            assert_eq!(shown["actor"], "somebody");
        }
        assert_eq!(shown[0]["body"]["customer_reference"], "order 7");
        assert_eq!(shown[1]["body"]["time"], "2026-03-31T03:00:00.000Z");
        assert_eq!(shown[1]["body"]["local_time"], "2026-03-31T04:00:00+01:00");
        assert_eq!(shown[1]["body"]["signed_by"], "J. Doe");
        assert_eq!(shown[2]["body"]["recipient"]["name"], "another");
        assert!(shown[2]["body"].get("weight_grams").is_none(), "an amendment shows what changed");
        assert_eq!(shown[3]["body"]["scan_event_id"], events[1].event_id.to_string());
        assert_eq!(shown[4]["body"]["reason"], "changed my mind");
        assert_eq!(shown[5]["body"], json!({}));
        api.stop().await;
    });
}

#[test]
fn pages_make_up_the_whole() {
    in_world(async |world| {
        let (api, shop) = (world.api().await, Shop::new());
        let mut steps = vec![REGISTER];
        steps.extend((0..24).map(|_| scan(Status::InTransit)));
        let events = shop.parcel(&steps);
        world.plant(&events).await;
        let path = format!("{}/history", path_of(&events));
        let sequences = |page: &Value| -> Vec<i64> {
            page["events"].as_array().unwrap().iter().map(|e| e["sequence"].as_i64().unwrap()).collect()
        };
        for limit in [1, 7, 25, 26] {
            let (mut all, mut after) = (Vec::new(), 0);
            loop {
                let page = api.client.get(&format!("{path}?limit={limit}&after={after}")).await.ok();
                all.extend(sequences(&page));
                match page["next_after"].as_i64() {
                    Some(next) => after = next,
                    None => break,
                }
            }
            assert_eq!(all, (1..=25).collect::<Vec<_>>(), "{limit}");
        }
        for after in [25, 1_000, i64::MAX] {
            let page = api.client.get(&format!("{path}?after={after}")).await.ok();
            assert_eq!((sequences(&page), &page["version"]), (vec![], &json!(25)));
        }
        let known_at = events[2].recorded_at;
        assert_eq!(sequences(&api.client.get(&format!("{path}?known_at={known_at}")).await.ok()), [1, 2, 3]);
        api.stop().await;
    });
}
