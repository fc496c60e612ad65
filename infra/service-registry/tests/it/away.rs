//! Kafka not there yet, and Kafka gone for a while.

use std::time::{Duration, Instant};

use local_stack::{Name, Stack, StackSettings, ports, silent};
use service_registry::{Change, timing};

use crate::world::{World, until, up};

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_that_is_cut_off_from_kafka_is_kept_whole() {
    let folder = tempfile::tempdir().unwrap();
    let port = ports::free_port().unwrap();
    let world = World::at(&format!("127.0.0.1:{port}"));
    let directory = world.directory();
    let mut fleet: Vec<_> = ["a", "b", "c", "d"].map(|name| world.register(&format!("s/{name}"))).into();
    assert!(directory.all().is_empty() && !directory.is_read());

    let settings =
        StackSettings { kafka_port: port, ..StackSettings::on_free_ports(folder.path()).only_kafka() };
    let mut stack = Stack::start(settings, silent()).await.unwrap();
    world.create().await;
    until("all are up", || up(&directory, "s") == ["a", "b", "c", "d"]).await;
    tokio::time::sleep(timing::HEARTBEAT).await;

    let mut changes = directory.changes();
    stack.pause(Name::Kafka(1)).unwrap();
    let paused = Instant::now();
    while paused.elapsed() < timing::TTL * 2 {
        assert_eq!(up(&directory, "s"), ["a", "b", "c", "d"]);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(directory.outlook().silent_for.unwrap() > timing::TTL);
    stack.resume(Name::Kafka(1)).unwrap();
    let resumed = Instant::now();
    while resumed.elapsed() < timing::TTL * 2 {
        assert_eq!(up(&directory, "s"), ["a", "b", "c", "d"], "{:?} after", resumed.elapsed());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(directory.outlook().silent_for.unwrap() < timing::SILENCE);
    while let Ok(change) = changes.try_recv() {
        assert!(!matches!(change, Change::Left(_)), "{change:?}");
    }

    // And all is as before: who is killed now is found out.
    drop(fleet.pop());
    let took = until("one is out", || up(&directory, "s") == ["a", "b", "c"]).await;
    assert!(took < Duration::from_secs(10), "{took:?}");
    drop(fleet);
    stack.stop().await;
}
