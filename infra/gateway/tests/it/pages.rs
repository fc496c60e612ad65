//! What people see in a browser where the gateway answers by itself.

use auth::Service;
use reqwest::Method;

use crate::world::{Answer, Breaking, World, nowhere};

/// Checks that it is a page with this status, and gives its text.
fn page(answer: &Answer, status: u16) -> &str {
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (status, "text/html; charset=utf-8"),
        "{answer:?}"
    );
    assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    &answer.text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_are_told_what_is_wrong_by_a_page_and_programs_by_a_problem() {
    let world = World::empty(&["gateway.rate_console=1"]).await;
    let nothing = world.page("/nothing", "").await;
    assert!(page(&nothing, 404).contains(nothing.header("x-request-id")), "{nothing:?}");
    world.get("/nothing", "").await.is_problem(404, "PT-0004");
    let style = nothing.text.split('"').find(|part| part.starts_with("/docs/assets/plain.")).unwrap();
    assert_eq!(world.get(style, "").await.header("content-type"), "text/css; charset=utf-8");

    let away = world.page("/console/sign-in?next=%2Fconsole", "").await;
    assert!(page(&away, 503).contains("href=\"/console/sign-in?next=%2Fconsole\""), "{away:?}");
    assert_eq!(away.header("retry-after"), "1");
    let often = world.page("/console/sign-in", "").await;
    assert!(page(&often, 429).contains("Try again") && !often.header("retry-after").is_empty(), "{often:?}");
    world.get("/console/sign-in", "").await.is_problem(429, "PT-0018");

    let request = world.request(Method::HEAD, "/nothing", "").header("accept", "text/html");
    let head = Answer::of(request).await;
    assert_eq!(
        (head.status, head.header("content-type"), &*head.text),
        (404, "text/html; charset=utf-8", "")
    );
    let command =
        || world.request(Method::POST, "/api/v1/shipments", "producer").header("accept", "text/html");
    page(&Answer::of(command().body("x".repeat(300_000))).await, 413);
    world.upstreams.set(Service::CommandApi, vec![Breaking::start().await.address]);
    page(&Answer::of(command().body("{}")).await, 502);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tracking_page_says_in_its_readers_language_that_it_is_away() {
    let world = World::empty(&[]).await;
    world.upstreams.set(Service::QueryApi, vec![nowhere().await]);
    for (path, language, told) in [
        ("/track", "fr-CA", "<html lang=\"fr\""),
        ("/track/AB12?lang=es", "fr", "href=\"/track/AB12?lang=es\""),
        ("/track?numbers=AB12,CD34", "ar", "<html lang=\"ar\""),
    ] {
        let answer = world.page(path, language).await;
        assert!(page(&answer, 503).contains(told), "{told}: {answer:?}");
        assert_eq!(answer.header("x-robots-tag"), "noindex, nofollow");
        assert!(!answer.header("retry-after").is_empty(), "{answer:?}");
        let files: Vec<&str> =
            answer.text.split('"').filter(|part| part.starts_with("/track/assets/")).collect();
        assert_eq!(files.len(), 3, "{answer:?}");
        for file in files {
            assert_eq!(world.get(file, "").await.status, 200, "{file}");
        }
    }
    world.get("/track/AB12", "").await.is_problem(503, "PT-0013");
}
