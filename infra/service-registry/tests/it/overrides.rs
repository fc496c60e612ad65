//! An operator's word.

use std::time::Duration;

use service_registry::{InstanceId, Override, Record, Status, Writer};

use crate::world::{PATIENCE, World, instance, until, up};

#[tokio::test(flavor = "multi_thread")]
async fn who_is_taken_out_stays_out_over_heartbeats_and_a_new_start() {
    let world = World::make().await;
    let directory = world.read_directory().await;
    let writer = Writer::new(&world.kafka, &world.topics).unwrap();
    let id: InstanceId = "s/i".parse().unwrap();
    let registrar = world.register_quick("s/i");
    until("it is up", || up(&directory, "s") == ["i"]).await;

    let out = Override { status: Status::OutOfService, reason: "a new disk".to_owned(), set_at: 7 };
    let offset = writer.overrule(&Record::TakenOut(id.clone(), out.clone()), "test").await.unwrap();
    assert!(directory.read_past(offset, PATIENCE).await);
    assert!(up(&directory, "s").is_empty());
    let renewed_at = instance(&directory, "s/i").unwrap().renewed_at;
    let renewed = || instance(&directory, "s/i").is_some_and(|it| it.renewed_at > renewed_at + 500);
    until("more heartbeats came", renewed).await;
    assert_eq!(instance(&directory, "s/i").unwrap().status(), Status::OutOfService);

    registrar.stop().await;
    until("it has gone", || instance(&directory, "s/i").is_none()).await;
    assert_eq!(directory.taken_out(&id).as_deref(), Some(&out));
    let again = world.register_quick("s/i");
    until("it is there again", || instance(&directory, "s/i").is_some()).await;
    assert!(up(&directory, "s").is_empty());

    let offset = writer.overrule(&Record::PutBack(id), "test").await.unwrap();
    assert!(directory.read_past(offset, PATIENCE).await);
    assert_eq!(up(&directory, "s"), ["i"]);
    assert!(!directory.read_past(offset + 1_000_000, Duration::from_millis(10)).await);
    again.stop().await;
    let told: Vec<_> = world.audited().into_iter().map(|it| (it.action, it.target)).collect();
    let told: Vec<_> = told.iter().map(|(action, target)| (&**action, &**target)).collect();
    assert_eq!(told, [("registry.take_out", "s/i"), ("registry.put_back", "s/i")]);
    world.end().await;
}
