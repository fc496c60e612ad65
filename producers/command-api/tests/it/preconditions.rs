//! `If-Match`.

use futures::future::join;
use serde_json::json;

use crate::world::{scan, shared};

#[tokio::test]
async fn of_two_writers_one_wins_and_the_other_is_told_the_version() {
    let api = shared();
    for _ in 0..10 {
        let shipment = format!("/api/v1/shipments/{}", api.registered().await);
        let amend = |grams: i64| {
            let shipment = shipment.clone();
            async move { api.patch(&shipment, &[("if-match", "\"1\"")], json!({"weight_grams": grams})).await }
        };
        let (one, other) = join(amend(900), amend(950)).await;
        let (won, lost) = if one.status == 200 { (one, other) } else { (other, one) };
        assert_eq!((won.status, won.header("etag")), (200, "\"2\""));
        assert_eq!(lost.problem(), (412, "PT-1003"));
        assert_eq!((lost.header("etag"), &lost.body["version"]), ("\"2\"", &json!(2)));

        let again =
            api.patch(&shipment, &[("if-match", lost.header("etag"))], json!({"weight_grams": 950})).await;
        assert_eq!((again.status, again.header("etag")), (200, "\"3\""));
    }
}

#[tokio::test]
async fn a_version_that_never_was_is_a_conflict_and_a_scan_may_name_one() {
    let api = shared();
    let id = api.registered().await;
    let scans = format!("/api/v1/shipments/{id}/scans");
    let early = api.post(&scans, &[("if-match", "\"9\"")], scan(1, "in_transit")).await;
    assert_eq!((early.problem(), early.header("etag")), ((412, "PT-1003"), "\"1\""));
    let right = api.post(&scans, &[("if-match", "\"1\"")], scan(1, "in_transit")).await;
    assert_eq!((right.status, right.header("etag")), (201, "\"2\""));
}
