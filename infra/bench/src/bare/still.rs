//! A service that always says the same: what stands before it is measured, not what it does.

use anyhow::Result;
use axum::Router;
use axum::http::header;
use axum::routing::get;
use clap::Args;

use super::ApiArgs;

/// As long as a shipment is.
const ANSWER: &str = r#"{"shipment_id":"0190a5b2-0000-7000-8000-0000000000ab","version":6,"status":"delivered","status_since":"2026-03-04T12:41:57.000Z","customer_id":"shop-7","sender":{"name":"Lamp Shop","phone":"+4940123456789","address":{"street":"Hafenstrasse 1","city":"Hamburg","postal_code":"20457","country":"DE"}},"recipient":{"name":"Ada Example","phone":"+4915112345678","address":{"street":"Muensterplatz 1","city":"Ulm","postal_code":"89073","country":"DE"}},"destination":{"city":"Ulm","postal_code":"89073","country":"DE"},"weight_grams":1250,"carrier":"dhl","tracking_number":"RR123456785DE","registered_at":"2026-03-01T08:15:00.000Z","updated_at":"2026-03-04T12:42:03.000Z"}"#;

/// Where it listens.
#[derive(Debug, Args)]
pub(crate) struct StillArgs {
    #[command(flatten)]
    api: ApiArgs,
}

pub(super) fn run(args: &StillArgs) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let answer = get(async || ([(header::CONTENT_TYPE, "application/json")], ANSWER));
        let router =
            Router::new().route("/readyz", get(async || "ready")).route("/api/v1/shipments/{id}", answer);
        args.api.serve(router).await
    })
}
