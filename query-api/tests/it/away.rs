//! The database or the schema registry is away.

use serde_json::json;
use shipment_events::Status;
use testkit::Proxy;

use crate::live::Live;
use crate::parcels::{REGISTER, Shop, path_of, scan};
use crate::world::{PATIENCE, Running, World, in_world};

fn through(world: &World, proxy: &Proxy) -> settings::Settings {
    world.settings_with(|settings| settings.cql.nodes = vec![proxy.at.to_string()])
}

#[test]
fn while_the_database_is_away_every_read_is_503() {
    in_world(async |world| {
        let mut proxy = Proxy::to(world.settings.cql.nodes[0].clone()).await;
        proxy.cut().await;
        let api = Running::start(&through(world, &proxy)).await;
        let events = Shop::new().parcel(&[REGISTER, scan(Status::InTransit), scan(Status::Delivered)]);
        world.plant(&events[..2]).await;
        let path = path_of(&events);
        let reads = [
            path.clone(),
            format!("{path}/history"),
            format!("{path}?as_of=2026-04-01T00:00:00Z"),
            format!("{path}?min_version=1"),
            "/api/v1/shipments".to_owned(),
            "/api/v1/shipments?customer=c".to_owned(),
            path.replace("shipments", "commands"),
            path.replace("shipments", "tracking"),
            "/api/v1/tracking/A1".to_owned(),
        ];
        let all_away = async || {
            for read in &reads {
                assert!(!api.client.get(read).await.unavailable().is_empty(), "{read}");
            }
            api.client.post("/api/v1/tracking", &json!({"numbers": ["A1"]})).await.unavailable();
            assert_eq!(api.client.get("/livez").await.status, 200);
            // What makes no sense makes none without a database either.
            api.client.get("/api/v1/shipments?limit=0").await.problem(400, "PT-0003");
        };
        // Before it was ever reached.
        all_away().await;
        assert_eq!(api.client.get("/readyz").await.status, 503);

        proxy.mend().await;
        api.until_ready().await;
        assert_eq!(api.client.get(&path).await.ok()["version"], 2);
        let mut live = Live::open(&api.client, &events).await;
        assert_eq!(live.shipment().await["version"], 2);

        // And after.
        proxy.cut().await;
        api.until(|said| said["conditions"]["database"]["ready"] == false).await;
        all_away().await;
        world.happen(&events[2]).await;
        proxy.mend().await;
        api.until_ready().await;
        assert_eq!(live.shipment().await["version"], 3, "what happened meanwhile is shown");
        assert_eq!(api.client.get(&path).await.ok()["version"], 3);
        api.stop().await;
        proxy.cut().await;
    });
}

#[test]
fn without_the_registry_what_was_learnt_is_read() {
    in_world(async |world| {
        let url = reqwest::Url::parse(&world.settings.registry.url).unwrap();
        let target = format!("{}:{}", url.host_str().unwrap(), url.port_or_known_default().unwrap());
        let mut proxy = Proxy::to(target).await;
        let mut through = url.clone();
        through.set_host(Some("127.0.0.1")).unwrap();
        through.set_port(Some(proxy.at.port())).unwrap();
        let settings = world.settings_with(|settings| settings.registry.url = through.to_string());
        let events = Shop::new().parcel(&[REGISTER, scan(Status::InTransit)]);
        world.plant(&events).await;
        let history = format!("{}/history", path_of(&events));

        proxy.cut().await;
        let api = Running::start(&settings).await;
        api.until_ready().await;
        // Started without it: rows are read, histories wait for it.
        assert_eq!(api.client.get(&path_of(&events)).await.status, 200);
        assert!(api.client.get(&history).await.unavailable().contains("schema registry"));
        let tracking = path_of(&events).replace("shipments", "tracking");
        api.client.get(&tracking).await.unavailable();
        proxy.mend().await;
        assert_eq!(api.client.get(&history).await.ok()["version"], 2);
        api.stop().await;

        // Nobody has read a history yet when it goes away: the schemas were learnt ahead of time, which takes its time.
        let mut time = std::time::Duration::from_millis(250);
        loop {
            let api = Running::start(&settings).await;
            api.until_ready().await;
            tokio::time::sleep(time).await;
            proxy.cut().await;
            let answer = api.client.get(&history).await;
            let learnt = answer.status == 200;
            if learnt {
                assert_eq!(api.client.get(&tracking).await.ok()["status"], "in_transit");
            } else {
                answer.unavailable();
                assert!(time < PATIENCE, "never learnt");
                time *= 2;
                proxy.mend().await;
            }
            api.stop().await;
            if learnt {
                break;
            }
        }
    });
}
