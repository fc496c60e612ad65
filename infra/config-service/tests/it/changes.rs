//! Setting, deleting, history, differences, and back.

use reqwest::Method;
use serde_json::json;

use crate::world::World;

const PROJECTOR: &str = "/api/v1/config/projector/default";

#[tokio::test]
async fn a_value_is_set_read_changed_and_deleted() {
    let world = World::start().await;
    let path = format!("{PROJECTOR}/entries/projector.concurrency");
    assert_eq!(world.get(&path).await.problem(), (404, "PT-0014"));

    let set =
        world.put(&path, json!({"value": 64, "author": "ada", "reason": "the database has room"})).await;
    assert_eq!(
        (set.status, &set.body["value"], &set.body["type"]),
        (200, &json!(64), &json!("number")),
        "{set:?}"
    );
    assert_eq!((&set.body["author"], &set.body["reason"]), (&json!("ada"), &json!("the database has room")));
    let tag = set.etag.clone().unwrap();
    assert_eq!(tag, format!("\"{}\"", set.body["version"]));
    assert_eq!(world.get(&path).await.etag, Some(tag.clone()));

    let changed = world.put(&path, json!({"value": 32})).await;
    assert_ne!(changed.etag, Some(tag.clone()));
    let late = world.request(Method::PUT, &path).header("if-match", &tag).json(&json!({"value": 16}));
    let late = world.send(late).await;
    assert_eq!((late.problem(), late.etag.clone()), ((412, "PT-0012"), changed.etag.clone()));
    let twice = world.request(Method::PUT, &path).header("if-none-match", "*").json(&json!({"value": 16}));
    assert_eq!(world.send(twice).await.problem(), (412, "PT-0012"));

    let deleted = world.request(Method::DELETE, &path).header("if-match", changed.etag.unwrap());
    assert_eq!(world.send(deleted).await.status, 204);
    assert_eq!(world.get(&path).await.status, 404);
    assert_eq!(world.send(world.request(Method::DELETE, &path)).await.problem(), (404, "PT-0014"));

    let history = world.get(&format!("{PROJECTOR}/history")).await;
    let values: Vec<_> =
        history.body["changes"].as_array().unwrap().iter().map(|c| c["value"].clone()).collect();
    assert_eq!(values, [json!(null), json!(32), json!(64)], "the last one first: {history:?}");
}

#[tokio::test]
async fn a_bad_value_never_gets_into_the_topic() {
    let world = World::start().await;
    for (name, value, because) in [
        ("projector.concurrency", json!(0), "from 1 to"),
        ("projector.concurency", json!(64), "did you mean projector.concurrency?"),
        ("projector.concurrency", json!({"a": 1}), "a value is text, a number or a boolean"),
        ("kafka.bootstrap", json!("kafka:9092"), "can't be in the config topic"),
        ("cql.username", json!("pt"), "go together"),
        ("query_api.cursor_key", json!("0123456789abcdef"), "is a secret"),
    ] {
        let refused = world.put(&format!("{PROJECTOR}/entries/{name}"), json!({"value": value})).await;
        assert_eq!(refused.problem(), (400, "PT-0002"), "{refused:?}");
        assert!(refused.body["detail"].as_str().unwrap().contains(because), "{refused:?}");
    }
    let odd = world.put("/api/v1/config/projector/a%20b/entries/log.level", json!({"value": "info"})).await;
    assert_eq!(odd.problem(), (400, "PT-0003"));
    assert_eq!(world.topic().await, "");
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_and_writes_nothing() {
    let world = World::start().await;
    let path = format!("{PROJECTOR}/entries/log.level?dry_run=true");
    let dry = world.put(&path, json!({"value": "debug"})).await;
    assert_eq!((dry.status, &dry.body["would_change"]), (200, &json!(1)));
    assert_eq!(world.put(&path, json!({"value": "loud"})).await.status, 400);
    assert_eq!(world.topic().await, "");
}

#[tokio::test]
async fn several_values_are_set_together_and_rolled_back_together() {
    let world = World::start().await;
    let first = world
        .post(
            PROJECTOR,
            json!({"entries": {"log.level": {"value": "warn"}, "projector.concurrency": {"value": 10}}}),
        )
        .await;
    assert_eq!(first.status, 200, "{first:?}");
    let version = first.body["version"].as_u64().unwrap();
    let second = world
        .post(
            PROJECTOR,
            json!({"entries": {"log.level": null, "projector.concurrency": {"value": 20}, "projector.retry_max_ms": {"value": 100}}}),
        )
        .await;
    assert_eq!(second.body["entries"].as_array().unwrap().len(), 2, "{second:?}");
    let bad = world
        .post(
            PROJECTOR,
            json!({"entries": {"log.level": {"value": "info"}, "projector.concurrency": {"value": 0}}}),
        )
        .await;
    assert_eq!(bad.problem(), (400, "PT-0002"), "all or none");

    let diff = world.get(&format!("{PROJECTOR}/diff?from={version}")).await;
    let names: Vec<_> =
        diff.body["differences"].as_array().unwrap().iter().map(|d| d["name"].clone()).collect();
    assert_eq!(names, ["log.level", "projector.concurrency", "projector.retry_max_ms"], "{diff:?}");
    assert_eq!(diff.body["differences"][0]["before"]["value"], "warn");
    assert_eq!(diff.body["differences"][0]["after"]["value"], json!(null));

    let back = format!("{PROJECTOR}/rollback");
    let dry = world.post(&format!("{back}?dry_run=true"), json!({"to": version})).await;
    assert_eq!(dry.body["would_change"], 3, "{dry:?}");
    // What was changed after it was compared is not set back unseen; what others changed elsewhere doesn't matter.
    let seen = diff.body["to"].as_u64().unwrap();
    world.put(&format!("{PROJECTOR}/entries/projector.lag_interval_ms"), json!({"value": 1_000})).await;
    let unseen = world.post(&back, json!({"to": version, "from": seen})).await;
    assert_eq!(unseen.problem(), (412, "PT-0012"), "{unseen:?}");
    let seen = world.get(&format!("{PROJECTOR}/diff?from={version}")).await.body["to"].clone();
    world.put("/api/v1/config/orders/prod/entries/x", json!({"value": 1})).await;
    assert_eq!(world.post(&back, json!({"to": version, "from": seen})).await.body["changed"], 4);
    let now = world.get(PROJECTOR).await;
    let values: Vec<_> = now.body["entries"].as_array().unwrap().iter().map(|e| e["value"].clone()).collect();
    assert_eq!(values, [json!("warn"), json!(10)]);
    assert_eq!(world.post(&back, json!({"to": 1_000_000})).await.problem(), (400, "PT-0002"));

    let replaced =
        world.post(PROJECTOR, json!({"entries": {"log.level": {"value": "info"}}, "replace": true})).await;
    assert_eq!(replaced.body["entries"].as_array().unwrap().len(), 1, "{replaced:?}");
}

#[tokio::test]
async fn everything_that_can_be_set_is_listed() {
    let world = World::start().await;
    let keys = world.get("/api/v1/config-keys").await;
    let keys = keys.body.as_array().unwrap();
    let level = keys.iter().find(|key| key["key"] == "log.level").unwrap();
    assert_eq!(level["live"], true);
    assert!(keys.iter().all(|key| !key["key"].as_str().unwrap().starts_with("kafka.")));
    world.put("/api/v1/config/orders/prod/entries/x", json!({"value": 1})).await;
    let all = world.get("/api/v1/config").await;
    assert_eq!(all.body["profiles"], json!([{"application": "orders", "profile": "prod", "entries": 1}]));
}
