//! Spring Cloud Config's read API, in the shapes that its clients read.

use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn a_spring_service_finds_its_properties_in_its_order() {
    let world = World::start().await;
    for (place, name, value) in [
        ("application/default", "greeting", json!("hello")),
        ("application/prod", "greeting", json!("good day")),
        ("orders/default", "server.port", json!(8080)),
        ("orders/prod", "feature.on", json!(true)),
        ("parceltrack/default", "log.level", json!("debug")),
    ] {
        let set = world.put(&format!("/api/v1/config/{place}/entries/{name}"), json!({"value": value})).await;
        assert_eq!(set.status, 200, "{set:?}");
    }
    let found = world.get("/orders/prod").await;
    let version = found.body["version"].as_str().unwrap().to_owned();
    assert!(version.parse::<u64>().is_ok());
    let expected = json!({
        "name": "orders", "profiles": ["prod"], "label": null, "version": version, "state": "",
        "propertySources": [
            {"name": "parceltrack:orders/prod", "source": {"feature.on": true}},
            {"name": "parceltrack:application/prod", "source": {"greeting": "good day"}},
            {"name": "parceltrack:orders/default", "source": {"server.port": 8080}},
            {"name": "parceltrack:application/default", "source": {"greeting": "hello"}},
        ],
    });
    assert_eq!(found.body, expected);

    let labelled = world.get("/orders/test,prod/main").await;
    assert_eq!(labelled.body["label"], "main");
    assert_eq!(labelled.body["profiles"], json!(["test", "prod"]));
    let nobody = world.get("/nobody/prod").await;
    assert_eq!(
        nobody.body["propertySources"][0]["name"], "parceltrack:application/prod",
        "as Spring's server does"
    );
}
