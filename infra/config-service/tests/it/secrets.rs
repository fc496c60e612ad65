//! Secrets: sealed in the topic, shown to nobody.

use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn a_secret_is_sealed_in_the_topic_and_never_shown() {
    let world = World::start().await;
    let shared = "/api/v1/config/parceltrack/default";
    let both = json!({"entries": {
        "cql.username": {"value": "pt"},
        "cql.password": {"value": "correct horse battery", "type": "secret"},
    }});
    let set = world.post(shared, both).await;
    assert_eq!(set.status, 200, "{set:?}");
    let topic = world.topic().await;
    assert!(topic.contains("v1:") && !topic.contains("correct horse"), "{topic}");
    for path in ["", "/history", "/diff?from=0", "/entries/cql.password"] {
        let shown = world.get(&format!("{shared}{path}")).await.body.to_string();
        assert!(shown.contains("***"), "{path}: {shown}");
        assert!(!shown.contains("correct horse") && !shown.contains("v1:"), "{path}: {shown}");
    }
    let replaced =
        world.post(shared, json!({"entries": {"cql.username": {"value": "other"}}, "replace": true})).await;
    assert!(
        replaced.body.to_string().contains("cql.password"),
        "an import of an export deletes none: {replaced:?}"
    );
    let spring = world.get("/projector/default").await.body.to_string();
    assert!(spring.contains("cql.username") && !spring.contains("cql.password"), "{spring}");
}

#[tokio::test]
async fn what_is_a_secret_is_not_set_in_plain_text_by_leaving_its_type_out() {
    let world = World::start().await;
    let orders = "/api/v1/config/orders/prod";
    let entry = format!("{orders}/entries/spring.datasource.password");
    let set = world.put(&entry, json!({"value": "correct horse", "type": "secret"})).await;
    assert_eq!(set.status, 200, "{set:?}");
    for value in [json!("hunter2"), json!(12345)] {
        let one = world.put(&entry, json!({"value": value})).await;
        assert_eq!(one.problem(), (400, "PT-0002"), "{one:?}");
        assert!(one.body["detail"].as_str().unwrap().contains("is a secret"), "{one:?}");
        let several = json!({"entries": {"spring.datasource.password": {"value": value}}});
        assert_eq!(world.post(orders, several).await.problem(), (400, "PT-0002"));
    }
    let topic = world.topic().await;
    assert!(!topic.contains("hunter2") && !topic.contains("12345"), "{topic}");
    assert_eq!(world.put(&entry, json!({"value": "hunter3", "type": "secret"})).await.status, 200);
    let said = world.put(&entry, json!({"value": "no secret any more", "type": "text"})).await;
    assert_eq!((said.status, &said.body["value"]), (200, &json!("no secret any more")), "{said:?}");
}
