//! Lists: each key, pages, days, and everything else refused.

use std::collections::BTreeSet;

use serde_json::Value;
use shipment_events::{ShipmentEvent, Status};

use crate::answers::Client;
use crate::histories::Step;
use crate::parcels::{REGISTER, Shop, id_of, scan};
use crate::world::{World, in_world};

const DAYS: &str = "from=2026-03-01&to=2026-04-20";

/// Five registered, of which two are delivered and one has lost its number; one that nobody registered.
async fn parcels(world: &World, shop: &Shop) -> Vec<Vec<ShipmentEvent>> {
    let parcels = vec![
        shop.parcel(&[REGISTER, scan(Status::Delivered)]),
        shop.parcel(&[REGISTER, scan(Status::InTransit), scan(Status::Delivered)]),
        shop.parcel(&[REGISTER, scan(Status::Delivered), Step::Retract(0)]),
        shop.parcel(&[REGISTER, Step::AmendNumber(2), Step::AmendRecipient { phone: None }]),
        shop.parcel(&[REGISTER]),
        shop.parcel(&[scan(Status::Delivered)]),
    ];
    world.plant(&parcels.concat()).await;
    parcels
}

/// All of a list, by pages of so many.
async fn all(client: &Client, query: &str, limit: usize) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("/api/v1/shipments?{query}&limit={limit}{cursor}")).await.ok();
        let shipments = page["shipments"].as_array().unwrap();
        assert!(shipments.len() <= limit);
        all.extend(shipments.iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

fn ids<'a>(shown: impl IntoIterator<Item = &'a Value>) -> BTreeSet<String> {
    shown.into_iter().map(|shipment| shipment["shipment_id"].as_str().unwrap().to_owned()).collect()
}

fn ids_of(parcels: &[Vec<ShipmentEvent>], which: &[usize]) -> BTreeSet<String> {
    which.iter().map(|n| id_of(&parcels[*n]).to_string()).collect()
}

#[test]
fn by_each_key_and_by_pages_of_any_size() {
    in_world(async |world| {
        let (api, shop) = (world.api().await, Shop::new());
        let parcels = parcels(world, &shop).await;
        let of_shop = |shown: Vec<Value>| -> Vec<Value> {
            shown.into_iter().filter(|shipment| shipment["customer_id"] == shop.customer()).collect()
        };
        let number = shop.number("rr 000000001 be");
        let spelled = number.replace(' ', "").to_lowercase();
        let lists = [
            (format!("customer={}&{DAYS}", shop.customer()), vec![0, 1, 2, 3, 4]),
            (format!("phone={}&{DAYS}", shop.phone().replace('+', "%2B")), vec![0, 1, 2, 4]),
            (format!("phone={}&{DAYS}", shop.phone()), vec![0, 1, 2, 4]),
            (format!("tracking_number={}", number.replace(' ', "%20")), vec![0, 1, 2, 4]),
            (format!("tracking_number={spelled}&{DAYS}"), vec![0, 1, 2, 4]),
            (format!("tracking_number={spelled}&from=2026-04-01&to=2026-04-02"), vec![]),
            (format!("status=delivered&{DAYS}"), vec![0, 1]),
            (format!("status=registered&{DAYS}"), vec![2, 3, 4]),
            (DAYS.to_owned(), vec![0, 1, 2, 3, 4]),
        ];
        for (query, expected) in lists {
            for limit in [2, 200] {
                let shown = of_shop(all(&api.client, &query, limit).await);
                assert_eq!(shown.len(), expected.len(), "{query} by {limit}");
                assert_eq!(ids(&shown), ids_of(&parcels, &expected), "{query} by {limit}");
            }
        }
        // The last 31 days, in which nothing of all this was registered.
        assert_eq!(all(&api.client, &format!("customer={}", shop.customer()), 50).await, Vec::<Value>::new());
        api.stop().await;
    });
}

#[test]
fn a_cursor_is_its_lists_own_and_nobody_makes_one_up() {
    in_world(async |world| {
        let (api, shop) = (world.api().await, Shop::new());
        parcels(world, &shop).await;
        let list = format!("/api/v1/shipments?customer={}&{DAYS}&limit=2", shop.customer());
        let cursor = api.client.get(&list).await.ok()["next_cursor"].as_str().unwrap().to_owned();
        assert_eq!(api.client.get(&format!("{list}&cursor={cursor}")).await.status, 200);
        let mut touched = cursor.clone();
        touched.replace_range(10..11, if &cursor[10..11] == "A" { "B" } else { "A" });
        for bad in [touched.as_str(), "", "AAAA", "%00", &"A".repeat(5_000)] {
            let said = api.client.get(&format!("{list}&cursor={bad}")).await.problem(400, "PT-0003");
            assert!(said.contains("next_cursor"), "{said}");
        }
        let other = format!("/api/v1/shipments?customer=another&{DAYS}&cursor={cursor}");
        api.client.get(&other).await.problem(400, "PT-0003");
        // Its days may move on meanwhile.
        let moved = list.replace("to=2026-04-20", "to=2026-04-21");
        assert_eq!(api.client.get(&format!("{moved}&cursor={cursor}")).await.status, 200);
        api.stop().await;
    });
}

#[test]
fn anything_else_is_400_and_says_what_is_allowed() {
    in_world(async |world| {
        let api = world.api().await;
        for bad in [
            "page=2",
            "status=delivered&customer=c",
            "phone=%2B4915112345678&status=lost",
            "x",
            "status=lost&status=lost",
        ] {
            let said = api.client.get(&format!("/api/v1/shipments?{bad}")).await.problem(400, "PT-0003");
            assert!(said.contains("at most one of status, customer, phone, tracking_number"), "{said}");
        }
        for bad in [
            "status=gone",
            "phone=0049151",
            "tracking_number=%20-%20",
            "tracking_number=",
            "customer=",
            "limit=0",
            "limit=201",
            "from=2026-01-01&to=2027-12-31",
            "from=2026-02-02&to=2026-02-01",
            "from=2026-2-1",
            "to=99999-01-01",
        ] {
            api.client.get(&format!("/api/v1/shipments?{bad}")).await.problem(400, "PT-0003");
        }
        // Odd, but no error: nothing is there.
        for odd in [
            "customer=%00",
            "customer=%F0%9F%93%A6",
            "tracking_number=%F0%9F%93%A6",
            "to=0001-01-31",
            "to=9999-12-31",
        ] {
            let said = api.client.get(&format!("/api/v1/shipments?{odd}")).await.ok();
            assert_eq!(said["shipments"].as_array().unwrap().len(), 0, "{odd}");
        }
        api.stop().await;
    });
}
