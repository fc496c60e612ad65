//! Shipments as they were.

use shipment_events::{EventBody, Status};

use crate::histories::Step;
use crate::parcels::{REGISTER, Shop, path_of, scan};
use crate::world::in_world;

fn at(time: impl std::fmt::Display) -> String {
    time.to_string()
}

#[test]
fn as_of_is_where_it_was_and_known_at_what_was_known() {
    in_world(async |world| {
        let (api, shop) = (world.api().await, Shop::new());
        // The hub's scan is reported last, though it was made before the delivery.
        let events = shop.parcel(&[
            REGISTER,
            scan(Status::PickedUp),
            scan(Status::Delivered),
            Step::Scan { status: Status::InTransit, hours: -7 },
            Step::Retract(1),
        ]);
        assert_eq!(events.len(), 5);
        world.plant(&events).await;
        let path = path_of(&events);
        let read = async |query: String| api.client.get(&format!("{path}?{query}")).await.ok();

        let now = read(format!("as_of={}", at(events[4].recorded_at))).await;
        assert_eq!(
            (&now["status"], &now["version"]),
            (&"in_transit".into(), &5.into()),
            "the delivery was retracted"
        );
        assert_eq!(now["as_of"], at(events[4].recorded_at));
        assert!(now.get("known_at").is_none());

        let then = read(format!("known_at={}", at(events[2].recorded_at))).await;
        assert_eq!((&then["status"], &then["version"]), (&"delivered".into(), &3.into()));
        assert_eq!(then["known_at"], at(events[2].recorded_at));

        // Where it was when the hub scanned it: known only later.
        let hub = at(events[3].occurred_at);
        assert_eq!(read(format!("as_of={hub}")).await["status"], "in_transit");
        let blind = read(format!("as_of={hub}&known_at={}", at(events[2].recorded_at))).await;
        assert_eq!(blind["status"], "picked_up");

        // The plus of an offset, escaped and not.
        for offset in ["%2B00:00", "+00:00"] {
            let text = hub.replace('Z', offset);
            assert_eq!(read(format!("as_of={text}")).await["status"], "in_transit", "{offset}");
        }
        let before = api.client.get(&format!("{path}?as_of=2020-01-01T00:00:00Z")).await;
        assert!(before.problem(404, "PT-0014").contains("at that moment"));
        api.client.get(&format!("{path}?known_at=2020-01-01T00:00:00Z")).await.problem(404, "PT-0014");
        api.stop().await;
    });
}

#[test]
fn a_shipment_registered_after_its_first_scans_was_somewhere_before() {
    in_world(async |world| {
        let (api, shop) = (world.api().await, Shop::new());
        let early = Step::Scan { status: Status::InTransit, hours: -240 };
        let events = shop.parcel(&[REGISTER, early, scan(Status::Delivered)]);
        world.plant(&events).await;
        let path = path_of(&events);
        let moment = at(events[1].occurred_at);
        let said = api.client.get(&format!("{path}?as_of={moment}")).await.ok();
        assert_eq!((&said["status"], &said["status_since"]), (&"in_transit".into(), &moment.into()));
        api.stop().await;
    });
}

#[test]
fn a_scan_from_the_future_counts_from_when_it_was_written_down() {
    in_world(async |world| {
        let (api, shop) = (world.api().await, Shop::new());
        let events = shop.parcel(&[REGISTER, Step::Scan { status: Status::InTransit, hours: 2_000 }]);
        assert!(matches!(&events[1].body, EventBody::ScanRecorded(scan) if scan.from_the_future));
        world.plant(&events).await;
        let recorded = at(events[1].recorded_at);
        let said = api.client.get(&format!("{}?as_of={recorded}", path_of(&events))).await.ok();
        assert_eq!(said["status"], "in_transit");
        let said = api.client.get(&format!("{}/history?as_of={recorded}", path_of(&events))).await.ok();
        assert_eq!(said["events"].as_array().unwrap().len(), 2);
        api.stop().await;
    });
}
