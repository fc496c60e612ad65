//! How long it takes from a scan, posted over HTTP, until who asks the query API sees it.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::drain;
use crate::ground::Ground;
use crate::http::Connection;
use crate::measure::{Found, Terms, bar};
use crate::parcels::{Parcels, scan};
use crate::rounds::Side;
use crate::row::Row;
use crate::sizes::Sizes;
use crate::stats::{Spread, quantile};
use crate::usage::own_cpu;

/// Scans a second.
const RATE: u64 = 200;

/// How long each run is; what comes first isn't counted.
const SECONDS: u64 = 10;
const SECONDS_TO_SETTLE: u64 = 2;

/// Scans go round these.
const PARCELS: Parcels = Parcels { count: 500, family: 0x7151_b1e0_7151_b1e0 };

/// The parts of the way, in the order in which they are gone.
const PARTS: [&str; 3] = ["posted until answered", "answered until visible", "in all"];

pub(crate) async fn measure(ground: &mut Ground, terms: Terms) -> Result<Found> {
    ground.start_database().await?;
    let rounds = terms.rounds(5);
    let progress = bar("visible", rounds);
    let world = ground.world("visible").await?;
    world.apply().await?;
    let handler = drain::start(&world, Side::Ours, Sizes::default()).await?;
    let projector = world.run("projector").await?;
    let (commands, command_port) = world.run_api("command-api").await?;
    let (queries, query_port) = world.run_api("query-api").await?;
    PARCELS.register(command_port).await?;
    run(command_port, query_port, u64::MAX).await?;
    let mut all = Vec::new();
    for round in 0..rounds {
        progress.inc(1);
        all.push(run(command_port, query_port, round as u64).await?);
    }
    progress.finish_and_clear();
    for running in [queries, commands, projector, handler] {
        running.stop().await;
    }
    world.end().await?;
    found(&all)
}

/// Of each part, every scan's milliseconds, in order; and the share of a core that asking took.
struct Seen {
    millis: [Vec<f64>; 3],
    own_cpu: f64,
}

fn found(all: &[Seen]) -> Result<Found> {
    let mut rows = Vec::new();
    let cpu =
        Spread::of(&all.iter().map(|seen| seen.own_cpu * 100.0).collect::<Vec<_>>()).context("no round")?;
    for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
        for (part, what) in PARTS.iter().enumerate() {
            let values: Vec<f64> =
                all.iter().filter_map(|seen| quantile(&seen.millis[part], share)).collect();
            let spread = Spread::of(&values).context("no round")?;
            let bench = format!("scan to visible in the query API at {RATE}/s, {what}, {name}");
            let row = Row::new(&bench, "ms", spread, all.len());
            let note = format!("the generator itself took {:.0} % of a core", cpu.median);
            rows.push(if part + 1 == PARTS.len() { row.with_note(note) } else { row });
        }
    }
    Ok(Found { rows, charts: Vec::new() })
}

/// Scan n is due at `n / RATE`, whether or not those before are through.
async fn run(command_port: u16, query_port: u16, round: u64) -> Result<Seen> {
    let begun = Instant::now() + Duration::from_millis(200);
    let cpu = own_cpu()?;
    let mut tasks = JoinSet::new();
    // A scan of one shipment every 2.5 s: each task has its own connections, and never waits for itself.
    for shipment in 0..PARCELS.count {
        tasks.spawn(async move {
            let (mut post, mut get) =
                (Connection::open(command_port).await?, Connection::open(query_port).await?);
            let mut seen = Vec::new();
            for turn in 0..RATE * SECONDS / PARCELS.count {
                let n = turn * PARCELS.count + shipment;
                let due = begun + Duration::from_secs_f64(n as f64 / RATE as f64);
                tokio::time::sleep_until(due.into()).await;
                let scan = scan(n as i64 * 1_000, &format!("{round}-{n}"));
                let (status, body) = post.post(&PARCELS.scans(shipment), scan).await?;
                let answered = Instant::now();
                ensure!(status == 201, "a scan is answered {status}");
                let answer: Value = serde_json::from_slice(&body)?;
                let path = format!("{}?min_version={}", PARCELS.path(shipment), answer["version"]);
                let (status, _) = get.get(&path).await?;
                ensure!(status == 200, "a shipment is answered {status}");
                if n >= RATE * SECONDS_TO_SETTLE {
                    let millis = |to: Instant, from: Instant| to.duration_since(from).as_secs_f64() * 1e3;
                    let visible = Instant::now();
                    seen.push([millis(answered, due), millis(visible, answered), millis(visible, due)]);
                }
            }
            Ok::<_, anyhow::Error>(seen)
        });
    }
    let mut millis: [Vec<f64>; 3] = Default::default();
    while let Some(seen) = tasks.join_next().await {
        for scan in seen?? {
            millis.iter_mut().zip(scan).for_each(|(all, one)| all.push(one));
        }
    }
    let own_cpu = (own_cpu()? - cpu) / begun.elapsed().as_secs_f64();
    for all in &mut millis {
        all.sort_by(f64::total_cmp);
    }
    Ok(Seen { millis, own_cpu })
}
