//! The live projector: what it writes, and that nothing is lost whatever goes away.

use std::time::Duration;

use shipment_events::ShipmentEvent;
use testkit::Proxy;

use crate::histories::erased;
use crate::world::{Running, World, histories, interleaved};
use projector::Projector;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_are_what_the_events_fold_to() {
    let world = World::make(3).await;
    let histories = histories(300);
    let events = interleaved(&histories);
    world.write(&events[..events.len() / 2]).await;
    let running = world.start().await;
    world.write(&events[events.len() / 2..]).await;
    // Repeats and rewrites change nothing that they don't say.
    world.write(&events[..events.len() / 3]).await;
    let rewrites: Vec<ShipmentEvent> = events.iter().step_by(7).map(erased).collect();
    world.write(&rewrites).await;
    running.until_ready().await;
    let with_rewrites: Vec<Vec<ShipmentEvent>> = histories
        .iter()
        .map(|history| {
            let newest = |event: &ShipmentEvent| {
                rewrites.iter().find(|r| r.event_id == event.event_id).unwrap_or(event).clone()
            };
            history.iter().map(newest).collect()
        })
        .collect();
    world.agrees_with(&with_rewrites).await;
    running.stop().await;
    world.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_projector_killed_at_any_moment_is_followed_by_one_that_completes_its_work() {
    let world = World::make(3).await;
    let histories = histories(600);
    let events = interleaved(&histories);
    let settings = world.settings_with(|settings| settings.projector.batch_records = 50);
    for (n, part) in events.chunks(events.len().div_ceil(4)).enumerate() {
        let projector = Projector::connect(&settings).await.unwrap();
        let running = Running::start(projector);
        world.write(part).await;
        tokio::time::sleep(Duration::from_millis(150 * n as u64)).await;
        running.abort().await;
    }
    let running = world.start().await;
    running.until_ready().await;
    world.agrees_with(&histories).await;
    running.stop().await;
    world.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_projectors_share_the_work_and_take_over_from_each_other() {
    let world = World::make(4).await;
    let histories = histories(300);
    let events = interleaved(&histories);
    let second = world.settings_with(|settings| settings.projector.instance = "projector-2".to_owned());
    let first = world.start().await;
    world.write(&events[..100]).await;
    first.until_ready().await;
    let second = Running::start(Projector::connect(&second).await.unwrap());
    world.write(&events[100..300]).await;
    second.until_ready().await;
    first.abort().await;
    world.write(&events[300..]).await;
    world.agrees_with(&histories).await;
    second.stop().await;
    world.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_away_for_half_a_minute_costs_time_and_no_event() {
    let world = World::make(2).await;
    let mut proxy = Proxy::to(world.settings.cql.nodes[0].clone()).await;
    let settings = world.settings_with(|settings| settings.cql.nodes = vec![proxy.at.to_string()]);
    let running = Running::start(Projector::connect(&settings).await.unwrap());
    let histories = histories(200);
    let events = interleaved(&histories);
    world.write(&events[..200]).await;
    running.until_ready().await;

    proxy.cut().await;
    world.write(&events[200..]).await;
    let reason = running.until_unready("database").await;
    assert!(reason.contains("waiting for the database"), "{reason}");
    tokio::time::sleep(Duration::from_secs(25)).await;
    proxy.mend().await;
    world.agrees_with(&histories).await;
    running.until_ready().await;
    running.stop().await;
    world.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registry_that_is_away_is_waited_for_and_nothing_is_parked() {
    let world = World::make(1).await;
    let url = world.settings.registry.url.clone();
    let (address, path) = url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).unwrap();
    let mut proxy = Proxy::to(address).await;
    let settings =
        world.settings_with(|settings| settings.registry.url = format!("http://{}/{path}", proxy.at));
    proxy.cut().await;
    let running = Running::start(Projector::connect(&settings).await.unwrap());
    let histories = histories(20);
    world.write(&interleaved(&histories)).await;
    let reason = running.until_unready("registry").await;
    assert!(reason.contains("wait for schema"), "{reason}");
    tokio::time::sleep(Duration::from_secs(3)).await;
    proxy.mend().await;
    world.agrees_with(&histories).await;
    running.until_ready().await;

    // Known by now: it may go away again.
    proxy.cut().await;
    let more = crate::world::histories(20);
    world.write(&interleaved(&more)).await;
    world.agrees_with(&more).await;
    running.stop().await;
    world.drop().await;
}
