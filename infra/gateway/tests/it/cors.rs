//! What browsers are told.

use reqwest::Method;

use crate::world::{Answer, SHIPMENT, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_of_an_allowed_origin_may_ask_and_read() {
    let world = World::start(&["gateway.cors_origins=https://shop.example"]).await;
    let ask = |origin: &'static str| {
        let request = world.request(Method::OPTIONS, SHIPMENT, "");
        request.header("origin", origin).header("access-control-request-method", "PATCH")
    };
    let preflight = Answer::of(ask("https://shop.example")).await;
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("access-control-allow-origin"), "https://shop.example");
    assert_eq!(preflight.header("access-control-allow-methods"), "GET, HEAD, PATCH");
    assert!(preflight.header("access-control-allow-headers").contains("idempotency-key"));
    assert_eq!(preflight.header("access-control-allow-credentials"), "");
    let other = Answer::of(ask("https://evil.example")).await;
    assert_eq!((other.status, other.header("access-control-allow-origin")), (405, ""));

    for (path, status) in [(SHIPMENT, 200), ("/nothing", 404)] {
        let read = world.request(Method::GET, path, "reader").header("origin", "https://shop.example");
        let read = Answer::of(read).await;
        assert_eq!(
            (read.status, read.header("access-control-allow-origin")),
            (status, "https://shop.example")
        );
        assert!(read.header("access-control-expose-headers").contains("etag"));
        assert_eq!(read.header("vary"), "Origin");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_may_by_default() {
    let world = World::start(&[]).await;
    let request = world.request(Method::OPTIONS, SHIPMENT, "").header("origin", "https://a.example");
    let answer = Answer::of(request.header("access-control-request-method", "GET")).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (405, ""));
}
