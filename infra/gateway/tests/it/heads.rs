//! Requests that are made to be read two ways, or never to end.

use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::world::{World, rest};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_of_two_meanings_is_refused_and_its_connection_ended() {
    let world = World::start(&[]).await;
    let smuggled = "0\r\n\r\nGET /livez HTTP/1.1\r\nHost: a\r\n\r\n";
    for head in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5, 6",
        "Transfer-Encoding: gzip",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
        "X: y\r\n Transfer-Encoding: chunked",
        "X: y\nTransfer-Encoding: chunked",
    ] {
        let request = format!(
            "POST /api/v1/shipments HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer producer\r\n{head}\r\n\r\n{smuggled}"
        );
        let answer = world.raw(&request).await;
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{head}: {answer}");
        assert!(answer.contains("\"code\":\"PT-0008\""), "{head}: {answer}");
        assert!(!answer.contains("live\n"), "{head}: {answer}");
    }
    assert!(world.metric("parceltrack_gateway_heads_refused_total", &["malformed"]).await >= 9.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_path_of_two_meanings_is_refused() {
    let world = World::start(&[]).await;
    for path in [
        "/api/v1/shipments/../config",
        "/api/v1/shipments/%2e%2e/config",
        "/api/v1/shipments/%2E./config",
        "/api/v1//shipments",
        "/api/v1/shipments%2f7",
        "/api/v1/shipments/..%5cconfig",
        "/api/v1/shipments/%00",
        "http://elsewhere/api/v1/shipments/7",
        "*",
    ] {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer admin\r\nConnection: close\r\n\r\n"
        );
        let answer = world.raw(&request).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{path}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_have_a_largest_size_and_a_longest_time() {
    let world = World::start(&["gateway.max_header_bytes=8192", "gateway.header_timeout_ms=500"]).await;
    let large =
        world.raw(&format!("GET /livez HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(20_000))).await;
    assert!(large.starts_with("HTTP/1.1 400 ") && large.contains("too large"), "{large}");
    // And one that never ends.
    let endless = world.raw(&format!("GET /livez HTTP/1.1\r\nX: {}", "x".repeat(20_000))).await;
    assert!(endless.starts_with("HTTP/1.1 400 "), "{endless}");

    let begun = Instant::now();
    let mut slow = TcpStream::connect(world.address).await.unwrap();
    let (mut read, mut write) = slow.split();
    let drip = async {
        for byte in b"GET /livez HTTP/1.1\r\nHost: a\r\nX-Slow: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" {
            if write.write_all(&[*byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let mut answer = Vec::new();
    tokio::select! {
        () = drip => {}
        _ = tokio::io::AsyncReadExt::read_to_end(&mut read, &mut answer) => {}
    }
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_drips_is_given_up() {
    let world = World::start(&["gateway.timeout_ms_command=600"]).await;
    let mut slow = TcpStream::connect(world.address).await.unwrap();
    let head = "POST /api/v1/shipments HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer producer\r\nContent-Length: 100\r\n\r\n";
    slow.write_all(head.as_bytes()).await.unwrap();
    let begun = Instant::now();
    let (mut read, mut write) = slow.split();
    let drip = async {
        loop {
            if write.write_all(b"x").await.is_err() {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let mut answer = Vec::new();
    tokio::select! {
        () = drip => {}
        _ = tokio::io::AsyncReadExt::read_to_end(&mut read, &mut answer) => {}
    }
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("PT-0009"), "{answer}");
    assert!(begun.elapsed() < Duration::from_secs(4));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kept_connection_takes_one_request_after_another() {
    let world = World::start(&[]).await;
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let request = |last: &str| {
        format!(
            "POST /api/v1/shipments HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer producer\r\n{last}Content-Length: 2\r\n\r\n{{}}"
        )
    };
    stream.write_all(request("").as_bytes()).await.unwrap();
    let mut first = [0; 15];
    tokio::io::AsyncReadExt::read_exact(&mut stream, &mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    tokio::time::sleep(Duration::from_millis(300)).await;
    // An empty line after a body belongs to nothing.
    stream.write_all(format!("\r\n{}", request("Connection: close\r\n")).as_bytes()).await.unwrap();
    let both = rest(&mut stream).await;
    assert_eq!(both.matches("HTTP/1.1 200 OK").count(), 1, "{both}");
    assert_eq!(both.matches("\"bytes\":2").count(), 2, "{both}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_preface_of_http_2_holds_no_connection() {
    let world = World::start(&["gateway.header_timeout_ms=500"]).await;
    let begun = Instant::now();
    let answer = world.raw("PRI * HTTP/2.0\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    let answer = world.raw("PRI * HTTP/2.0\r\n\r\nNO\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}
