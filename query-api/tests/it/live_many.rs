//! Many clients of one shipment.

use std::time::Duration;

use shipment_events::Status;
use tokio::task::JoinSet;

use crate::answers::Client;
use crate::live::Live;
use crate::parcels::{REGISTER, Shop, scan};
use crate::world::in_world;

async fn live_reads(client: &Client) -> u64 {
    let metrics = client.get("/metrics").await.text;
    let name = "parceltrack_query_api_live_reads_total ";
    metrics.lines().find_map(|line| line.strip_prefix(name)?.parse().ok()).unwrap_or(0)
}

#[test]
fn two_hundred_clients_share_the_reads() {
    in_world(async |world| {
        let (api, shop) = (world.api().await, Shop::new());
        let mut steps = vec![REGISTER];
        steps.extend((0..10).map(|_| scan(Status::InTransit)));
        let events = shop.parcel(&steps);
        world.happen(&events[0]).await;
        let before = live_reads(&api.client).await;
        let mut clients = JoinSet::new();
        for _ in 0..200 {
            let (client, events) = (api.client.clone(), events.clone());
            clients.spawn(async move {
                let mut live = Live::open(&client, &events).await;
                assert_eq!(live.shipment().await["version"], 1);
                live
            });
        }
        let mut watching = Vec::new();
        while let Some(live) = clients.join_next().await {
            watching.push(live.unwrap());
        }
        for event in &events[1..] {
            world.happen(event).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        for live in &mut watching {
            live.until(11).await;
        }
        // Eleven rows for two hundred clients. Other tests of this process read too, and some rows are read twice.
        let reads = live_reads(&api.client).await - before;
        assert!((11..300).contains(&reads), "{reads}");
        drop(watching);
        api.stop().await;
    });
}
