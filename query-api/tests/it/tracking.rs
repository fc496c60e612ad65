//! What everybody may see.

use serde_json::{Value, json};
use shipment_events::{Address, EventBody, Location, Party, Phone, Place, ShipmentEvent, Status};

use crate::histories::Step;
use crate::parcels::{REGISTER, Shop, id_of, scan};
use crate::world::in_world;

/// Fills every place that may hold something personal with the same telling word.
pub(crate) fn personal(mut events: Vec<ShipmentEvent>) -> Vec<ShipmentEvent> {
    const WORD: &str = "Quelquun";
    let word = || Some(WORD.to_owned());
    let party = || Party {
        name: WORD.to_owned(),
        phone: Some(Phone::new("+4900000000001")),
        address: Some(Address {
            street: WORD.to_owned(),
            city: WORD.to_owned(),
            region: word(),
            postal_code: word(),
            country: "FR".to_owned(),
        }),
    };
    let coded = |city: &str| Location {
        city: Some(city.to_owned()),
        region: None,
        postal_code: word(),
        country: "BE".to_owned(),
    };
    for event in &mut events {
        event.actor = word();
        match &mut event.body {
            EventBody::ShipmentRegistered(said) => {
                (said.sender, said.recipient) = (party(), party());
                said.customer_reference = word();
                (said.origin, said.destination) = (Some(coded("Lyon")), coded("Ghent"));
            }
            EventBody::ShipmentAmended(change) => {
                (change.sender, change.recipient) = (Some(party()), Some(party()));
                change.customer_reference = word();
            }
            EventBody::ScanRecorded(body) => {
                let scan = &mut body.scan;
                (scan.raw_code, scan.raw_text, scan.carrier_scan_id, scan.signed_by) =
                    (word(), word(), word(), word());
                scan.place = Some(Place {
                    facility: Some("Hub 7".to_owned()),
                    city: Some("Ulm".to_owned()),
                    postal_code: word(),
                    country: Some("DE".to_owned()),
                    latitude: Some(48.398_412_3),
                    longitude: Some(9.991_512_3),
                    ..Place::default()
                });
            }
            EventBody::ScanRetracted(body) => body.reason = word(),
            EventBody::ShipmentCancelled(body) => body.reason = word(),
            EventBody::ShipmentArchived(body) => body.reason = word(),
        }
    }
    events
}

#[test]
fn a_history_full_of_people_shows_none_of_them() {
    in_world(async |world| {
        let (api, shop) = (world.api().await, Shop::new());
        let events = personal(shop.parcel(&[
            REGISTER,
            scan(Status::PickedUp),
            scan(Status::OutForDelivery),
            Step::AmendRecipient { phone: Some(1) },
            scan(Status::AttemptFailed),
            Step::Retract(2),
            Step::Cancel { reason: true },
            scan(Status::Delivered),
            Step::Archive,
        ]));
        assert_eq!(events.len(), 9);
        world.plant(&events).await;
        // It is there, for those who may see it.
        let full = api.client.get(&format!("/api/v1/shipments/{}/history", id_of(&events))).await;
        assert!(full.text.contains("Quelquun"));

        let number = shop.number("rr 000000001 be");
        for way in
            [number.replace(' ', "%20"), number.replace(' ', "-").to_lowercase(), id_of(&events).to_string()]
        {
            let answer = api.client.get(&format!("/api/v1/tracking/{way}")).await;
            let said = answer.ok();
            let secret = [
                "Quelquun".to_owned(),
                "+49".to_owned(),
                "48.39".to_owned(),
                shop.customer(),
                id_of(&events).to_string(),
                "somebody".to_owned(),
                "High Street".to_owned(),
                "J. Doe".to_owned(),
            ];
            for secret in secret {
                assert!(!answer.text.contains(&secret), "{secret} in {}", answer.text);
            }
            assert_eq!((&said["status"], &said["status_text"]), (&json!("delivered"), &json!("Delivered")));
            assert_eq!(said["tracking_number"], number);
            assert_eq!(said["destination"], json!({"city": "Ghent", "country": "BE"}));
            assert!(said.get("others").is_none());
            let steps: Vec<&str> =
                said["events"].as_array().unwrap().iter().map(|e| e["status"].as_str().unwrap()).collect();
            assert_eq!(steps, ["delivered", "cancelled", "out_for_delivery", "picked_up", "registered"]);
            assert_eq!(
                said["events"][0]["place"],
                json!({"facility": "Hub 7", "city": "Ulm", "country": "DE"})
            );
            assert!(said["events"][0]["local_time"].as_str().unwrap().ends_with("+01:00"));
        }
        api.stop().await;
    });
}

#[test]
fn the_newest_of_a_number_used_again_and_its_own_tag() {
    in_world(async |world| {
        let (api, shop) = (world.api().await, Shop::new());
        let path = format!("/api/v1/tracking/{}", shop.number("rr 000000001 be").replace(' ', ""));
        let old = shop.parcel(&[REGISTER, scan(Status::Lost)]);
        world.plant(&old).await;
        let answer = api.client.get(&path).await;
        assert_eq!(answer.ok()["status"], "lost");
        let tag = answer.header("etag").to_owned();
        assert_eq!(api.client.get_with(&path, &[("if-none-match", &tag)]).await.status, 304);

        // The same number again, with as many events: another answer, and another tag.
        // (Nothing can be archived before it is registered: that step only lets time go by.)
        let new = shop.parcel(&[Step::Archive, REGISTER, scan(Status::InTransit)]);
        assert_eq!(new.len(), 2);
        world.plant(&new).await;
        let answer = api.client.get_with(&path, &[("if-none-match", &tag)]).await;
        let said = answer.ok();
        assert_eq!((&said["status"], &said["others"]), (&json!("in_transit"), &json!(1)));
        // By id each is found, and has no others.
        let said = api.client.get(&format!("/api/v1/tracking/{}", id_of(&old))).await.ok();
        assert_eq!((&said["status"], said.get("others")), (&json!("lost"), None));
        api.stop().await;
    });
}

#[test]
fn several_numbers_each_with_its_result() {
    in_world(async |world| {
        let (api, shop) = (world.api().await, Shop::new());
        let events = shop.parcel(&[REGISTER, scan(Status::InTransit)]);
        world.plant(&events).await;
        let number = shop.number("rr 000000001 be");
        let (long, id) = ("9".repeat(65), id_of(&events).to_string());
        let mut numbers = vec![number.as_str(), "NOBODY123", "", " - ", &long, &id, "\u{0}", "📦"];
        numbers.resize(100, number.as_str());
        let said = api.client.post("/api/v1/tracking", &json!({ "numbers": numbers })).await.ok();
        let results = said["results"].as_array().unwrap();
        assert_eq!(results.len(), 100);
        for (result, number) in results.iter().zip(&numbers) {
            assert_eq!(result["number"], *number);
            assert_eq!(result["found"], result.get("tracking").is_some());
            assert_ne!(result.get("tracking").is_some(), result.get("problem").is_some());
        }
        let statuses: Vec<Value> = results[..8].iter().map(|r| r["problem"]["status"].clone()).collect();
        assert_eq!(json!(statuses), json!([null, 404, 400, 400, 400, null, 404, 404]));
        assert_eq!(results[5]["tracking"]["status"], "in_transit");

        for many in [0, 101] {
            let refused = api.client.post("/api/v1/tracking", &json!({ "numbers": vec!["1"; many] })).await;
            assert!(refused.problem(400, "PT-0002").contains("1 to 100"));
        }
        for (bad, pointer) in [
            (json!({"number": "1"}), ""),
            (json!({"numbers": ["1", 2]}), "/numbers/1"),
            (json!({"numbers": ["1"], "sort": 1}), "/sort"),
            (json!([]), ""),
        ] {
            let refused = api.client.post("/api/v1/tracking", &bad).await;
            refused.problem(400, "PT-0002");
            if !pointer.is_empty() {
                assert_eq!(refused.json()["errors"][0]["pointer"], pointer, "{}", refused.text);
            }
        }
        for (path, status, code) in [
            ("NOBODY123", 404, "PT-0014"),
            ("%20", 400, "PT-0003"),
            (long.as_str(), 400, "PT-0003"),
            ("%00", 404, "PT-0014"),
            ("a%2Fb", 404, "PT-0014"),
        ] {
            api.client.get(&format!("/api/v1/tracking/{path}")).await.problem(status, code);
        }
        api.stop().await;
    });
}
