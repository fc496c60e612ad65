//! Coming, changing and going.

use std::time::Duration;

use service_registry::{Status, metadata, timing};

use crate::world::{World, instance, registration, until, up};

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_is_found_says_how_it_stands_and_goes_in_good_order() {
    let world = World::make().await;
    let directory = world.read_directory().await;
    let (mut changes, mut version) = (directory.changes(), directory.watch());
    version.mark_unchanged();
    let registrar = world.register_with(&registration("query-api/q-1").with(metadata::ZONE, "a"));
    let presence = registrar.presence();

    until("it starts", || instance(&directory, "query-api/q-1").is_some()).await;
    assert!(up(&directory, "query-api").is_empty(), "what starts gets no requests");
    presence.set_status(Status::Up);
    let took = until("it is up", || up(&directory, "query-api") == ["q-1"]).await;
    assert!(took < Duration::from_secs(2), "a change doesn't wait for the next heartbeat: {took:?}");
    presence.set(metadata::LAG, "17");
    let lag =
        || instance(&directory, "query-api/q-1").and_then(|it| Some(it.metadata(metadata::LAG)? == "17"));
    until("it tells its lag", || lag() == Some(true)).await;
    assert_eq!(instance(&directory, "query-api/q-1").unwrap().metadata(metadata::ZONE), Some("a"));
    assert!(version.has_changed().unwrap());

    registrar.stop().await;
    let took = until("it has gone", || instance(&directory, "query-api/q-1").is_none()).await;
    assert!(took < Duration::from_secs(2), "{took:?}");
    let mut told = Vec::new();
    while let Ok(change) = changes.try_recv() {
        told.push(change.name());
    }
    assert_eq!(told, ["joined", "changed", "changed", "left"]);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_killed_is_out_within_ten_seconds_and_the_others_stay() {
    let world = World::make().await;
    let directory = world.read_directory().await;
    let (killed, lives) = (world.register("query-api/killed"), world.register("query-api/lives"));
    until("both are up", || up(&directory, "query-api").len() == 2).await;
    // A little beyond a heartbeat, so that it isn't the first that counts.
    tokio::time::sleep(Duration::from_secs(3)).await;
    // No tombstone: its task is gone in the middle of whatever it does, as after `kill -9`.
    drop(killed);
    let took = until("it is out", || up(&directory, "query-api") == ["lives"]).await;
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert!(took + timing::HEARTBEAT + Duration::from_millis(500) > timing::TTL, "{took:?}");
    eprintln!("out of rotation after {took:?}");
    lives.stop().await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_starts_anew_takes_its_own_place() {
    let world = World::make().await;
    let directory = world.read_directory().await;
    drop(world.register("s/i"));
    let first = world.register("s/i");
    until("it is up", || up(&directory, "s") == ["i"]).await;
    let second = world.register_with(&service_registry::Registration {
        address: "10.0.0.8:1".parse().unwrap(),
        status: Status::Up,
        ..registration("s/i")
    });
    drop(first);
    let moved = || instance(&directory, "s/i").is_some_and(|it| it.lease.address.as_str() == "10.0.0.8:1");
    until("it is at its new address", moved).await;
    assert_eq!(directory.all().len(), 1);
    second.stop().await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_starts_late_knows_who_lives_and_not_who_died_before() {
    let world = World::make().await;
    let (dead, lives) = (world.register_quick("s/dead"), world.register_quick("s/lives"));
    let early = world.read_directory().await;
    until("both are up", || up(&early, "s").len() == 2).await;
    drop(dead);
    until("one is out", || up(&early, "s") == ["lives"]).await;
    // As the broker's times have it, between two heartbeats, it may not be quite over yet.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let late = world.read_directory().await;
    assert_eq!(up(&late, "s"), ["lives"]);
    lives.stop().await;
    world.end().await;
}
