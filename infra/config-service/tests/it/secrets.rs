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
