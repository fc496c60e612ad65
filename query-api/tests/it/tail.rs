//! The events topic comes and goes; live updates get over it.

use event_log::Topics;
use shipment_events::Status;
use uuid::Uuid;

use crate::live::Live;
use crate::parcels::{REGISTER, Shop, path_of, scan};
use crate::world::{Running, create, delete, in_world};

#[test]
fn a_tail_that_is_lost_is_opened_again() {
    in_world(async |world| {
        let settings = world.settings_with(|settings| {
            settings.kafka.topic_prefix =
                format!("it-query-tail-{}", &Uuid::new_v4().simple().to_string()[..8]);
        });
        let topics = Topics::of_settings(&settings.kafka);
        let api = Running::start(&settings).await;
        // There is no topic yet: reads are answered, and readiness says what is missing.
        api.until(|said| {
            let (database, tail) = (&said["conditions"]["database"], &said["conditions"]["live_tail"]);
            database["ready"] == true
                && tail["reason"].as_str().is_some_and(|reason| reason.contains("live updates are late"))
        })
        .await;
        let events = Shop::new().parcel(&[REGISTER, scan(Status::InTransit), scan(Status::Delivered)]);
        world.plant(&events[..1]).await;
        let mut live = Live::open(&api.client, &events).await;
        assert_eq!(live.shipment().await["version"], 1);

        create(&world.kafka, &topics).await;
        api.until_ready().await;
        world.append(&topics, &events[1]).await;
        world.plant(&events[1..2]).await;
        assert_eq!(live.shipment().await["version"], 2);

        delete(&world.kafka, &topics).await;
        api.until(|said| said["conditions"]["live_tail"]["ready"] == false).await;
        assert_eq!(api.client.get(&path_of(&events)).await.status, 200);
        create(&world.kafka, &topics).await;
        api.until_ready().await;
        world.append(&topics, &events[2]).await;
        world.plant(&events[2..]).await;
        assert_eq!(live.shipment().await["version"], 3);
        api.stop().await;
        delete(&world.kafka, &topics).await;
    });
}

#[test]
fn without_kafka_all_but_changes_is_served() {
    in_world(async |world| {
        // Nobody listens on the port of discarding.
        let settings = world.settings_with(|settings| settings.kafka.bootstrap = "127.0.0.1:9".to_owned());
        let api = Running::start(&settings).await;
        api.until(|said| said["conditions"]["database"]["ready"] == true).await;
        let events = Shop::new().parcel(&[REGISTER]);
        world.plant(&events).await;
        assert_eq!(api.client.get(&path_of(&events)).await.status, 200);
        let mut live = Live::open(&api.client, &events).await;
        assert_eq!(live.shipment().await["version"], 1);
        assert_eq!(api.client.get("/readyz").await.status, 503);
        api.stop().await;
    });
}
