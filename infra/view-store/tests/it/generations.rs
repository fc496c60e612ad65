use std::collections::BTreeMap;
use std::time::Duration;

use shipment_events::Status;
use view_store::{Detail, Error};

use crate::database::{Database, new_id, write};
use crate::histories::{Step, history};

#[tokio::test]
async fn readers_follow_a_flip_there_and_back() {
    let database = Database::make().await;
    let store = &database.store;
    let id = new_id();
    let register = Step::Register { phone: None, number: None, reference: false };
    let events = history(id, &[register, Step::Scan { status: Status::Delivered, hours: 0 }]);
    let old = store.writer(1).await.unwrap();
    write(&old, &events[..1]).await;
    let reader = store.reader().await.unwrap();
    let status = async || reader.shipment(id, Detail::Full).await.unwrap().map(|row| row.status.unwrap());

    let building = store.begin_generation().await.unwrap();
    assert_eq!(building, 2);
    assert_eq!(store.begin_generation().await.unwrap(), 2, "an interrupted rebuild goes on");
    write(&store.writer(2).await.unwrap(), &events).await;
    assert_eq!(status().await, Some(Status::Registered), "the old one serves meanwhile");

    let flipped = store.flip(2, "rebuilt").await.unwrap();
    assert_eq!((flipped.live, flipped.previous, flipped.building), (2, Some(1), None));
    assert_eq!(flipped.note, "rebuilt");
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(status().await, Some(Status::Delivered));

    store.flip_back("not what we wanted").await.unwrap();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(status().await, Some(Status::Registered));

    // Dropped at once after a flip: readers that still have the old one look again instead of failing.
    store.flip_back("after all").await.unwrap();
    assert_eq!(store.drop_old().await.unwrap(), [1]);
    assert_eq!(status().await, Some(Status::Delivered));
    assert!(matches!(store.flip_back("").await, Err(Error::Generation { .. })));
    assert_eq!(store.begin_generation().await.unwrap(), 3, "numbers are not used twice");
    assert_eq!(store.abandon_building().await.unwrap(), Some(3));
    assert!(matches!(store.flip(3, "").await, Err(Error::Generation { generation: 3, .. })));
    database.drop().await;
}

#[tokio::test]
async fn a_rebuild_remembers_how_far_it_came() {
    let database = Database::make().await;
    let store = &database.store;
    let generation = store.begin_generation().await.unwrap();
    assert_eq!(store.positions(generation, "events").await.unwrap(), BTreeMap::new());
    for (partition, position) in [(0, 10), (1, 20), (0, 30)] {
        store.save_position(generation, "events", partition, position).await.unwrap();
    }
    let positions = store.positions(generation, "events").await.unwrap();
    assert_eq!(positions, BTreeMap::from([(0, 30), (1, 20)]));
    assert_eq!(store.positions(generation, "others").await.unwrap(), BTreeMap::new());
    database.drop().await;
}
