//! A Spring service registers and finds ours, in the very requests that spring-cloud-netflix sends.

use reqwest::Method;
use serde_json::{Value, json};

use crate::answers::Answer;
use crate::world::World;

/// As `RestClientEurekaHttpClient.register` writes it.
pub(crate) fn registration(duration_in_secs: u32) -> Value {
    json!({"instance": {
        "instanceId": "host-1:orders:8080", "app": "ORDERS", "appGroupName": null, "ipAddr": "10.0.0.9",
        "sid": "na", "homePageUrl": "http://host-1:8080/", "statusPageUrl": "http://host-1:8080/actuator/info",
        "healthCheckUrl": "http://host-1:8080/actuator/health", "secureHealthCheckUrl": null,
        "vipAddress": "orders", "secureVipAddress": "orders", "countryId": 1,
        "dataCenterInfo": {"@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn"},
        "hostName": "host-1", "status": "UP", "overriddenStatus": "UNKNOWN",
        "leaseInfo": {"renewalIntervalInSecs": 30, "durationInSecs": duration_in_secs, "registrationTimestamp": 0,
            "lastRenewalTimestamp": 0, "evictionTimestamp": 0, "serviceUpTimestamp": 0},
        "isCoordinatingDiscoveryServer": false, "lastUpdatedTimestamp": 1_764_187_200_000_i64,
        "lastDirtyTimestamp": 1_764_187_200_123_i64, "actionType": null, "asgName": null,
        "port": {"$": 8080, "@enabled": "true"}, "securePort": {"$": 443, "@enabled": "false"},
        "metadata": {"management.port": "8080"}
    }})
}

async fn fetch(world: &World, path: &str) -> Value {
    let request = world.client.request(Method::GET, path).header("accept", "application/json");
    Answer::of(request).await.ok()
}

fn application<'a>(applications: &'a Value, name: &str) -> Option<&'a Value> {
    let all = applications["applications"]["application"].as_array().unwrap();
    all.iter().find(|application| application["name"] == name)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spring_service_registers_and_is_found_by_others_of_its_kind() {
    let world = World::start().await;
    let answer = world.client.post_json("/eureka/apps/ORDERS", &registration(90)).await;
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));

    let all = fetch(&world, "/eureka/apps/").await;
    assert_eq!(all["applications"]["versions__delta"], "1");
    let orders = &application(&all, "ORDERS").unwrap()["instance"][0];
    for (member, expected) in [
        ("instanceId", json!("host-1:orders:8080")),
        ("hostName", json!("host-1")),
        ("app", json!("ORDERS")),
        ("ipAddr", json!("10.0.0.9")),
        ("status", json!("UP")),
        ("overriddenStatus", json!("UNKNOWN")),
        ("overriddenstatus", json!("UNKNOWN")),
        ("port", json!({"$": 8080, "@enabled": "true"})),
        ("securePort", json!({"$": 443, "@enabled": "false"})),
        ("countryId", json!(1)),
        ("metadata", json!({"management.port": "8080"})),
        ("homePageUrl", json!("http://host-1:8080/")),
        ("healthCheckUrl", json!("http://host-1:8080/actuator/health")),
        ("vipAddress", json!("orders")),
        ("isCoordinatingDiscoveryServer", json!("false")),
        ("lastDirtyTimestamp", json!("1764187200123")),
        ("actionType", json!("ADDED")),
    ] {
        assert_eq!(orders[member], expected, "{member}");
    }
    assert_eq!(orders["dataCenterInfo"]["name"], "MyOwn");
    assert_eq!(orders["leaseInfo"]["renewalIntervalInSecs"], 30);
    assert_eq!(orders["leaseInfo"]["durationInSecs"], 90);
    assert!(orders["leaseInfo"]["lastRenewalTimestamp"].as_i64().unwrap() > 1_700_000_000_000);
    assert!(orders["lastUpdatedTimestamp"].as_str().unwrap().parse::<i64>().is_ok());

    assert_eq!(
        fetch(&world, "/eureka/apps").await["applications"]["application"],
        all["applications"]["application"]
    );
    assert_eq!(fetch(&world, "/eureka/apps/orders").await["application"]["name"], "ORDERS");
    for path in ["/eureka/apps/ORDERS/host-1:orders:8080", "/eureka/instances/host-1:orders:8080"] {
        assert_eq!(fetch(&world, path).await["instance"]["hostName"], "host-1", "{path}");
    }
    for path in ["/eureka/vips/orders", "/eureka/svips/orders"] {
        assert!(application(&fetch(&world, path).await, "ORDERS").is_some(), "{path}");
    }
    // And ours find it.
    let ours = world.client.get("/api/v1/services/orders/host-1:orders:8080").await.ok();
    assert_eq!((&ours["address"], &ours["ttl_ms"]), (&json!("host-1:8080"), &json!(90_000)));

    assert_eq!(world.client.delete("/eureka/apps/ORDERS/host-1:orders:8080").await.status, 200);
    for path in ["/eureka/apps/ORDERS", "/eureka/vips/orders", "/eureka/instances/host-1:orders:8080"] {
        assert_eq!(world.client.get(path).await.problem(), (404, "PT-0014".to_owned()), "{path}");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spring_service_finds_ours() {
    let world = World::start().await;
    let registrar = world.register("query-api/q-1");
    world.until("/eureka/apps/QUERY-API", |answer| answer.status == 200).await;
    let shown = &fetch(&world, "/eureka/apps/QUERY-API/q-1").await["instance"];
    assert_eq!((&shown["hostName"], &shown["port"]["$"]), (&json!("10.0.0.7"), &json!(8092)));
    assert_eq!(
        (&shown["port"]["@enabled"], &shown["securePort"]["@enabled"]),
        (&json!("true"), &json!("false"))
    );
    assert_eq!((&shown["vipAddress"], &shown["metadata"]["zone"]), (&json!("query-api"), &json!("a")));
    assert_eq!(shown["healthCheckUrl"], "http://10.0.0.7:8092/readyz");
    registrar.stop().await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delta_has_what_changed_and_the_hash_code_of_everything() {
    let world = World::start().await;
    let other = world.register("query-api/q-1");
    world.until("/eureka/apps/QUERY-API", |answer| answer.text.contains("\"status\":\"UP\"")).await;
    world.client.post_json("/eureka/apps/ORDERS", &registration(90)).await;
    // What changed is noted a moment after it is shown; a client sees by the hash code that it hasn't got all.
    let delta_once = async |action: &str| {
        let told =
            |delta: &Value| application(delta, "ORDERS").map(|of| of["instance"][0]["actionType"] == action);
        let delta = world.until("/eureka/apps/delta", |answer| told(&answer.json()) == Some(true)).await;
        delta.json()["applications"]["apps__hashcode"].as_str().unwrap().to_owned()
    };
    assert_eq!(delta_once("ADDED").await, "UP_2_");
    let path = "/eureka/apps/ORDERS/host-1:orders:8080";
    assert_eq!(world.client.put(&format!("{path}/status?value=OUT_OF_SERVICE")).await.status, 200);
    assert_eq!(delta_once("MODIFIED").await, "OUT_OF_SERVICE_1_UP_1_");
    world.client.delete(path).await;
    assert_eq!(delta_once("DELETED").await, "UP_1_");
    other.stop().await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_json_is_spoken() {
    let world = World::start().await;
    let accepting = async |accept: &str| {
        Answer::of(world.client.request(Method::GET, "/eureka/apps").header("accept", accept)).await
    };
    assert_eq!(accepting("application/xml").await.problem(), (406, "PT-0015".to_owned()));
    for good in ["application/json", "application/xml, application/json;q=0.9", "*/*", "application/*+json"] {
        accepting(good).await.ok();
    }
    let xml =
        world.client.request(Method::POST, "/eureka/apps/ORDERS").header("content-type", "application/xml");
    assert_eq!(Answer::of(xml.body("<instance/>")).await.problem(), (415, "PT-0007".to_owned()));
    let other = world.client.post_json("/eureka/apps/OTHER", &registration(90)).await;
    assert_eq!(other.problem(), (400, "PT-0002".to_owned()));
    world.end().await;
}
