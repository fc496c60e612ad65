//! Streams that stall, break, or are ended; and what they may hold.

use std::time::{Duration, Instant};

use auth::{Role, TokenSpec};
use bytes::Bytes;
use futures::{StreamExt, stream};
use reqwest::{Body, Method, Response};
use serde_json::json;
use settings::{Settings, Sources};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::world::{PATIENCE, World, kafka_at, outcomes, registration};

fn line() -> Bytes {
    format!("{}\n", json!({"type": "RegisterShipment", "body": registration()})).into()
}

/// A body of so many lines that then stays open.
fn open_body(lines: usize) -> Body {
    let lines = stream::iter((0..lines).map(|_| Ok::<_, std::io::Error>(line())));
    Body::wrap_stream(lines.chain(stream::pending()))
}

async fn begin(api: &World, headers: &[(&str, &str)], body: Body) -> Response {
    let request =
        api.request(Method::POST, "/api/v1/commands").header("content-type", "application/x-ndjson");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(body).send().await.unwrap()
}

/// Waits until the one stream that may be open isn't any more.
async fn wait_for_a_slot(api: &World) {
    let begun = Instant::now();
    while begin(api, &[], Body::from("")).await.status() != 200 {
        assert!(begun.elapsed() < Duration::from_secs(15), "the stream is still open");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn outcomes_come_while_the_stream_is_open_and_silence_ends_it() {
    let api = World::start(&["command_api.ndjson_idle_ms=1500"]);
    let begun = Instant::now();
    let mut response = begin(&api, &[], open_body(3)).await;
    let mut text = String::new();
    while text.lines().count() < 3 {
        text.push_str(std::str::from_utf8(&response.chunk().await.unwrap().unwrap()).unwrap());
    }
    assert!(begun.elapsed() < Duration::from_millis(1400), "{:?}", begun.elapsed());
    while let Some(chunk) = response.chunk().await.unwrap() {
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    let outcomes = outcomes(&text);
    assert_eq!(
        outcomes.iter().map(|o| o["status"].as_u64().unwrap()).collect::<Vec<_>>(),
        [201, 201, 201, 408]
    );
    assert_eq!(outcomes[3]["line"], 4);
    assert!(outcomes[3]["problem"]["detail"].as_str().unwrap().contains("from line 4 on"), "{}", outcomes[3]);
}

#[tokio::test]
async fn when_it_stops_the_stream_is_told_where_to_go_on() {
    let api = World::start(&[]);
    let mut response = begin(&api, &[], open_body(5)).await;
    let mut text = String::new();
    while text.lines().count() < 5 {
        text.push_str(std::str::from_utf8(&response.chunk().await.unwrap().unwrap()).unwrap());
    }
    api.stop();
    while let Some(chunk) = response.chunk().await.unwrap() {
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    let outcomes = outcomes(&text);
    assert_eq!(outcomes.len(), 6);
    assert_eq!((&outcomes[5]["line"], &outcomes[5]["status"]), (&json!(6), &json!(503)));
}

/// A stream by hand, whose sender may stall, and may go without a word.
async fn connect(api: &World) -> TcpStream {
    let address = api.url.strip_prefix("http://").unwrap();
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut connection = socket.connect(address.parse().unwrap()).await.unwrap();
    let head = format!(
        "POST /api/v1/commands HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/x-ndjson\r\n\
         Content-Length: 1000000000\r\n\r\n"
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    connection
}

/// Sends this again and again, until nothing more is taken for two seconds; how many bytes that were.
async fn send_until_it_stalls(connection: &mut TcpStream, piece: &[u8]) -> usize {
    let (mut sent, mut rest) = (0, piece);
    while let Ok(written) = tokio::time::timeout(Duration::from_secs(2), connection.write(rest)).await {
        let Ok(written) = written else { break };
        sent += written;
        rest = if written == rest.len() { piece } else { &rest[written..] };
        assert!(sent < 200_000_000, "it takes whatever comes");
    }
    sent
}

#[tokio::test]
async fn what_is_in_flight_is_bounded_whatever_is_sent() {
    let api = World::start(&[
        "command_api.ndjson_streams=1",
        "command_api.ndjson_in_flight=10",
        "command_api.deadline_ms=6000",
    ]);
    api.control.silence(true);
    let mut connection = connect(&api).await;
    let lines = std::iter::repeat_n(line(), 1000).collect::<Vec<_>>().concat();
    let taken = send_until_it_stalls(&mut connection, &lines).await;
    // What lies between are the kernel's buffers.
    assert!(taken < 32 * 1024 * 1024, "{taken} bytes were taken");
    assert_eq!(api.control.count(), 10);

    // The sender gone, all is given back: at the deadline at the latest, when there is something to tell it.
    drop(connection);
    wait_for_a_slot(&api).await;
}

#[tokio::test]
async fn who_does_not_read_is_cut_off() {
    let api = World::start(&["command_api.ndjson_streams=1", "command_api.ndjson_idle_ms=1000"]);
    let mut connection = connect(&api).await;
    // Lines that cost nothing to refuse, until the server takes no more.
    send_until_it_stalls(&mut connection, "x\n".repeat(32 * 1024).as_bytes()).await;
    wait_for_a_slot(&api).await;
    // The answer breaks off: it isn't ended as if it were whole.
    let mut tail = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(20), connection.read_to_end(&mut tail)).await;
    assert!(!tail.ends_with(b"0\r\n\r\n"), "the answer looks complete");
}

#[tokio::test]
async fn streams_have_a_limit_of_their_own_and_prefer_not_to_wait_too() {
    let api = World::start(&["command_api.ndjson_streams=1"]);
    api.control.silence(true);
    let first = begin(&api, &[("prefer", "respond-async")], open_body(2)).await;
    assert_eq!(first.status().as_u16(), 200);
    let second = begin(&api, &[], open_body(1)).await;
    assert_eq!((second.status().as_u16(), second.headers()["retry-after"].to_str().unwrap()), (503, "5"));
    let mut first = first;
    let mut text = String::new();
    while text.lines().count() < 2 {
        text.push_str(std::str::from_utf8(&first.chunk().await.unwrap().unwrap()).unwrap());
    }
    for outcome in outcomes(&text) {
        assert_eq!(outcome["status"], 202, "{outcome}");
        assert!(outcome["location"].as_str().unwrap().starts_with("http://query.example/api/v1/commands/"));
    }
}

#[tokio::test]
async fn when_its_token_expires_the_stream_is_told_so() {
    const SECRET: &str = "auth.development_secret=a secret for one test alone";
    // Not ready, for there are no API keys to read; tokens need none.
    let set = ["auth.required=true", SECRET, "auth.clock_skew_s=0"];
    let api = World::start_at(&kafka_at(), &set);
    let bearer = |seconds| {
        let settings = Settings::load(&Sources::none().set(SECRET)).unwrap();
        let spec = TokenSpec {
            subject: "dev".to_owned(),
            role: Role::Producer,
            customers: ["shop-7".to_owned()].into(),
            ttl: Duration::from_secs(seconds),
        };
        format!("Bearer {}", auth::development_token(&settings, &spec, chrono::Utc::now()).unwrap().expose())
    };
    let begun = Instant::now();
    while begin(&api, &[("authorization", &bearer(60))], Body::from("")).await.status() != 200 {
        assert!(begun.elapsed() < PATIENCE, "never connected");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let begun = Instant::now();
    let response = begin(&api, &[("authorization", &bearer(3))], open_body(2)).await;
    let outcomes = outcomes(&response.text().await.unwrap());
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    let statuses: Vec<_> = outcomes.iter().map(|outcome| outcome["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [201, 201, 401], "{outcomes:?}");
    assert_eq!(outcomes[2]["line"], 3);
}
