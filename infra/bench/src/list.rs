//! A page of those that stand at a status, when most of those that stood there have moved on: each has left a tombstone.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use shipment_events::{Revision, Sequence, Status};
use tracking_view::{Bucket, CellWrite, Change, ListEntry, RowKey, Stamp, shard_of};

use crate::bare::rows::{self, Rows, Tables};
use crate::ground::Ground;
use crate::http::{Ask, Connection, MEDIAN, OWN_CPU, TAIL, closed_loop};
use crate::load::Load;
use crate::measure::{Found, Terms, bar};
use crate::process::Running;
use crate::rounds::{Side, alternate};
use crate::world::World;

/// Registered today, and of these one in ten still stands there.
const SHIPMENTS: u64 = 200_000;
const LEFT: u64 = 10;

const CONNECTIONS: u64 = 8;
const LENGTH: Duration = Duration::from_secs(4);

const PAGE: &str = "/api/v1/shipments?status=registered&limit=50";

pub(crate) async fn measure(ground: &mut Ground, terms: Terms) -> Result<Found> {
    ground.start_database().await?;
    let rounds = terms.rounds(5);
    let progress = bar("list", 2 * rounds);
    let (moved, fresh) = (ground.world("list-moved").await?, ground.world("list-fresh").await?);
    let (moved_api, moved_port) = fill(&moved, true).await?;
    let (fresh_api, fresh_port) = fill(&fresh, false).await?;
    for port in [moved_port, fresh_port] {
        let (status, body) = Connection::open(port).await?.get(PAGE).await?;
        let body: Value = serde_json::from_slice(&body)?;
        let listed = body["shipments"].as_array().context("no list")?.len();
        ensure!(status == 200 && listed == 50, "{listed} shipments are listed, with status {status}");
        closed_loop(port, CONNECTIONS, LENGTH, |_, _| Ask::Get(PAGE.to_owned())).await?;
    }
    let pairs = alternate(rounds, &progress, async |side, _| {
        let port = if side == Side::Ours { moved_port } else { fresh_port };
        closed_loop(port, CONNECTIONS, LENGTH, |_, _| Ask::Get(PAGE.to_owned())).await
    })
    .await?;
    progress.finish_and_clear();
    moved_api.stop().await;
    fresh_api.stop().await;
    moved.end().await?;
    fresh.end().await?;
    let cpu = pairs.spread(Side::Ours, OWN_CPU).map_or(0.0, |cpu| cpu.median);
    let note = format!(
        "beside it the same page where nobody ever moved; {CONNECTIONS} connections; the generator itself took {cpu:.0} % of \
         a core"
    );
    let of = format!("page of a status that 90 % of {SHIPMENTS} shipments have left");
    let rows = vec![
        pairs.row(MEDIAN, &format!("{of}, p50"), "ms", None)?,
        pairs.row(TAIL, &format!("{of}, p99"), "ms", None)?.with_note(note),
    ];
    Ok(Found { rows, charts: Vec::new() })
}

/// The rows of those that are left, and of the others (if there ever were any) what they have left in the list.
async fn fill(world: &World, with_others: bool) -> Result<(Running, u16)> {
    world.apply().await?;
    let load = Load::new(world.command_encoder().await?, 1, SHIPMENTS);
    let tables = Tables::open(rows::connect(&world.cql()?).await?, &world.generation(1)).await?;
    let left = (0..SHIPMENTS).step_by(LEFT as usize);
    let events: Vec<_> =
        left.map(|n| load.registered(n).map(|event| (event, vec![0; 300]))).collect::<Result<_>>()?;
    tables.write(&Rows::of(&events, 2_000)).await?;
    if with_others {
        let others: Vec<u64> = (0..SHIPMENTS).filter(|n| n % LEFT != 0).collect();
        for (sequence, change) in [(1, Change::Insert), (2, Change::Delete)] {
            let entries =
                others.iter().map(|n| entry(&load, *n, sequence, change.clone())).collect::<Result<_>>()?;
            tables.write(&Rows::of_entries(entries)).await?;
        }
    }
    world.run_api("query-api").await
}

fn entry(load: &Load, n: u64, sequence: i64, change: Change) -> Result<CellWrite> {
    let event = load.registered(n)?;
    let (shipment_id, at) = (event.shipment_id, event.recorded_at);
    let bucket = Bucket::Status(Status::Registered, at.date(), shard_of(shipment_id));
    let stamp = Stamp::of(Sequence::new(sequence), Revision::FIRST);
    Ok(CellWrite { row: RowKey::Entry(ListEntry { bucket, at, shipment_id }), stamp, change })
}
