//! How a tracking page hears of changes.

use std::time::Duration;

use shipment_events::{ShipmentEvent, Status};
use tokio::time::timeout;

use crate::answers::{Answer, Client};
use crate::page::in_path;
use crate::parcels::{REGISTER, Shop, id_of, scan};
use crate::world::{PATIENCE, Running, in_world};

/// A page's stream.
struct Stream {
    response: reqwest::Response,
    text: String,
}

impl Stream {
    async fn open(client: &Client, query: &str, headers: &[(&str, &str)]) -> Self {
        let response = client.open(&format!("/track/live?{query}"), headers).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Self { response, text: String::new() }
    }

    /// The next message, heartbeats too; none when the stream ended.
    async fn message(&mut self) -> Option<String> {
        loop {
            if let Some((message, rest)) = self.text.split_once("\n\n") {
                let (message, rest) = (message.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(message);
            }
            let bytes = timeout(PATIENCE, self.response.chunk()).await.expect("in time").unwrap()?;
            self.text.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }

    /// The version of the next change, which says nothing else.
    async fn change(&mut self) -> i64 {
        loop {
            let message = self.message().await.expect("the stream goes on");
            if message.starts_with(':') {
                continue;
            }
            let id = message.lines().find_map(|line| line.strip_prefix("id: ")).expect("an id");
            let said = format!("event: changed\nid: {id}\nretry: 2000\ndata: {{\"version\":{id}}}");
            let sorted = |text: &str| {
                let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                lines.sort();
                lines
            };
            assert_eq!(sorted(&message), sorted(&said));
            return id.parse().unwrap();
        }
    }
}

/// What a page says is its version.
async fn version_of_page(client: &Client, path: &str) -> i64 {
    let page = client.get(path).await;
    let version = page.text.split_once("data-version=\"").and_then(|(_, rest)| rest.split_once('"'));
    version.unwrap_or_else(|| panic!("{page:?}")).0.parse().unwrap()
}

#[test]
fn a_page_hears_that_its_parcel_went_on() {
    in_world(async |world| {
        let (api, shop) = (world.api().await, Shop::new());
        let events = shop.parcel(&[REGISTER, scan(Status::OutForDelivery), scan(Status::Delivered)]);
        world.plant(&events[..1]).await;
        let page = format!("/track/{}", in_path(&shop));
        let query = format!("number={}", in_path(&shop));
        let first = api.client.get(&page).await;
        assert!(first.text.contains(&format!("data-live=\"/track/live?{query}\"")), "{first:?}");

        let mut stream = Stream::open(&api.client, &query, &[]).await;
        assert_eq!(stream.change().await, version_of_page(&api.client, &page).await);
        for event in &events[1..] {
            world.happen(event).await;
            // Whoever is told and asks gets what it was told of.
            let version = stream.change().await;
            assert_eq!(version_of_page(&api.client, &page).await, version);
        }
        let last = api.client.get(&page).await;
        assert!(last.text.contains("<h2>Delivered</h2>") && !last.text.contains("data-live"), "{last:?}");

        // Who comes back with what there is hears nothing until there is more.
        let mut back = Stream::open(&api.client, &query, &[("last-event-id", "3")]).await;
        for _ in 0..2 {
            assert!(back.message().await.unwrap().starts_with(':'));
        }
        let mut behind = Stream::open(&api.client, &query, &[("last-event-id", "2")]).await;
        assert_eq!(behind.change().await, 3);
        api.stop().await;
    });
}

#[test]
fn a_page_of_several_hears_of_each() {
    in_world(async |world| {
        let (api, shops) = (world.api().await, [Shop::new(), Shop::new()]);
        let steps = [REGISTER, scan(Status::InTransit)];
        let parcels: [Vec<ShipmentEvent>; 2] = [shops[0].parcel(&steps), shops[1].parcel(&steps)];
        for parcel in &parcels {
            world.plant(&parcel[..1]).await;
        }
        // By number, and by id; what is none, and what nobody has, is passed over.
        let (one, two) = (in_path(&shops[0]), id_of(&parcels[1]));
        let query = format!("number={one}&number={two}&number=NOBODY1&number={}", "9".repeat(65));
        let mut stream = Stream::open(&api.client, &query, &[]).await;
        assert_eq!(stream.change().await, 2);
        world.happen(&parcels[1][1]).await;
        assert_eq!(stream.change().await, 3);
        world.happen(&parcels[0][1]).await;
        assert_eq!(stream.change().await, 4);
        let page = format!("/track?numbers={one},{two},NOBODY1");
        assert_eq!(version_of_page(&api.client, &page).await, 4);
        api.stop().await;
    });
}

#[test]
fn streams_of_pages_are_bounded_and_end_with_the_process() {
    in_world(async |world| {
        let settings = world.settings_with(|settings| settings.query_api.sse_max_clients = 8);
        let api = Running::start(&settings).await;
        api.until_ready().await;
        let shop = Shop::new();
        let events = shop.parcel(&[REGISTER]);
        world.plant(&events).await;
        let query = format!("number={}", in_path(&shop));
        api.client.get("/track/live?number=NOBODY1").await.problem(404, "PT-0014");
        let many: Vec<String> = (0..21).map(|n| format!("number={n}")).collect();
        for bad in ["/track/live".to_owned(), format!("/track/live?{}", many.join("&"))] {
            api.client.get(&bad).await.problem(400, "PT-0003");
        }

        let mut held = Vec::new();
        for _ in 0..7 {
            held.push(Stream::open(&api.client, &query, &[]).await);
        }
        let refused = api.client.get(&format!("/track/live?{query}")).await;
        assert!(refused.unavailable().contains("too many live streams"));
        // The last place is for who signs in.
        let path = format!("/api/v1/shipments/{}/live", id_of(&events));
        let other = api.client.open(&path, &[]).await;
        assert_eq!(other.status(), 200);
        Answer::of(api.client.open(&path, &[]).await).await.unavailable();

        let told = tokio::time::Instant::now();
        api.tell_to_stop();
        for mut stream in held {
            while stream.message().await.is_some() {}
        }
        drop(other);
        api.stop().await;
        assert!(told.elapsed() < Duration::from_millis(1_900), "not cut off: {:?}", told.elapsed());
    });
}
