//! Changes as they happen.

use reqwest::{Method, Response};
use serde_json::Value;
use service_registry::metadata;
use tokio::time::timeout;

use crate::world::{PATIENCE, World};

/// The stream as a client reads it.
struct Changes {
    response: Response,
    text: String,
}

impl Changes {
    async fn open(world: &World) -> Self {
        let response = world.client.request(Method::GET, "/api/v1/changes").send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new() }
    }

    /// The next event's name and data; none when the stream ended.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    event
                        .lines()
                        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
                        .map(str::to_owned)
                };
                let found = field("event").zip(field("data"));
                let rest = rest.to_owned();
                self.text = rest;
                if let Some((name, data)) = found {
                    return Some((name, serde_json::from_str(&data).unwrap()));
                }
                continue;
            }
            let bytes = timeout(PATIENCE, self.response.chunk()).await.expect("in time").unwrap()?;
            self.text.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }

    /// The next event of a service.
    async fn of(&mut self, service: &str) -> (String, Value) {
        loop {
            let (name, data) = self.next().await.expect("the stream goes on");
            if data["service"] == service {
                return (name, data);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_is_an_event_and_renewals_are_none() {
    let world = World::start().await;
    let mut changes = Changes::open(&world).await;
    let registrar = world.register("query-api/q-1");
    let (name, data) = changes.of("query-api").await;
    assert_eq!((name.as_str(), &data["instance"], &data["status"]), ("joined", &"q-1".into(), &"UP".into()));
    // Some heartbeats later.
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    registrar.presence().set(metadata::LAG, "3");
    let (name, data) = changes.of("query-api").await;
    assert_eq!((name.as_str(), &data["metadata"]["lag"]), ("changed", &"3".into()));
    registrar.stop().await;
    assert_eq!(changes.of("query-api").await.0, "left");
    // The stream ends with the service, and doesn't hold it up.
    world.tell_to_stop();
    while changes.next().await.is_some() {}
    world.end().await;
}
