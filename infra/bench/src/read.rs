//! Shipments read over HTTP by 64 connections at once: by id, and a page of a customer's.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::drain;
use crate::ground::Ground;
use crate::handled::Handled;
use crate::http::{Ask, Connection, MEDIAN, OWN_CPU, SPEED, TAIL, closed_loop};
use crate::load::Load;
use crate::measure::{Found, Terms, bar};
use crate::posting::Posting;
use crate::rounds::{Figures, Pairs, Side, alternate};
use crate::row::{Bar, Row};
use crate::sizes::Sizes;
use crate::world::World;

const CONNECTIONS: u64 = 64;

/// How long each run is.
const LENGTH: Duration = Duration::from_secs(3);

/// How often each side runs before the rounds.
const WARM_UPS: usize = 3;

/// Shipments in the tables, and in a page of a list.
const SHIPMENTS: u64 = 4_000;
const PAGE: usize = 50;

const BY_ID: &str = "by id";
const LIST: &str = "list";

pub(crate) async fn measure(ground: &mut Ground, terms: Terms) -> Result<Found> {
    ground.start_database().await?;
    let rounds = terms.rounds(5);
    let progress = bar("read", 2 * rounds);
    let world = ground.world("read").await?;
    let load = fill(&world).await?;
    let (ours, ours_port) = world.run_api("query-api").await?;
    let tables = [("cql", world.cql()?), ("keyspace", world.generation(1))];
    let (bare, bare_port) = world.run_bare_api("get", &tables).await?;
    check(ours_port).await?;
    check(bare_port).await?;
    // The database compiles its code as it runs: for its first minute it gets faster and faster.
    for port in [ours_port, bare_port].repeat(WARM_UPS) {
        both(port, &load).await?;
    }
    let pairs = alternate(rounds, &progress, async |side, _| {
        both(if side == Side::Ours { ours_port } else { bare_port }, &load).await
    })
    .await?;
    progress.finish_and_clear();
    ours.stop().await;
    bare.stop().await;
    world.end().await?;
    Ok(Found { rows: found(&pairs)?, charts: Vec::new() })
}

/// The same rows for both sides.
async fn fill(world: &World) -> Result<Load> {
    world.apply().await?;
    let mut handler = drain::start(world, Side::Ours, Sizes::default()).await?;
    let load = Load::new(world.command_encoder().await?, 1, SHIPMENTS);
    let (all, posting) = (load.clone(), Posting::new(world, Duration::from_millis(5))?);
    tokio::task::spawn_blocking(move || posting.post_all(&all)).await??;
    Handled::watch(world)?.until(&mut handler, load.len() as i64).await?;
    handler.stop().await;
    // It is ready once each partition's end was reached.
    world.run("projector").await?.stop().await;
    Ok(load)
}

/// That a page is as long as it should be: else there would be nothing to compare.
async fn check(port: u16) -> Result<()> {
    let (status, body) = Connection::open(port).await?.get(&page(7)).await?;
    ensure!(status.is_success(), "a list is answered {status}");
    let body: Value = serde_json::from_slice(&body)?;
    let listed = body["shipments"].as_array().context("a list without shipments")?.len();
    let there = SHIPMENTS as usize / crate::load::CUSTOMERS as usize;
    ensure!(listed == there.min(PAGE), "{listed} shipments are listed");
    Ok(())
}

async fn both(port: u16, load: &Load) -> Result<Figures> {
    let ids = load.clone();
    let by_id = move |n: u64, m: u64| {
        let shipment = ids.shipment_id((m * CONNECTIONS + n).wrapping_mul(7919) % SHIPMENTS);
        Ask::Get(format!("/api/v1/shipments/{shipment}"))
    };
    let by_id = closed_loop(port, CONNECTIONS, LENGTH, by_id).await?;
    let list = closed_loop(port, CONNECTIONS, LENGTH, |n, m| Ask::Get(page(m * CONNECTIONS + n))).await?;
    let named = |of: &'static str, figures: Figures| {
        figures.into_iter().map(move |(name, value)| (format!("{of} {name}"), value))
    };
    Ok(named(BY_ID, by_id).chain(named(LIST, list)).collect())
}

fn page(n: u64) -> String {
    format!("/api/v1/shipments?customer=shop-{}&limit={PAGE}", n % crate::load::CUSTOMERS)
}

fn found(pairs: &Pairs) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (of, what) in [(BY_ID, "shipments read by id"), (LIST, "pages of 20 read from a list")] {
        let cpu = pairs.spread(Side::Ours, &format!("{of} {OWN_CPU}")).map_or(0.0, |cpu| cpu.median);
        let note = format!("{CONNECTIONS} connections; the generator itself took {cpu:.0} % of a core");
        let row = |name: &str, figure: &str, unit: &str, bar: Option<Bar>| {
            pairs.row(&format!("{of} {figure}"), &format!("{what}{name}"), unit, bar)
        };
        rows.push(row("", SPEED, "requests/s", Some(Bar::RatioAtLeast(0.8)))?.with_note(note));
        rows.push(row(", p50", MEDIAN, "ms", None)?);
        rows.push(row(", p99", TAIL, "ms", None)?);
    }
    Ok(rows)
}
