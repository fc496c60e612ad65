//! How long it takes until a change of the configuration is in force everywhere, and until nobody is sent to a dead instance.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::drain;
use crate::ground::Ground;
use crate::http::Connection;
use crate::measure::{Found, Terms, bar};
use crate::rounds::Side;
use crate::row::{Bar, Row};
use crate::sizes::Sizes;
use crate::stats::Spread;

/// How often an instance is killed.
const CRASHES: usize = 3;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);

const LOOK: Duration = Duration::from_millis(20);

const SETTINGS: &str = "/api/v1/config/parceltrack/default";
const VICTIM: &str = "/api/v1/services/query-api";

pub(crate) async fn measure(ground: &mut Ground, terms: Terms) -> Result<Found> {
    ground.start_database().await?;
    let rounds = terms.rounds(10);
    let progress = bar("platform", rounds + CRASHES);
    let world = ground.world("platform").await?;
    world.apply().await?;
    let handler = drain::start(&world, Side::Ours, Sizes::default()).await?;
    let projector = world.run("projector").await?;
    let (commands, _) = world.run_api("command-api").await?;
    let (config, config_port) = world.run_api("config-service").await?;
    let (discovery, discovery_port) = world.run_api("discovery-service").await?;
    let mut queries = world.run_api("query-api").await?.0;
    registered(discovery_port, true).await?;

    let (mut applied, mut out) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        applied.push(apply(config_port, round as u64).await?);
        progress.inc(1);
    }
    for _ in 0..CRASHES {
        queries.kill().await;
        out.push(registered(discovery_port, false).await?.as_secs_f64());
        queries = world.run_api("query-api").await?.0;
        registered(discovery_port, true).await?;
        progress.inc(1);
    }
    progress.finish_and_clear();
    for running in [queries, discovery, config, commands, projector, handler] {
        running.stop().await;
    }
    world.end().await?;
    let row = |bench: &str, unit: &str, values: &[f64]| {
        Ok::<_, anyhow::Error>(Row::new(bench, unit, Spread::of(values).context("no round")?, values.len()))
    };
    let rows = vec![
        row("a change of the configuration, until all six roles run on it", "ms", &applied)?,
        row("an instance killed with -9, until it is out of rotation", "s", &out)?
            .held_to(Some(Bar::AtMost(10.0))),
    ];
    Ok(Found { rows, charts: Vec::new() })
}

/// Sets a value; milliseconds until every instance says that it runs on it.
async fn apply(port: u16, round: u64) -> Result<f64> {
    let mut connection = Connection::open(port).await?;
    let begun = Instant::now();
    let entries = json!({ "entries": { "query_api.min_version_wait_ms": { "value": 1_000 + round } } });
    let (status, body) = connection.post(SETTINGS, entries.to_string()).await?;
    ensure!(status == 200, "a change is answered {status}: {}", String::from_utf8_lossy(&body));
    let answer: Value = serde_json::from_slice(&body)?;
    let path = format!("/api/v1/config-instances?version={}&wait_ms=20000", answer["version"]);
    let (_, body) = connection.get(&path).await?;
    let answer: Value = serde_json::from_slice(&body)?;
    ensure!(answer["acknowledged"] == true, "not everywhere in time: {answer}");
    Ok(begun.elapsed().as_secs_f64() * 1e3)
}

/// Waits until the query API is in rotation, or out of it; how long that took.
async fn registered(port: u16, wanted: bool) -> Result<Duration> {
    let begun = Instant::now();
    let mut connection = Connection::open(port).await?;
    loop {
        let (status, body) = connection.get(VICTIM).await?;
        let is_up = status == 200 && String::from_utf8_lossy(&body).contains("\"status\":\"UP\"");
        if is_up == wanted {
            return Ok(begun.elapsed());
        }
        ensure!(begun.elapsed() < PATIENCE, "the query API is still {status}");
        tokio::time::sleep(LOOK).await;
    }
}
