//! Where requests go, and what is said of them.

use reqwest::Method;

use crate::world::{Answer, SHIPMENT, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_reaches_its_service_with_what_the_gateway_says_of_it() {
    let world = World::start(&[]).await;
    let request = world
        .request(Method::GET, "/api/v1/shipments/7?fields=a%2Fb", "reader")
        .header("x-request-id", "order-17")
        .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        .header("x-forwarded-for", "6.6.6.6")
        .header("forwarded", "for=6.6.6.6")
        .header("connection", "x-secret")
        .header("x-secret", "hop by hop")
        .header("te", "trailers");
    let answer = Answer::of(request).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let told = answer.json();
    assert_eq!(told["target"], "/api/v1/shipments/7?fields=a%2Fb");
    let headers = &told["headers"];
    assert_eq!(headers["authorization"], "Bearer reader");
    assert_eq!(headers["x-request-id"], "order-17");
    assert!(headers["traceparent"].as_str().unwrap().starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"));
    assert!(!headers["traceparent"].as_str().unwrap().contains("00f067aa0ba902b7"));
    let forwarded = format!("for=127.0.0.1;host=\"{}\";proto=http", world.address);
    assert_eq!(headers["forwarded"], forwarded.as_str());
    for dropped in ["x-forwarded-for", "x-secret", "te", "connection"] {
        assert!(headers.get(dropped).is_none(), "{dropped}: {headers}");
    }
    assert_eq!((answer.header("server"), answer.header("x-from")), ("", "service"));
    assert_eq!(answer.header("x-request-id"), "order-17");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("x-frame-options"), "DENY");
    assert_eq!(answer.header("strict-transport-security"), "", "only with TLS");
    assert_eq!(answer.header("ratelimit-policy"), "\"read\";q=120000;w=60");
    assert_eq!(answer.header("ratelimit"), "\"read\";r=119999;t=1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_in_the_table_is_not_there() {
    let world = World::start(&[]).await;
    for path in ["/metrics", "/readyz", "/eureka/apps", "/prometheus/targets", "/api/v1/shipments/7/"] {
        world.get(path, "admin").await.is_problem(404, "PT-0004");
    }
    let answer = Answer::of(world.request(Method::DELETE, SHIPMENT, "admin")).await;
    answer.is_problem(405, "PT-0005");
    assert_eq!(answer.header("allow"), "GET, HEAD, PATCH");
    assert_eq!(answer.json()["instance"], SHIPMENT);
    assert!(world.metric("parceltrack_gateway_requests_total", &["/7"]).await < 0.5, "no path is a label");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_root_leads_to_the_tracking_page_which_is_for_everybody() {
    let world = World::start(&[]).await;
    for root in ["/", "/?next=https:%2F%2Fevil.example"] {
        let answer = world.get(root, "").await;
        assert_eq!((answer.status, &answer.json()["target"]), (200, &"/track".into()), "{answer:?}");
    }
    for path in ["/track?numbers=a,b", "/track/AB12", "/track/live?number=AB12", "/track/assets/page.css"] {
        assert_eq!(world.get(path, "").await.json()["target"], path);
    }
    Answer::of(world.request(Method::POST, "/", "")).await.is_problem(405, "PT-0005");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn head_is_answered_without_a_body() {
    let world = World::start(&[]).await;
    let answer = Answer::of(world.request(Method::HEAD, SHIPMENT, "reader")).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
    let answer = Answer::of(world.request(Method::HEAD, "/nothing", "")).await;
    assert_eq!((answer.status, answer.text.as_str()), (404, ""));
    assert_eq!(world.get(SHIPMENT, "reader").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_document_describes_all_services_and_a_page_shows_it() {
    let world = World::start(&[]).await;
    let document = world.get("/openapi.json", "").await;
    assert_eq!(document.header("content-type"), "application/json");
    let paths = document.json()["paths"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    for path in ["/api/v1/commands", "/api/v1/tracking/{number}", "/api/v1/config", "/api/v1/services"] {
        assert!(paths.iter().any(|known| known == path), "{path}: {paths:?}");
    }
    let page = world.get("/docs", "").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-security-policy").contains("script-src 'self'"), "{page:?}");
    let script = world.get("/docs/assets/swagger-ui-bundle.js", "").await;
    assert!(script.text.len() > 500_000);
    assert!(world.get("/docs/errors/PT-0018", "").await.text.contains("Too many requests"));
    assert!(world.get("/docs/errors/PT-1001", "").await.status == 200);
    world.get("/docs/errors/PT-9999", "").await.is_problem(404, "PT-0004");
    assert!(world.get("/docs/runbooks", "").await.text.contains("[StuckPartition](StuckPartition.md)"));
    assert!(world.get("/docs/runbooks/StuckPartition", "").await.text.contains("## How to mend it"));
    world.get("/docs/runbooks/Nothing", "").await.is_problem(404, "PT-0004");
    assert_eq!(world.get("/livez", "").await.text, "live\n");
    assert_eq!(Answer::of(world.request(Method::POST, "/docs", "")).await.status, 405);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_too_large_goes_no_further() {
    let world = World::start(&["gateway.max_body_bytes_command=2000"]).await;
    let answer = world.post("/api/v1/shipments", "producer", &"x".repeat(2_000)).await;
    assert_eq!((answer.status, &answer.json()["bytes"]), (200, &2_000.into()));
    world.post("/api/v1/shipments", "producer", &"x".repeat(2_001)).await.is_problem(413, "PT-0006");
    // In pieces, without saying how long it is.
    let pieces = futures::stream::iter((0..4).map(|_| Ok::<_, std::io::Error>("x".repeat(1_500))));
    let request = world.request(Method::POST, "/api/v1/shipments", "producer");
    Answer::of(request.body(reqwest::Body::wrap_stream(pieces))).await.is_problem(413, "PT-0006");
}
