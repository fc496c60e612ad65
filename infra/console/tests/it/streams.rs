//! Following a topic, and exporting it.

use std::time::Duration;

use auth::Role;
use reqwest::{Method, Response};
use tokio::time::timeout;

use crate::world::{PATIENCE, World};

/// How soon an answer ends whose caller is let in no more.
const SOON: Duration = Duration::from_secs(4);

/// An answer that is read as it comes.
struct Coming {
    answer: Response,
    text: String,
}

impl Coming {
    async fn open(world: &World, path: &str, cookie: &str, last_id: Option<&str>) -> Self {
        let request = world.program(Method::GET, path).header("cookie", cookie);
        let request = last_id.into_iter().fold(request, |request, id| request.header("last-event-id", id));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        Self { answer, text: String::new() }
    }

    /// Reads on until this is there.
    async fn until(&mut self, text: &str) {
        while !self.text.contains(text) {
            let chunk = timeout(PATIENCE, self.answer.chunk()).await.expect(text).unwrap();
            let chunk = chunk.unwrap_or_else(|| panic!("it ended without {text}: {}", self.text));
            self.text.push_str(&String::from_utf8_lossy(&chunk));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_misses_nothing_between_the_list_and_the_stream_nor_between_two_streams() {
    let world = World::alone().await;
    let cookie = world.signed_in(Role::Admin).await;
    let page = world.page("/console/events/audit?follow=1&order=oldest", &cookie).await;
    assert_eq!(page.status, 200);
    let address = page.text.split_once("data-stream=\"").expect("it follows").1;
    let address = address.split('"').next().unwrap().replace("&amp;", "&");

    let first = world.key(Role::Operator).await;
    let mut stream = Coming::open(&world, &address, &cookie, None).await;
    stream.until(&first.id).await;
    stream.until("\n\n").await;
    let last_id = stream.text.lines().find_map(|line| line.strip_prefix("id: ")).unwrap().to_owned();
    drop(stream);

    let second = world.key(Role::Operator).await;
    let mut stream = Coming::open(&world, &address, &cookie, Some(&last_id)).await;
    stream.until(&second.id).await;
    assert!(!stream.text.contains(&first.id), "it was seen already: {}", stream.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_end_when_what_was_shown_is_good_no_more() {
    let world = World::alone().await;
    let operator = world.key(Role::Operator).await;
    let cookie = world.sign_in(operator.key.expose()).await;
    let mut live = Coming::open(&world, "/console/events/audit/live?at=0:0", &cookie, None).await;
    live.until("event: record").await;
    // It goes farther than the topic does, and waits for more.
    let path = "/console/events/audit/export?left=0:0-1000000";
    let mut export = Coming::open(&world, path, &cookie, None).await;
    export.until("\n").await;
    assert!(export.text.contains(&operator.id) && !export.text.contains("a test"), "{}", export.text);

    world.keys().revoke(&operator.id, "test").await.unwrap();
    timeout(SOON, live.until("event: denied")).await.expect("following ends");
    let broken = async {
        loop {
            match export.answer.chunk().await {
                Ok(Some(_)) => {}
                Ok(None) => panic!("it ended as if it were whole"),
                Err(error) => return error,
            }
        }
    };
    timeout(SOON, broken).await.expect("exporting ends");
}
