//! The guard before routes, by the table.

use auth::{Principal, Role, Service, guard};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::routing::{get, post};
use chrono::Utc;
use http_api::{Api, Limits};
use settings::Settings;
use telemetry::Readiness;
use tower::ServiceExt;

use crate::world::{World, bearer};

const SECRET: &str = "auth.development_secret=a secret for one test alone";

fn api(world: &World, set: &[&str]) -> Router {
    let handler = async |who: Principal| who.name().to_owned();
    let routes = Router::new()
        .route("/api/v1/shipments", get(handler))
        .route("/api/v1/tracking/{number}", get(handler))
        .route("/api/v1/not-in-the-table", post(handler));
    let routes = guard(routes, world.gatekeeper(set), Service::QueryApi);
    let limits = Limits { max_in_flight: 8, max_body_bytes: 1_024 };
    Api::new(routes, limits, serde_json::json!({ "openapi": "3.1.0" }), Readiness::new()).into_router()
}

fn token(world: &World, role: Role) -> HeaderMap {
    let settings = Settings::load(&world.sources.clone().set(SECRET)).unwrap();
    let spec = auth::TokenSpec {
        subject: "dev".to_owned(),
        role,
        customers: ["acme".to_owned()].into(),
        ttl: std::time::Duration::from_secs(60),
    };
    bearer(auth::development_token(&settings, &spec, Utc::now()).unwrap().expose())
}

async fn ask(api: &Router, method: Method, path: &str, headers: HeaderMap) -> (StatusCode, bool, String) {
    let mut request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    *request.headers_mut() = headers;
    let response = api.clone().oneshot(request).await.unwrap();
    let (status, challenged) = (response.status(), response.headers().contains_key(header::WWW_AUTHENTICATE));
    let body = axum::body::to_bytes(response.into_body(), 65_536).await.unwrap();
    (status, challenged, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_call_is_for_those_that_the_table_names() {
    let world = World::at("127.0.0.1:1");
    let api = api(&world, &[SECRET]);
    let (reader, none) = (token(&world, Role::Reader), HeaderMap::new());
    for (method, path, headers, status) in [
        (Method::GET, "/api/v1/shipments", &reader, StatusCode::OK),
        (Method::HEAD, "/api/v1/shipments", &reader, StatusCode::OK),
        (Method::GET, "/api/v1/shipments", &none, StatusCode::UNAUTHORIZED),
        (Method::GET, "/api/v1/shipments", &bearer("nonsense"), StatusCode::UNAUTHORIZED),
        (Method::GET, "/api/v1/tracking/1Z", &none, StatusCode::OK),
        (Method::GET, "/api/v1/tracking/1Z", &bearer("nonsense"), StatusCode::UNAUTHORIZED),
        (Method::POST, "/api/v1/not-in-the-table", &none, StatusCode::UNAUTHORIZED),
        (Method::POST, "/api/v1/not-in-the-table", &token(&world, Role::Admin), StatusCode::FORBIDDEN),
        (Method::GET, "/livez", &none, StatusCode::OK),
        (Method::GET, "/no/such/address", &none, StatusCode::NOT_FOUND),
    ] {
        let (answered, challenged, body) = ask(&api, method.clone(), path, headers.clone()).await;
        assert_eq!(answered, status, "{method} {path}: {body}");
        assert_eq!(challenged, status == StatusCode::UNAUTHORIZED, "{method} {path}");
    }
    let (_, _, body) = ask(&api, Method::GET, "/api/v1/shipments", reader).await;
    assert_eq!(body, "oidc:parceltrack-development#dev");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_not_is_forbidden() {
    let world = World::at("127.0.0.1:1");
    let routes = Router::new().route("/api/v1/shipments", post(async |_: Principal| ""));
    let api = guard(routes, world.gatekeeper(&[SECRET]), Service::CommandApi);
    for (role, status) in [
        (Role::Reader, StatusCode::FORBIDDEN),
        (Role::Operator, StatusCode::FORBIDDEN),
        (Role::Producer, StatusCode::OK),
        (Role::Admin, StatusCode::OK),
    ] {
        let (answered, ..) = ask(&api, Method::POST, "/api/v1/shipments", token(&world, role)).await;
        assert_eq!(answered, status, "{role}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_guard_no_handler_is_told_of_a_caller() {
    let routes = Router::new().route("/", get(async |who: Principal| who.name().to_owned()));
    let (status, ..) = ask(&routes, Method::GET, "/", HeaderMap::new()).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_keys_are_unread_a_key_is_answered_with_503() {
    let world = World::at("127.0.0.1:1");
    let api = api(&world, &[]);
    let key = "ptk_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let (status, ..) = ask(&api, Method::GET, "/api/v1/shipments", bearer(key)).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
}
