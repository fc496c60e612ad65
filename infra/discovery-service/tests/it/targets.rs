//! Targets for Prometheus.

use serde_json::{Value, json};
use service_registry::{Status, metadata};

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_a_target_also_what_is_down() {
    let world = World::start().await;
    let (plain, own) = (world.register("query-api/q-1"), world.register("projector/p-1"));
    own.presence().set(metadata::OPS, "10.0.0.7:8094");
    let of = |answer: &Value, service: &str| -> Option<Value> {
        let all = answer.as_array().unwrap();
        all.iter().find(|target| target["labels"]["service"] == service).cloned()
    };
    let both = |answer: &crate::answers::Answer| {
        answer.status == 200 && of(&answer.json(), "query-api").is_some() && answer.text.contains(":8094")
    };
    let targets = world.until("/prometheus/targets", both).await.ok();
    assert_eq!(
        of(&targets, "query-api").unwrap(),
        json!({"targets": ["10.0.0.7:8092"], "labels": {"__metrics_path__": "/metrics", "__scheme__": "http",
            "service": "query-api", "instance": "q-1", "zone": "a", "version": "1.2.3"}})
    );
    assert_eq!(of(&targets, "projector").unwrap()["targets"], json!(["10.0.0.7:8094"]));

    // Somebody else's service may have no metrics, or have them elsewhere.
    let foreign = world.register("invoices/i-1");
    world.until("/api/v1/services/invoices", |answer| answer.status == 200).await;
    let targets = world.client.get("/prometheus/targets").await.ok();
    assert_eq!(of(&targets, "invoices"), None);
    foreign.presence().set(metadata::METRICS_PATH, "/actuator/prometheus");
    let says_where = |answer: &crate::answers::Answer| answer.text.contains("/actuator/prometheus");
    world.until("/prometheus/targets", says_where).await;
    foreign.stop().await;
    world.until("/prometheus/targets", |answer| !says_where(answer)).await;

    plain.presence().set_status(Status::OutOfService);
    own.presence().set_status(Status::Down);
    let is_down = |answer: &crate::answers::Answer| answer.text.contains("\"DOWN\"");
    world.until("/api/v1/services/projector", is_down).await;
    assert_eq!(world.client.get("/prometheus/targets").await.ok().as_array().unwrap().len(), 2);
    plain.stop().await;
    own.stop().await;
    world.until("/prometheus/targets", |answer| answer.text == "[]").await;
    world.end().await;
}
