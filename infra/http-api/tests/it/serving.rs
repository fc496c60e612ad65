//! Serving over real connections: slow callers, taken ports, the end.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use http_api::{Server, ServerLimits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::api;

const LIMITS: ServerLimits = ServerLimits {
    drain: Duration::from_secs(5),
    head_patience: Duration::from_millis(300),
    max_connections: 64,
};

async fn start(limits: ServerLimits) -> (SocketAddr, CancellationToken, JoinHandle<()>) {
    let server = Server::bind("127.0.0.1:0".parse().unwrap(), limits).await.unwrap();
    let address = server.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(server.run(api(8), shutdown.clone()));
    (address, shutdown, running)
}

/// What the server says until it closes the connection.
async fn say(address: SocketAddr, text: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut said = String::new();
    let _ = stream.read_to_string(&mut said).await;
    said
}

const SLOW: &str = "GET /slow HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn an_answer_under_way_ends_before_the_server_does() {
    let (address, shutdown, running) = start(LIMITS).await;
    let answer = tokio::spawn(say(address, SLOW));
    tokio::time::sleep(Duration::from_millis(100)).await;
    shutdown.cancel();
    assert!(answer.await.unwrap().ends_with("at last"));
    running.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err(), "the port is free again");
}

#[tokio::test]
async fn what_takes_longer_than_the_drain_time_is_cut_off() {
    let (address, shutdown, running) =
        start(ServerLimits { drain: Duration::from_millis(50), ..LIMITS }).await;
    let answer = tokio::spawn(say(address, SLOW));
    tokio::time::sleep(Duration::from_millis(100)).await;
    let told = Instant::now();
    shutdown.cancel();
    running.await.unwrap();
    assert!(told.elapsed() < Duration::from_millis(200), "{:?}", told.elapsed());
    assert!(!answer.await.unwrap().contains("at last"));
}

#[tokio::test]
async fn a_caller_that_dawdles_is_let_go() {
    let (address, shutdown, running) = start(LIMITS).await;
    for half in ["", "GET /parcels HTTP/1.1\r\nhost:"] {
        let began = Instant::now();
        let said = say(address, half).await;
        assert!(!said.contains("200 OK"), "{said}");
        assert!(began.elapsed() < Duration::from_secs(2), "{half:?}: {:?}", began.elapsed());
    }
    shutdown.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_up_the_end() {
    let (address, shutdown, running) =
        start(ServerLimits { head_patience: Duration::from_mins(1), ..LIMITS }).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /parcels HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let mut some = [0; 12];
    stream.read_exact(&mut some).await.unwrap();
    assert_eq!(&some, b"HTTP/1.1 200");
    let told = Instant::now();
    shutdown.cancel();
    running.await.unwrap();
    assert!(told.elapsed() < Duration::from_secs(1), "{:?}", told.elapsed());
}

#[tokio::test]
async fn further_connections_wait_for_a_free_one() {
    let (address, shutdown, running) = start(ServerLimits { max_connections: 1, ..LIMITS }).await;
    let began = Instant::now();
    let (first, second) = tokio::join!(say(address, SLOW), say(address, SLOW));
    assert!(first.ends_with("at last") && second.ends_with("at last"));
    assert!(began.elapsed() >= Duration::from_millis(600), "{:?}", began.elapsed());
    shutdown.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let (address, shutdown, running) = start(LIMITS).await;
    let error = Server::bind(address, LIMITS).await.unwrap_err();
    assert!(error.to_string().contains(&address.to_string()), "{error}");
    shutdown.cancel();
    running.await.unwrap();
}
