//! Leases of Eureka clients: renewed, overridden, over.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::eureka::registration;
use crate::world::World;

const PATH: &str = "/eureka/apps/ORDERS/host-1:orders:8080";

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_is_answered_as_the_client_expects() {
    let world = World::start().await;
    let renewal = |dirty: i64| format!("{PATH}?status=UP&lastDirtyTimestamp={dirty}");
    // Not known: the client registers.
    assert_eq!(world.client.put(&renewal(1_764_187_200_123)).await.status, 404);
    world.client.post_json("/eureka/apps/ORDERS", &registration(90)).await;
    let before = world.client.get(PATH).await.ok()["instance"]["leaseInfo"].clone();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let renewed = world.client.put(&renewal(1_764_187_200_123)).await;
    assert_eq!((renewed.status, renewed.text.as_str()), (200, ""));
    let after = world.client.get(PATH).await.ok()["instance"]["leaseInfo"].clone();
    assert!(
        after["lastRenewalTimestamp"].as_i64() > before["lastRenewalTimestamp"].as_i64(),
        "{before} {after}"
    );
    // The client has changed since: it registers again, and has not started again.
    assert_eq!(world.client.put(&renewal(1_764_187_200_124)).await.status, 404);
    world.client.post_json("/eureka/apps/ORDERS", &registration(90)).await;
    let again = world.client.get(PATH).await.ok()["instance"]["leaseInfo"].clone();
    assert_eq!(again["registrationTimestamp"], before["registrationTimestamp"]);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn overrides_and_metadata_outlive_renewals() {
    let world = World::start().await;
    world.client.post_json("/eureka/apps/ORDERS", &registration(90)).await;
    assert_eq!(
        world.client.put(&format!("{PATH}/status?value=OUT_OF_SERVICE&lastDirtyTimestamp=1")).await.status,
        200
    );
    assert_eq!(world.client.put(&format!("{PATH}/metadata?colour=blue")).await.status, 200);
    assert_eq!(world.client.put(PATH).await.status, 200);
    let shown = world.client.get(PATH).await.ok()["instance"].clone();
    assert_eq!(
        (&shown["status"], &shown["overriddenStatus"]),
        (&json!("OUT_OF_SERVICE"), &json!("OUT_OF_SERVICE"))
    );
    assert_eq!(shown["metadata"], json!({"management.port": "8080", "colour": "blue"}));

    assert_eq!(world.client.delete(&format!("{PATH}/status?value=UP")).await.status, 200);
    assert_eq!(world.client.get(PATH).await.ok()["instance"]["status"], "UP");
    assert_eq!(
        world.client.put(&format!("{PATH}/status?value=nonsense")).await.problem(),
        (400, "PT-0003".to_owned())
    );
    assert_eq!(
        world.client.put(&format!("{PATH}/metadata?eureka.instance=x")).await.problem(),
        (400, "PT-0003".to_owned())
    );
    for missing in ["status?value=DOWN", "metadata?a=b"] {
        let path = format!("/eureka/apps/ORDERS/nobody/{missing}");
        assert_eq!(world.client.put(&path).await.status, 404, "{path}");
    }
    assert_eq!(world.client.delete("/eureka/apps/ORDERS/nobody").await.status, 404);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_services_are_not_to_be_changed() {
    let world = World::start().await;
    let registrar = world.register("query-api/q-1");
    world.until("/eureka/apps/QUERY-API", |answer| answer.text.contains("\"status\":\"UP\"")).await;
    let forbidden = (403, "PT-0017".to_owned());
    for app in ["QUERY-API", "query-api", "Config-Service"] {
        let mut asked = registration(90);
        asked["instance"]["app"] = json!(app);
        let answer = world.client.post_json(&format!("/eureka/apps/{app}"), &asked).await;
        assert_eq!(answer.problem(), forbidden, "{app}");
    }
    let path = "/eureka/apps/QUERY-API/q-1";
    for change in ["", "/status?value=OUT_OF_SERVICE", "/metadata?ops=10.0.0.9:1"] {
        assert_eq!(world.client.put(&format!("{path}{change}")).await.problem(), forbidden, "{change}");
    }
    for end in ["", "/status"] {
        assert_eq!(world.client.delete(&format!("{path}{end}")).await.problem(), forbidden, "{end}");
    }
    let shown = world.client.get("/eureka/apps/QUERY-API").await.ok();
    assert_eq!(shown["application"]["instance"].as_array().unwrap().len(), 1, "{shown}");
    assert_eq!(shown["application"]["instance"][0]["status"], "UP");
    registrar.stop().await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_falls_silent_is_out_after_the_time_it_asked_for() {
    let world = World::start().await;
    let begun = Instant::now();
    world.client.post_json("/eureka/apps/ORDERS", &registration(5)).await;
    world.until("/eureka/apps/ORDERS", |answer| answer.status == 404).await;
    let took = begun.elapsed();
    assert!(took >= Duration::from_secs(5), "{took:?}");
    // A renewal that comes too late makes it register again.
    assert_eq!(world.client.put(PATH).await.status, 404);
    world.end().await;
}
