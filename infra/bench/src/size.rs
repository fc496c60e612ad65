//! What more shipments cost a handler: memory, speed, and the time to be back after a crash.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::chart::{Chart, Line};
use crate::drain;
use crate::ground::Ground;
use crate::handled::Handled;
use crate::load::Load;
use crate::measure::{Found, Terms, bar};
use crate::posting::Posting;
use crate::rounds::Side;
use crate::row::{Bar, Row};
use crate::sizes::Sizes;
use crate::stats::Spread;

/// How many shipments there are.
const SIZES: [u64; 3] = [10_000, 100_000, 1_000_000];
const FULL: u64 = 10_000_000;

/// At most so many of them, from all over, are scanned, so often each round: so a snapshot is as large at every size.
const SCANNED: u64 = 50_000;
const SCANS: u64 = 3;

/// How often they are, besides a first round that isn't counted.
const ROUNDS: u64 = 3;

/// How often the handler is killed.
const CRASHES: usize = 3;

/// One size.
struct At {
    shipments: u64,
    speeds: Vec<f64>,
    peak_mb: f64,
    back_after: Vec<f64>,
}

pub(crate) async fn measure(ground: &Ground, terms: Terms) -> Result<Found> {
    let sizes = SIZES.into_iter().chain(terms.full.then_some(FULL));
    let progress = bar("size", 3 * sizes.clone().count());
    let mut all = Vec::new();
    for shipments in sizes {
        progress.set_message(format!("{shipments} shipments"));
        all.push(at(ground, shipments, &progress).await?);
    }
    progress.finish_and_clear();
    found(&all)
}

async fn at(ground: &Ground, shipments: u64, progress: &indicatif::ProgressBar) -> Result<At> {
    let world = ground.world(&format!("size-{shipments}")).await?;
    let load = Load::new(world.command_encoder().await?, shipments, shipments);
    let mut handler = drain::start(&world, Side::Ours, Sizes::default()).await?;
    let count = Handled::watch(&world)?;
    let registrations = load.clone();
    let posting = Posting::new(&world, Duration::from_millis(5))?;
    let posting = tokio::task::spawn_blocking(move || {
        (0..shipments).try_for_each(|n| posting.post(&registrations, n))?;
        posting.flush()?;
        Ok::<_, anyhow::Error>(posting)
    })
    .await??;
    count.until(&mut handler, shipments as i64).await?;
    progress.inc(1);

    let scanned = shipments.min(SCANNED);
    let scans = (scanned * SCANS) as i64;
    let (mut posting, mut done, mut speeds) = (posting, shipments as i64, Vec::new());
    for round in 0..=ROUNDS {
        // The handler is stopped meanwhile: it is to find all of them there.
        handler.pause();
        let load = load.clone();
        posting = tokio::task::spawn_blocking(move || {
            for step in round * SCANS..(round + 1) * SCANS {
                let first = (1 + step) * shipments;
                (0..scanned).try_for_each(|n| posting.post(&load, first + n * (shipments / scanned)))?;
            }
            posting.flush()?;
            Ok::<_, anyhow::Error>(posting)
        })
        .await??;
        handler.go_on();
        let begun = count.until(&mut handler, done + 1).await?;
        done += scans;
        let ended = count.until(&mut handler, done).await?;
        if round > 0 {
            let commands = (ended.commands - begun.commands) as f64;
            speeds.push(commands / (ended.at - begun.at).as_secs_f64());
        }
    }
    let peak_mb = handler.usage()?.peak_bytes as f64 / 1e6;
    progress.inc(1);

    let mut back_after = Vec::new();
    for _ in 0..CRASHES {
        handler.kill().await;
        let killed = Instant::now();
        handler = world.run("command-handler").await?;
        back_after.push(killed.elapsed().as_secs_f64());
    }
    handler.stop().await;
    world.end().await?;
    progress.inc(1);
    Ok(At { shipments, speeds, peak_mb, back_after })
}

fn found(all: &[At]) -> Result<Found> {
    let one = |value: f64| Spread { median: value, min: value, max: value };
    let speed = |at: &At| Spread::of(&at.speeds).context("no round");
    let least = speed(all.first().context("no size")?)?;
    let mut rows = Vec::new();
    for size in all {
        let At { shipments, speeds, peak_mb, back_after } = size;
        let at = format!("at {} k shipments", shipments / 1000);
        let memory = Row::new(&format!("handler memory, peak, {at}"), "MB", one(*peak_mb), 1);
        rows.push(memory.held_to(Some(Bar::AtMost(256.0))));
        let (drained, ratios) = (speed(size)?, speeds.iter().map(|one| one / least.median));
        let row = Row::new(&format!("scans drained {at}"), "commands/s", drained, speeds.len());
        let row = row.against(least, Spread::of(&ratios.collect::<Vec<_>>()).context("no round")?);
        rows.push(
            row.held_to(Some(Bar::RatioAtLeast(0.9))).with_note("beside it the speed at the least size"),
        );
        let spread = Spread::of(back_after).context("no crash")?;
        let row = Row::new(&format!("ready again after kill -9 {at}"), "s", spread, back_after.len());
        rows.push(row.held_to(Some(Bar::AtMost(5.0))));
    }
    let chart = |file, title, y, value: &dyn Fn(&At) -> Option<Spread>| Chart {
        file,
        title,
        x: "shipments",
        y,
        lines: vec![Line {
            name: "ours".to_owned(),
            points: all.iter().filter_map(|at| Some((at.shipments as f64, value(at)?))).collect(),
        }],
    };
    let charts = vec![
        chart("size-memory", "Memory of the handler by number of shipments", "MB", &|at| {
            Some(one(at.peak_mb))
        }),
        chart("size-speed", "Scans a second by number of shipments", "1/s", &|at| Spread::of(&at.speeds)),
    ];
    Ok(Found { rows, charts })
}
