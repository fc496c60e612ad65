//! Scans posted over HTTP by 64 connections at once: the whole way from the request through Kafka and back.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use shipment_events::Timestamp;
use uuid::Uuid;

use crate::drain;
use crate::ground::Ground;
use crate::http::{Ask, MEDIAN, OWN_CPU, SPEED, TAIL, closed_loop};
use crate::measure::{Found, Terms, bar};
use crate::rounds::{Side, alternate};
use crate::row::Bar;

const CONNECTIONS: u64 = 64;

/// How long each run is.
const LENGTH: Duration = Duration::from_secs(5);

/// Scans go round these: a shipment gets some, and never near as many as it may have.
const SHIPMENTS: u64 = 5_000;

pub(crate) async fn measure(ground: &Ground, terms: Terms) -> Result<Found> {
    let rounds = terms.rounds(5);
    let progress = bar("post", 2 * rounds);
    let sizes = drain::warm_up(ground).await?;
    let (ours, bare) = (ground.world("post-ours").await?, ground.world("post-bare").await?);
    let handlers =
        [drain::start(&ours, Side::Ours, sizes).await?, drain::start(&bare, Side::Bare, sizes).await?];
    let (ours_api, ours_port) = ours.run_api("command-api").await?;
    let (bare_api, bare_port) = bare.run_bare_api("post", &[]).await?;
    for port in [ours_port, bare_port] {
        closed_loop(port, CONNECTIONS, Duration::from_secs(3), move |n, m| scan(u64::MAX, n, m)).await?;
    }
    let pairs = alternate(rounds, &progress, async |side, round| {
        let port = if side == Side::Ours { ours_port } else { bare_port };
        closed_loop(port, CONNECTIONS, LENGTH, move |n, m| scan(round as u64, n, m)).await
    })
    .await?;
    progress.finish_and_clear();
    for running in handlers.into_iter().chain([ours_api, bare_api]) {
        running.stop().await;
    }
    ours.end().await?;
    bare.end().await?;

    let cpu = pairs.spread(Side::Ours, OWN_CPU).map_or(0.0, |cpu| cpu.median);
    let note = format!("{CONNECTIONS} connections; the generator itself took {cpu:.0} % of a core");
    let speed = pairs.row(SPEED, "scans posted over HTTP", "requests/s", Some(Bar::RatioAtLeast(0.7)))?;
    let median = pairs.row(MEDIAN, "a scan posted over HTTP, p50", "ms", None)?;
    let tail = pairs.row(TAIL, "a scan posted over HTTP, p99", "ms", None)?;
    Ok(Found { rows: vec![speed.with_note(note), median, tail], charts: Vec::new() })
}

/// Each is another scan, of one shipment after the other.
fn scan(round: u64, connection: u64, m: u64) -> Ask {
    let n = m * CONNECTIONS + connection;
    let shipment = Uuid::from_u64_pair(0x5ca0_5ca0_5ca0_5ca0, n % SHIPMENTS);
    let time = Timestamp::from_millis(1_764_000_000_000 + (n / SHIPMENTS * 1_000) as i64);
    let body = json!({
        "time": time.to_string(),
        "status": "in_transit",
        "carrier": "dhl",
        "tracking_number": format!("JD{:018}", n % SHIPMENTS),
        "place": { "facility": "Hannover parcel centre", "city": "Hannover", "country": "DE" },
        "raw_code": "AR",
        "raw_text": format!("Arrived at carrier facility, run {round}"),
        "carrier_scan_id": format!("{round}-{n}"),
    });
    Ask::Post(format!("/api/v1/shipments/{shipment}/scans"), body.to_string())
}
