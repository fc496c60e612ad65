//! An API as its callers meet it.

mod access_log;
mod answers;
mod documentation;
mod serving;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use http_api::{Api, JsonBody, Limits, OptionalJsonBody, PathParams, QueryParams, RequestContext, Routes};
use serde::Deserialize;
use serde_json::{Value, json};
use telemetry::Readiness;
use tower::ServiceExt;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parcel {
    grams: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    limit: Option<u16>,
}

fn routes() -> Routes {
    Routes::new()
        .post("/parcels", |JsonBody(parcel): JsonBody<Parcel>| async move { parcel.grams.to_string() })
        .get("/parcels", |QueryParams(filter): QueryParams<Filter>| async move {
            filter.limit.unwrap_or_default().to_string()
        })
        .get("/parcels/{number}", |PathParams(number): PathParams<u32>| async move { number.to_string() })
        .post("/notes", |OptionalJsonBody(parcel): OptionalJsonBody<Parcel>| async move {
            parcel.grams.to_string()
        })
        .get("/trace", |context: RequestContext| async move { context.trace.trace_id() })
        .get("/panic", || async { panicking() })
        .get("/slow", || async {
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            "at last"
        })
}

fn panicking() -> String {
    panic!("the parcel of Ada Lovelace")
}

fn document() -> Value {
    let operation = |id: &str| json!({"operationId": id, "summary": id, "responses": {"default": {"$ref": "#/components/responses/Problem"}}});
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Parcels & more", "version": "1"},
        "paths": {
            "/parcels": {"post": operation("register"), "get": operation("list")},
            "/parcels/{number}": {
                "parameters": [{"name": "number", "in": "path", "required": true, "schema": {"type": "integer"}}],
                "get": operation("read")
            },
            "/notes": {"post": operation("note")},
            "/trace": {"get": operation("trace")},
            "/panic": {"get": operation("panic")},
            "/slow": {"get": operation("slow")}
        }
    })
}

fn api(max_in_flight: usize) -> Router {
    let limits = Limits { max_in_flight, max_body_bytes: 64 };
    Api::new(routes().with_state(()), limits, document(), Readiness::new()).into_router()
}

/// The answer to one request: method, path, headers and body.
async fn ask(
    api: &Router,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> (StatusCode, HeaderMap, String) {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = api.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    (parts.status, parts.headers, String::from_utf8_lossy(&body).into_owned())
}
