//! A role's settings, from the topic while it runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use settings::{Settings, Sources};

use crate::world::{PATIENCE, World};

async fn load(world: &World, sources: Sources) -> Settings {
    live_config::load(sources, "query-api", world.stop(), |_, _| {}).await.unwrap()
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "never: {what}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn what_may_change_live_does_and_what_was_set_on_the_machine_stays() {
    let world = World::new().await;
    world.set("parceltrack/default/query_api.sse_heartbeat_ms", Some("700")).await;
    world.set("query-api/default/query_api.max_in_flight", Some("77")).await;
    let told = Arc::new(AtomicUsize::new(0));
    let count = told.clone();
    let sources = world.sources.clone().set("query_api.drain_ms=1");
    let settings = live_config::load(sources, "query-api", world.stop(), move |_, _| {
        count.fetch_add(1, Ordering::Relaxed);
    })
    .await
    .unwrap();
    let api = &settings.query_api;
    assert_eq!((api.sse_heartbeat_ms.now(), api.max_in_flight), (700, 77));

    world.set("query-api/default/query_api.sse_heartbeat_ms", Some("800")).await;
    until("the heartbeat follows", || api.sse_heartbeat_ms.now() == 800).await;
    world.set("query-api/default/query_api.sse_heartbeat_ms", None).await;
    until("what is under it counts again", || api.sse_heartbeat_ms.now() == 700).await;
    world.set("query-api/default/query_api.drain_ms", Some("5")).await;
    let again = load(&world, world.sources.clone().set("query_api.drain_ms=1")).await;
    assert_eq!(again.query_api.drain_ms, 1, "the command line goes over the topic");
    assert!(told.load(Ordering::Relaxed) >= 2);
}

#[tokio::test]
async fn what_makes_no_sense_here_is_not_applied_and_the_rest_stays_in_force() {
    let world = World::new().await;
    world.set("parceltrack/default/query_api.sse_heartbeat_ms", Some("700")).await;
    let settings = load(&world, world.sources.clone()).await;
    // Written past the config service, which would have refused it.
    world.set("parceltrack/default/query_api.sse_heartbeat_ms", Some("a while")).await;
    world.set("parceltrack/default/query_api.min_version_wait_ms", Some("123")).await;
    let again = load(&world, world.sources.clone()).await;
    assert_eq!(again.query_api.sse_heartbeat_ms.now(), 700, "a start takes the last copy that made sense");
    assert_eq!(settings.query_api.sse_heartbeat_ms.now(), 700);
    world.set("parceltrack/default/query_api.sse_heartbeat_ms", Some("900")).await;
    let api = &settings.query_api;
    until("what is mended counts", || {
        (api.sse_heartbeat_ms.now(), api.min_version_wait_ms.now()) == (900, 123)
    })
    .await;
}

#[tokio::test]
async fn without_kafka_a_role_starts_on_the_last_copy() {
    let world = World::new().await;
    world.set("parceltrack/default/query_api.sse_heartbeat_ms", Some("700")).await;
    load(&world, world.sources.clone()).await;
    let away = world.sources.clone().set("kafka.bootstrap=127.0.0.1:1").set("config.patience_ms=300");
    let settings = load(&world, away.clone()).await;
    assert_eq!(settings.query_api.sse_heartbeat_ms.now(), 700);

    let never_there = away.set("kafka.topic_prefix=never-there");
    let settings = load(&world, never_there).await;
    assert_eq!(settings.query_api.sse_heartbeat_ms.now(), 15_000, "the default");
}
