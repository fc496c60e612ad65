//! A gateway takes over from another one.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use auth::Service;
use axum::Router;
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::world::{PATIENCE, World, serve};

fn socket_in(folder: &tempfile::TempDir) -> String {
    format!("gateway.handover_socket={}", folder.path().join("gateway").display())
}

/// Sends requests one after the other until told otherwise; each must be answered, and none is sent twice.
async fn ask(
    at: SocketAddr,
    keeps: bool,
    path: &'static str,
    over: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
) {
    let mut kept: Option<TcpStream> = None;
    while !over.load(Ordering::Relaxed) {
        let mut stream = match kept.take() {
            Some(stream) => stream,
            None => TcpStream::connect(at).await.expect("somebody listens"),
        };
        let request = format!("GET {path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer reader\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("the request is taken");
        let (status, closes) = answer(&mut stream).await;
        assert_eq!(status, 200, "{path}");
        answered.fetch_add(1, Ordering::Relaxed);
        kept = (keeps && !closes).then_some(stream);
    }
}

/// An answer's status, and whether it was the connection's last.
async fn answer(stream: &mut TcpStream) -> (u16, bool) {
    let mut all = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&all).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let value =
                |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            let length: usize = value("content-length").expect("a length").parse().unwrap();
            if body.len() >= length {
                return (head[9..12].parse().unwrap(), value("connection") == Some("close"));
            }
        }
        let read = timeout(PATIENCE, stream.read_buf(&mut all)).await.expect("in time").expect("an answer");
        assert_ne!(read, 0, "the connection ended in the place of an answer: {text:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn no_request_is_lost_while_one_gateway_takes_over_from_another() {
    let folder = tempfile::tempdir().unwrap();
    let socket = socket_in(&folder);
    let slow = get(async || {
        sleep(Duration::from_millis(700)).await;
        "at last"
    });
    let router = Router::new().route("/api/v1/shipments/slow", slow).fallback(async || "at once");
    let mut serving = World::empty(&[&socket]).await;
    serving.upstreams.set(Service::QueryApi, vec![serve(router).await]);
    let address = serving.address;

    let (over, mut asking) = (Arc::new(AtomicBool::new(false)), JoinSet::new());
    let answered: Vec<Arc<AtomicUsize>> = (0..3).map(|_| Arc::default()).collect();
    for n in 0..12 {
        let (keeps, path) =
            [(true, "/api/v1/shipments/7"), (false, "/api/v1/shipments/7"), (true, "/api/v1/shipments/slow")]
                [n % 3];
        asking.spawn(ask(address, keeps, path, Arc::clone(&over), Arc::clone(&answered[n % 3])));
    }
    for _ in 0..3 {
        sleep(Duration::from_millis(300)).await;
        let next = serving.another(&[&socket]).await;
        assert_eq!(next.address, address, "the same address");
        let before = std::mem::replace(&mut serving, next);
        let ended = timeout(PATIENCE, async {
            while !before.serving.is_finished() {
                sleep(Duration::from_millis(20)).await;
            }
        });
        ended.await.expect("the one before ends by itself");
        assert!(
            serving
                .client
                .get(format!("http://{}/readyz", serving.ops))
                .send()
                .await
                .unwrap()
                .status()
                .is_success()
        );
    }
    sleep(Duration::from_millis(300)).await;
    over.store(true, Ordering::Relaxed);
    while let Some(asked) = asking.join_next().await {
        asked.expect("every request was answered");
    }
    let answered: Vec<usize> = answered.iter().map(|count| count.load(Ordering::Relaxed)).collect();
    assert!(answered.iter().all(|count| *count > 10), "{answered:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_socket_file_that_was_left_behind_is_in_nobodys_way() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let world = World::start(&[&format!("gateway.handover_socket={}", path.display())]).await;
    assert_eq!(world.get("/api/v1/shipments/7", "reader").await.status, 200);
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600, "for nobody else");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn what_asks_for_no_credentials_takes_no_address_that_everybody_reaches() {
    let folder = tempfile::tempdir().unwrap();
    let socket = socket_in(&folder);
    let serving = World::start(&[&socket, "gateway.listen=0.0.0.0:0"]).await;
    while !folder.path().join("gateway").exists() {
        sleep(Duration::from_millis(20)).await;
    }
    // Its own address would do, but that is not the one it would get.
    let error = World::refused(&[&socket, "auth.required=false"]).await;
    assert!(matches!(error, gateway::Error::Auth(_)), "{error:?}");
    let at = format!("http://127.0.0.1:{}/livez", serving.address.port());
    assert!(serving.client.get(at).send().await.unwrap().status().is_success(), "it goes on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn one_that_gets_not_ready_is_named_as_what_the_next_one_waits_for() {
    let folder = tempfile::tempdir().unwrap();
    // Somebody waits there who takes nobody now.
    let _waiting = std::os::unix::net::UnixListener::bind(folder.path().join("gateway")).unwrap();
    let error = World::refused(&[&socket_in(&folder)]).await;
    assert!(matches!(error, gateway::Error::HandoverUnderWay), "{error:?}");
}
