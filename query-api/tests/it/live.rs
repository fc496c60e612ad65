//! Live updates.

use std::time::Duration;

use serde_json::Value;
use shipment_events::{Sequence, ShipmentEvent, Status, Timestamp};
use tokio::time::{Instant, timeout};
use tracking_view::{parked, unparked};

use crate::answers::{Answer, Client};
use crate::histories::Step;
use crate::parcels::{REGISTER, Shop, id_of, path_of, scan, unknown};
use crate::world::{PATIENCE, Running, in_world};

/// A live stream as a client reads it.
pub(crate) struct Live {
    response: reqwest::Response,
    text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    Heartbeat,
    Shipment { id: String, data: String },
}

impl Live {
    pub(crate) async fn open(client: &Client, events: &[ShipmentEvent]) -> Self {
        Self::resume(client, events, &[]).await
    }

    async fn resume(client: &Client, events: &[ShipmentEvent], headers: &[(&str, &str)]) -> Self {
        let response = client.open(&format!("{}/live", path_of(events)), headers).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Self { response, text: String::new() }
    }

    /// The next message; none when the stream ended.
    async fn message(&mut self) -> Option<Message> {
        loop {
            if let Some((message, rest)) = self.text.split_once("\n\n") {
                let (message, rest) = (message.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(parse(&message));
            }
            let bytes = timeout(PATIENCE, self.response.chunk()).await.expect("in time").unwrap()?;
            self.text.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }

    /// The next shipment.
    pub(crate) async fn shipment(&mut self) -> Value {
        loop {
            match self.message().await.expect("the stream goes on") {
                Message::Heartbeat => {}
                Message::Shipment { id, data } => {
                    let data: Value = serde_json::from_str(&data).unwrap();
                    assert_eq!(data["version"].to_string(), id);
                    return data;
                }
            }
        }
    }

    /// Reads until a version is shown; rows in between may be skipped.
    pub(crate) async fn until(&mut self, version: i64) -> Value {
        loop {
            let said = self.shipment().await;
            if said["version"] == version {
                return said;
            }
        }
    }
}

fn parse(message: &str) -> Message {
    let field = |name: &str| {
        message.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).map(str::to_owned)
    };
    if message.starts_with(':') {
        return Message::Heartbeat;
    }
    assert_eq!(field("event").as_deref(), Some("shipment"), "{message}");
    assert_eq!(field("retry").as_deref(), Some("2000"), "{message}");
    Message::Shipment { id: field("id").unwrap(), data: field("data").unwrap() }
}

#[test]
fn the_row_as_it_stands_then_each_change() {
    in_world(async |world| {
        let (api, shop) = (world.api().await, Shop::new());
        let events = shop.parcel(&[REGISTER, scan(Status::InTransit), scan(Status::Delivered)]);
        world.happen(&events[0]).await;
        let mut live = Live::open(&api.client, &events).await;
        let first = live.shipment().await;
        assert_eq!(first, api.client.get(&path_of(&events)).await.ok(), "what a plain read shows");
        world.happen(&events[1]).await;
        assert_eq!(live.shipment().await["status"], "in_transit");

        // The log is ahead of the views by more than any pause between two reads.
        world.append(&world.topics, &events[2]).await;
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        let planted = Instant::now();
        world.plant(&events[2..]).await;
        assert_eq!(live.shipment().await["status"], "delivered");
        assert!(planted.elapsed() < Duration::from_secs(4), "{:?}", planted.elapsed());
        api.stop().await;
    });
}

#[test]
fn an_event_that_went_by_before_anybody_watched_is_not_missed() {
    in_world(async |world| {
        let (shop, steps) = (Shop::new(), [REGISTER, scan(Status::InTransit)]);
        let (seen, early) = (shop.parcel(&steps), shop.parcel(&steps));
        world.plant(&[seen[0].clone(), early[0].clone()]).await;
        // One before the API begins, one while it runs. Neither has its row yet.
        world.append(&world.topics, &early[1]).await;
        let api = world.api().await;
        world.append(&world.topics, &seen[1]).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        for events in [&seen, &early] {
            let mut live = Live::open(&api.client, events).await;
            assert_eq!(live.shipment().await["version"], 1);
            tokio::time::sleep(Duration::from_millis(100)).await;
            world.plant(&events[1..]).await;
            let planted = Instant::now();
            assert_eq!(live.shipment().await["version"], 2);
            assert!(planted.elapsed() < Duration::from_secs(4), "{:?}", planted.elapsed());
        }
        api.stop().await;
    });
}

#[test]
fn a_client_that_comes_back_gets_only_what_is_newer() {
    in_world(async |world| {
        let (api, shop) = (world.api().await, Shop::new());
        let events = shop.parcel(&[REGISTER, scan(Status::InTransit), scan(Status::Delivered)]);
        world.plant(&events[..2]).await;
        let mut behind = Live::resume(&api.client, &events, &[("last-event-id", "1")]).await;
        assert_eq!(behind.shipment().await["version"], 2);
        let mut current = Live::resume(&api.client, &events, &[("last-event-id", "2")]).await;
        for _ in 0..2 {
            assert_eq!(current.message().await, Some(Message::Heartbeat));
        }
        world.happen(&events[2]).await;
        assert_eq!(current.shipment().await["version"], 3);
        for bad in ["two", "-1", "\"2\""] {
            let path = format!("{}/live", path_of(&events));
            api.client.get_with(&path, &[("last-event-id", bad)]).await.problem(400, "PT-0008");
        }
        api.stop().await;
    });
}

#[test]
fn what_changes_without_a_new_version_is_shown_too() {
    in_world(async |world| {
        let (api, shop) = (world.api().await, Shop::new());
        let events = shop.parcel(&[REGISTER]);
        world.plant(&events).await;
        let mut live = Live::open(&api.client, &events).await;
        assert!(live.shipment().await.get("incomplete").is_none());
        // An event that can't be projected: in the log, marked in the row, never in its version.
        let parked_event = &shop.parcel(&[REGISTER, scan(Status::Lost)])[1];
        let mut parked_event = parked_event.clone();
        parked_event.shipment_id = id_of(&events);
        let since = Timestamp::from(chrono::Utc::now());
        world.write(vec![parked(id_of(&events), Sequence::new(2), since)]).await;
        world.append(&world.topics, &parked_event).await;
        assert_eq!(live.shipment().await["incomplete"], true);
        // Given up.
        world.write(vec![unparked(id_of(&events), Sequence::new(2))]).await;
        let mended = live.shipment().await;
        assert_eq!((mended.get("incomplete"), &mended["version"]), (None, &1.into()));
        api.stop().await;
    });
}

#[test]
fn nothing_to_watch_is_404_and_too_many_clients_503() {
    in_world(async |world| {
        let settings = world.settings_with(|settings| settings.query_api.sse_max_clients = 2);
        let api = Running::start(&settings).await;
        api.until_ready().await;
        let shop = Shop::new();
        let events = shop.parcel(&[REGISTER]);
        let early = shop.parcel(&[scan(Status::InTransit)]);
        world.plant(&[events.clone(), early.clone()].concat()).await;
        // More often than there are places: each is given back.
        for _ in 0..3 {
            api.client.get(&format!("{}/live", unknown())).await.problem(404, "PT-0014");
            api.client.get(&format!("{}/live", path_of(&early))).await.problem(404, "PT-0014");
        }
        let mut first = Live::open(&api.client, &events).await;
        let second = Live::open(&api.client, &events).await;
        let refused = api.client.get(&format!("{}/live", path_of(&events))).await;
        assert!(refused.unavailable().contains("too many live streams"));
        assert_eq!(api.client.get(&path_of(&events)).await.status, 200);
        // A place is free again soon after its client has gone.
        drop(second);
        let begun = Instant::now();
        let third = loop {
            let response = api.client.open(&format!("{}/live", path_of(&events)), &[]).await;
            if response.status() == 200 {
                break response;
            }
            Answer::of(response).await.unavailable();
            assert!(begun.elapsed() < PATIENCE);
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        assert_eq!(first.shipment().await["version"], 1);
        drop(third);
        api.stop().await;
    });
}

#[test]
fn streams_end_when_the_process_is_told_to_stop() {
    in_world(async |world| {
        let (api, shop) = (world.api().await, Shop::new());
        let events = shop.parcel(&[REGISTER, Step::AmendWeight(5)]);
        world.plant(&events).await;
        let mut live = Live::open(&api.client, &events).await;
        assert_eq!(live.shipment().await["version"], 2);
        let told = Instant::now();
        api.tell_to_stop();
        while let Some(message) = live.message().await {
            assert_eq!(message, Message::Heartbeat);
        }
        api.stop().await;
        assert!(told.elapsed() < Duration::from_millis(1_900), "not cut off: {:?}", told.elapsed());
    });
}
