//! One shipment as it stands.

use std::time::Duration;

use serde_json::json;
use shipment_events::{EventId, Sequence, Status, Timestamp};
use tracking_view::parked;
use uuid::Uuid;

use crate::histories::Step;
use crate::parcels::{REGISTER, Shop, id_of, path_of, scan, unknown};
use crate::world::in_world;

#[test]
fn a_shipment_with_its_tag() {
    in_world(async |world| {
        let (api, shop) = (world.api().await, Shop::new());
        let events = shop.parcel(&[REGISTER, scan(Status::InTransit), Step::AmendWeight(700)]);
        world.plant(&events).await;
        let path = path_of(&events);
        let answer = api.client.get(&path).await;
        let said = answer.ok();
        assert_eq!(answer.header("etag"), "\"3\"");
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(said["shipment_id"], id_of(&events).to_string());
        assert_eq!(said["version"], 3);
        assert_eq!(said["status"], "in_transit");
        assert_eq!(said["status_since"], events[1].occurred_at.to_string());
        assert_eq!(said["weight_grams"], 700);
        assert_eq!(said["customer_id"], shop.customer());
        assert_eq!(said["recipient"]["phone"], shop.phone());
        assert_eq!(said["recipient"]["address"]["street"], "1 High Street");
        assert_eq!(said["destination"], json!({"city": "Ghent", "country": "BE"}));
        assert_eq!(said["registered_at"], "2026-03-30T22:00:00.000Z");
        assert_eq!(said["updated_at"], events[2].recorded_at.to_string());
        assert!(said.get("parked_since").is_none() && said.get("cancelled_at").is_none());

        for same in ["\"3\"", "W/\"3\"", "\"1\", \"3\"", "*"] {
            let answer = api.client.get_with(&path, &[("if-none-match", same)]).await;
            assert_eq!((answer.status, answer.text.as_str()), (304, ""), "{same}");
            assert_eq!(answer.header("etag"), "\"3\"");
        }
        for other in ["\"2\"", "\"33\"", "3"] {
            assert_eq!(api.client.get_with(&path, &[("if-none-match", other)]).await.status, 200, "{other}");
        }
        api.stop().await;
    });
}

#[test]
fn what_is_not_there_is_404_and_what_makes_no_sense_400() {
    in_world(async |world| {
        let (api, shop) = (world.api().await, Shop::new());
        let early = shop.parcel(&[scan(Status::InTransit)]);
        world.plant(&early).await;
        api.client.get(&unknown()).await.problem(404, "PT-0014");
        api.client.get(&format!("{}/history", unknown())).await.problem(404, "PT-0014");
        // Scans may come before the shop's word; until then there is no shipment.
        api.client.get(&path_of(&early)).await.problem(404, "PT-0014");
        assert_eq!(api.client.get(&format!("{}/history", path_of(&early))).await.ok()["version"], 1);

        let id = id_of(&early);
        for bad in [
            "/api/v1/shipments/7".to_owned(),
            "/api/v1/shipments/%ff".to_owned(),
            "/api/v1/shipments/x/history".to_owned(),
            "/api/v1/shipments/x/live".to_owned(),
            format!("/api/v1/shipments/{id}?min_version=0"),
            format!("/api/v1/shipments/{id}?min_version=two"),
            format!("/api/v1/shipments/{id}?min_version=99999999999999999999"),
            format!("/api/v1/shipments/{id}?as_of=yesterday"),
            format!("/api/v1/shipments/{id}?known_at=2026-02-30T00:00:00Z"),
            format!("/api/v1/shipments/{id}?version=1"),
            format!("/api/v1/shipments/{id}/history?after=-1"),
            format!("/api/v1/shipments/{id}/history?limit=0"),
            format!("/api/v1/shipments/{id}/history?limit=1001"),
            format!("/api/v1/shipments/{id}/history?page=1"),
        ] {
            assert!(!api.client.get(&bad).await.problem(400, "PT-0003").is_empty(), "{bad}");
        }
        let detail = api.client.get(&format!("/api/v1/shipments/{id}?min_versions=1")).await;
        assert!(detail.problem(400, "PT-0003").contains("min_version"), "says what is known");
        api.stop().await;
    });
}

#[test]
fn a_read_waits_for_the_version_it_is_told() {
    in_world(async |world| {
        let (api, shop) = (world.api().await, Shop::new());
        let events = shop.parcel(&[REGISTER, scan(Status::InTransit)]);
        let path = path_of(&events);
        // Not even registered yet.
        let (client, waiting) = (api.client.clone(), format!("{path}?min_version=1"));
        let reading = tokio::spawn(async move { client.get(&waiting).await.ok() });
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(!reading.is_finished());
        world.plant(&events[..1]).await;
        assert_eq!(reading.await.unwrap()["version"], 1);

        let late = api.client.get(&format!("{path}?min_version=2")).await;
        assert!(late.unavailable().contains("not yet 2"));
        assert_eq!((&late.json()["version"], &late.json()["min_version"]), (&json!(1), &json!(2)));

        world.plant(&events[1..]).await;
        assert_eq!(api.client.get(&format!("{path}?min_version=2")).await.ok()["status"], "in_transit");
        api.stop().await;
    });
}

#[test]
fn an_incomplete_shipment_says_so_and_has_no_tag() {
    in_world(async |world| {
        let (api, shop) = (world.api().await, Shop::new());
        let events = shop.parcel(&[REGISTER, scan(Status::InTransit)]);
        world.plant(&events).await;
        let since = Timestamp::parse_rfc3339("2026-04-02T10:00:00Z").unwrap();
        world.write(vec![parked(id_of(&events), Sequence::new(3), since)]).await;
        let answer = api.client.get_with(&path_of(&events), &[("if-none-match", "\"2\"")]).await;
        let said = answer.ok();
        assert_eq!((&said["incomplete"], &said["parked_since"]), (&json!(true), &json!(since.to_string())));
        assert!(answer.headers.get("etag").is_none());
        api.stop().await;
    });
}

#[test]
fn ids_of_any_spelling() {
    in_world(async |world| {
        let (api, shop) = (world.api().await, Shop::new());
        let events = shop.parcel(&[REGISTER]);
        world.plant(&events).await;
        let id: Uuid = id_of(&events).as_uuid();
        for spelling in [id.simple().to_string(), id.hyphenated().to_string().to_uppercase()] {
            let said = api.client.get(&format!("/api/v1/shipments/{spelling}")).await.ok();
            assert_eq!(said["shipment_id"], id.to_string());
        }
        assert_ne!(events[0].event_id, EventId::new(id));
        api.stop().await;
    });
}
