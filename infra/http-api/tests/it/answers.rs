//! Good requests, bad requests, and what each is answered.

use http_api::codes;
use serde_json::{Value, json};

use crate::{api, ask};

const JSON: (&str, &str) = ("content-type", "application/json");

/// Status and code of the problem that answers this request.
async fn problem(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
    let (status, headers, body) = ask(&api(8), method, path, headers, body).await;
    assert_eq!(headers["content-type"], "application/problem+json", "{body}");
    let problem: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(problem["status"], status.as_u16());
    assert_eq!(problem["type"], format!("/docs/errors/{}", problem["code"].as_str().unwrap()));
    assert_eq!(problem["instance"], path.split('?').next().unwrap());
    assert_eq!(problem["request_id"].as_str().unwrap(), headers["x-request-id"]);
    (status.as_u16(), problem["code"].as_str().unwrap().to_owned())
}

fn of(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn a_good_request_is_answered_with_its_id_and_kept_private() {
    let (status, headers, body) =
        ask(&api(8), "POST", "/parcels", &[JSON, ("x-request-id", "order-17")], r#"{"grams": 250}"#).await;
    assert_eq!((status.as_u16(), body.as_str()), (200, "250"));
    assert_eq!(headers["x-request-id"], "order-17");
    assert_eq!(headers["cache-control"], "private, no-cache");
    assert_eq!(headers["x-content-type-options"], "nosniff");
}

#[tokio::test]
async fn every_kind_of_bad_request_has_its_code() {
    let long = format!("{{\"grams\": 1{}}}", " ".repeat(100));
    assert_eq!(problem("POST", "/parcels", &[JSON], "{").await, of(400, codes::MALFORMED_BODY));
    assert_eq!(problem("POST", "/parcels", &[JSON], "{}").await, of(400, codes::INVALID_FIELD));
    assert_eq!(problem("POST", "/parcels", &[JSON], &long).await, of(413, codes::BODY_TOO_LARGE));
    assert_eq!(problem("POST", "/parcels", &[], "{}").await, of(415, codes::UNSUPPORTED_MEDIA_TYPE));
    assert_eq!(problem("GET", "/parcels?page=2", &[], "").await, of(400, codes::INVALID_PARAMETER));
    assert_eq!(problem("GET", "/parcels/first", &[], "").await, of(400, codes::INVALID_PARAMETER));
    assert_eq!(problem("GET", "/nowhere", &[], "").await, of(404, codes::NO_SUCH_ADDRESS));
    assert_eq!(problem("PUT", "/parcels", &[], "").await, of(405, codes::METHOD_NOT_ALLOWED));
    assert_eq!(problem("GET", "/panic", &[], "").await, of(500, codes::INTERNAL));
}

#[tokio::test]
async fn the_problem_says_where_and_what_is_allowed() {
    let (_, _, body) = ask(&api(8), "POST", "/parcels", &[JSON], r#"{"grams": "heavy"}"#).await;
    let said: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        said["errors"],
        json!([{"pointer": "/grams", "detail": "invalid type: string \"heavy\", expected u32"}])
    );
    let (_, _, body) = ask(&api(8), "GET", "/parcels?page=2", &[], "").await;
    assert!(body.contains("unknown field `page`, expected `limit`"), "{body}");
}

#[tokio::test]
async fn a_body_too_large_is_told_the_limit() {
    let long = format!("{{\"grams\": 1{}}}", " ".repeat(100));
    let (_, _, body) = ask(&api(8), "POST", "/parcels", &[JSON], &long).await;
    let said: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (&said["max_bytes"], &said["detail"]),
        (&json!(64), &json!("this address takes bodies of at most 64 bytes"))
    );
}

#[tokio::test]
async fn a_body_that_may_be_left_out_is_read_where_it_is_there() {
    assert_eq!(ask(&api(8), "POST", "/notes", &[], "").await.2, "0");
    assert_eq!(ask(&api(8), "POST", "/notes", &[JSON], "").await.2, "0");
    assert_eq!(ask(&api(8), "POST", "/notes", &[JSON], r#"{"grams": 3}"#).await.2, "3");
    assert_eq!(problem("POST", "/notes", &[], "{}").await, of(415, codes::UNSUPPORTED_MEDIA_TYPE));
    assert_eq!(problem("POST", "/notes", &[JSON], "{").await, of(400, codes::MALFORMED_BODY));
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let (_, headers, _) = ask(&api(8), "DELETE", "/parcels", &[], "").await;
    let allow = headers["allow"].to_str().unwrap();
    assert!(allow.contains("POST") && allow.contains("GET"), "{allow}");
}

#[tokio::test]
async fn a_panic_shows_nothing_of_its_text() {
    let (_, _, body) = ask(&api(8), "GET", "/panic", &[], "").await;
    assert!(!body.contains("Lovelace"), "{body}");
}

#[tokio::test]
async fn the_callers_trace_goes_on() {
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let (_, _, trace_id) = ask(&api(8), "GET", "/trace", &[("traceparent", parent)], "").await;
    assert_eq!(trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
}

#[tokio::test]
async fn above_the_limit_it_is_503_at_once_but_health_still_answers() {
    let api = api(1);
    let slow = tokio::spawn({
        let api = api.clone();
        async move { ask(&api, "GET", "/slow", &[], "").await }
    });
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let (status, headers, body) = ask(&api, "GET", "/parcels", &[], "").await;
    assert_eq!(status.as_u16(), 503);
    assert_eq!(headers["retry-after"], "1");
    assert!(body.contains(codes::OVERLOADED), "{body}");
    assert_eq!(ask(&api, "GET", "/livez", &[], "").await.0.as_u16(), 200);

    assert_eq!(slow.await.unwrap().0.as_u16(), 200);
    assert_eq!(ask(&api, "GET", "/parcels", &[], "").await.0.as_u16(), 200);
}

#[tokio::test]
async fn requests_are_counted_by_route_and_not_by_path() {
    let api = api(8);
    ask(&api, "GET", "/parcels/4915112345678", &[], "").await;
    ask(&api, "GET", "/parcels/+4915112345678/x", &[], "").await;
    let (_, _, metrics) = ask(&api, "GET", "/metrics", &[], "").await;
    assert!(
        metrics
            .contains(r#"parceltrack_http_api_requests_total{method="GET",route="unmatched",status="404"}"#)
    );
    assert!(metrics.contains(r#"route="/parcels/{number}""#), "{metrics}");
    assert!(!metrics.contains("4915112345678"), "{metrics}");
}

#[tokio::test]
async fn who_hangs_up_is_counted_with_the_time_that_they_waited() {
    let api = api(8);
    let asking = ask(&api, "GET", "/slow", &[], "");
    tokio::time::timeout(std::time::Duration::from_millis(50), asking).await.unwrap_err();
    let (_, _, metrics) = ask(&api, "GET", "/metrics", &[], "").await;
    let counted = r#"parceltrack_http_api_requests_total{method="GET",route="/slow",status="499"} 1"#;
    assert!(metrics.contains(counted), "{metrics}");
}
