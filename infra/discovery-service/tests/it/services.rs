//! Our own REST.

use serde_json::json;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn instances_are_listed_by_service() {
    let world = World::start().await;
    let registrar = world.register("query-api/q-1");
    let shown = world.until("/api/v1/services/query-api/q-1", |answer| answer.status == 200).await.ok();
    assert_eq!(shown["address"], "10.0.0.7:8092");
    assert_eq!((&shown["status"], &shown["reported_status"]), (&json!("UP"), &json!("UP")));
    assert_eq!((&shown["ttl_ms"], &shown["metadata"]["zone"]), (&json!(5000), &json!("a")));
    assert!(shown["renewed_at"].as_str().unwrap().ends_with('Z') && shown["taken_out"].is_null(), "{shown}");

    let all = world.client.get("/api/v1/services").await.ok();
    let names: Vec<_> = all["services"].as_array().unwrap().iter().map(|of| of["service"].clone()).collect();
    assert_eq!(names, ["query-api"]);
    assert_eq!(all["protecting"], false);
    assert!(all["silent_ms"].as_u64().unwrap() < 5_000, "{all}");
    let of_one = world.client.get("/api/v1/services/query-api").await.ok();
    assert_eq!(of_one["instances"].as_array().unwrap().len(), 1);

    for missing in ["/api/v1/services/nobody", "/api/v1/services/query-api/nobody"] {
        assert_eq!(world.client.get(missing).await.problem(), (404, "PT-0014".to_owned()));
    }
    assert_eq!(world.client.get("/api/v1/services/a%20b").await.problem(), (400, "PT-0003".to_owned()));
    registrar.stop().await;
    world.until("/api/v1/services/query-api", |answer| answer.status == 404).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_is_taken_out_and_put_back() {
    let world = World::start().await;
    let registrar = world.register("query-api/q-1");
    let path = "/api/v1/services/query-api/q-1";
    let at_first = world.until(path, |answer| answer.status == 200).await.ok();
    let status = format!("{path}/status");

    let out = json!({"status": "OUT_OF_SERVICE", "reason": "a new disk"});
    let shown = world.client.put_json(&status, &out).await.ok();
    assert_eq!((&shown["status"], &shown["reported_status"]), (&json!("OUT_OF_SERVICE"), &json!("UP")));
    assert_eq!(shown["taken_out"]["reason"], "a new disk");
    // Heartbeats don't undo it.
    let later = world.until(path, |answer| answer.json()["renewed_at"] != at_first["renewed_at"]).await;
    assert_eq!(later.json()["status"], "OUT_OF_SERVICE");
    assert_eq!(world.client.delete(&status).await.status, 204);
    assert_eq!(world.client.get(path).await.ok()["status"], "UP");
    assert_eq!(world.client.delete(&status).await.status, 204);

    for (body, code) in [
        (json!({"status": "UP"}), "PT-0002"),
        (json!({"status": "up"}), "PT-0002"),
        (json!({"status": "OUT_OF_SERVICE", "why": "x"}), "PT-0002"),
        (json!({"status": "OUT_OF_SERVICE", "reason": "x".repeat(501)}), "PT-0002"),
    ] {
        assert_eq!(world.client.put_json(&status, &body).await.problem(), (400, code.to_owned()), "{body}");
    }
    let nobody = "/api/v1/services/query-api/nobody/status";
    assert_eq!(world.client.put_json(nobody, &out).await.problem(), (404, "PT-0014".to_owned()));
    assert_eq!(world.client.delete(nobody).await.problem(), (404, "PT-0014".to_owned()));

    // It can be put back while it is away.
    world.client.put_json(&status, &out).await.ok();
    registrar.stop().await;
    world.until(path, |answer| answer.status == 404).await;
    assert_eq!(world.client.delete(&status).await.status, 204);
    let again = world.register("query-api/q-1");
    let shown = world.until(path, |answer| answer.status == 200).await.ok();
    assert_eq!(shown["status"], "UP");
    again.stop().await;
    world.end().await;
}
