//! How long what a caller showed stays good.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use auth::{Denied, Gatekeeper, Role, Service, Standing, TokenSpec, calls, guard, while_good};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request};
use axum::response::sse::Event;
use axum::routing::get;
use chrono::{TimeDelta, Utc};
use futures::{StreamExt, stream};
use settings::Settings;
use tokio::time::timeout;
use tower::ServiceExt;

use crate::issuer::{Issuer, SigningKey};
use crate::world::{PATIENCE, World, bearer, spec, until, who};

const SECRET: &str = "auth.development_secret=a secret for one test alone";
/// What the requirement says.
const SOON: Duration = Duration::from_secs(2);

async fn standing(gatekeeper: &Gatekeeper, credentials: &str) -> Standing {
    let call = calls::find(Service::QueryApi, &Method::GET, "/api/v1/shipments");
    gatekeeper.admit(&bearer(credentials), call).await.unwrap().1
}

fn token(world: &World, ttl: Duration) -> String {
    let settings = Settings::load(&world.sources.clone().set(SECRET)).unwrap();
    let customers = ["acme".to_owned()].into();
    let spec = TokenSpec { subject: "dev".to_owned(), role: Role::Reader, customers, ttl };
    auth::development_token(&settings, &spec, Utc::now()).unwrap().expose().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_revoked_ends_what_began_with_it_and_nothing_else() {
    let world = World::make().await;
    let gatekeeper = world.ready_gatekeeper(&[]).await;
    let (key, other) = (
        world.keys().create(spec(Role::Reader, &["acme"]), "test").await.unwrap(),
        world.keys().create(spec(Role::Reader, &["acme"]), "test").await.unwrap(),
    );
    until("the keys are known", async || who(&gatekeeper, other.key.expose()).await.is_ok()).await;
    let mut end = standing(&gatekeeper, key.key.expose()).await.end();
    let mut others = standing(&gatekeeper, other.key.expose()).await.end();
    assert!(timeout(Duration::from_millis(100), &mut end).await.is_err(), "it is good");
    world.keys().revoke(&key.id, "test").await.unwrap();
    let denied = timeout(SOON, end).await.expect("within two seconds");
    assert!(matches!(denied, Denied::Invalid(_)));
    assert!(
        timeout(Duration::from_millis(100), &mut others).await.is_err(),
        "another one is as good as before"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_expires_ends_what_began_with_it() {
    let world = World::make().await;
    let gatekeeper = world.ready_gatekeeper(&[]).await;
    let mut brief = spec(Role::Reader, &["acme"]);
    let expires = Utc::now() + TimeDelta::seconds(3);
    brief.expires_at = Some(expires);
    let key = world.keys().create(brief, "test").await.unwrap();
    until("it is known", async || who(&gatekeeper, key.key.expose()).await.is_ok()).await;
    let end = standing(&gatekeeper, key.key.expose()).await.end();
    timeout(PATIENCE, end).await.expect("it ends");
    let late = Utc::now() - expires;
    assert!(late >= TimeDelta::zero() && late.to_std().unwrap() < SOON, "{late}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_when_it_expires_or_its_issuer_takes_the_key_back() {
    let (world, old, new) = (World::at("127.0.0.1:1"), SigningKey::new("old"), SigningKey::new("new"));
    let issuer = Issuer::with(&[&old]).await;
    let gatekeeper =
        world.gatekeeper(&[&format!("auth.issuer={}", issuer.url), SECRET, "auth.clock_skew_s=0"]);
    let end = standing(&gatekeeper, &token(&world, Duration::from_secs(2))).await.end();
    let begun = Instant::now();
    timeout(PATIENCE, end).await.expect("it ends");
    assert!(begun.elapsed() < Duration::from_secs(2) + SOON, "{:?}", begun.elapsed());

    let mut end = standing(&gatekeeper, &old.sign(&issuer.claims())).await.end();
    issuer.publish(&[&new]);
    assert!(timeout(Duration::from_millis(100), &mut end).await.is_err(), "not known here yet");
    assert!(
        who(&gatekeeper, &new.sign(&issuer.claims())).await.is_ok(),
        "by which the keys are fetched anew"
    );
    let denied = timeout(SOON, end).await.expect("within two seconds");
    assert!(matches!(denied, Denied::Invalid(_)));
    assert!(
        who(&gatekeeper, &old.sign(&issuer.claims())).await.is_err(),
        "what was found good is asked anew"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn events_end_with_one_that_says_why() {
    let world = World::at("127.0.0.1:1");
    let endless = async |standing: Standing| {
        let first = stream::iter([Ok::<_, Infallible>(Event::default().data("first"))]);
        http_api::sse::stream(while_good(first.chain(stream::pending()), &standing), PATIENCE)
    };
    let routes = Router::new().route("/api/v1/shipments/{id}/live", get(endless));
    let routes = guard(routes, world.gatekeeper(&[SECRET, "auth.clock_skew_s=0"]), Service::QueryApi);
    let ask = async |headers: HeaderMap| {
        let mut request = Request::get("/api/v1/shipments/7/live").body(Body::empty()).unwrap();
        *request.headers_mut() = headers;
        routes.clone().oneshot(request).await.unwrap()
    };
    let headers = bearer(&token(&world, Duration::from_secs(1)));
    let response = ask(headers.clone()).await;
    assert_eq!(response.status(), 200);
    let body = timeout(PATIENCE, axum::body::to_bytes(response.into_body(), 65_536)).await.expect("it ends");
    let text = String::from_utf8(body.unwrap().to_vec()).unwrap();
    let (first, last) = text.split_once("\n\n").unwrap();
    assert_eq!(first, "data: first");
    assert!(last.starts_with("event: denied\ndata: {") && last.contains("\"status\":401"), "{last}");
    assert_eq!(ask(headers).await.status(), 401, "who comes back is told the same");
}
