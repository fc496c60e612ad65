//! How fast one handler works off what lies in the commands topic.

use std::time::Duration;

use anyhow::{Result, ensure};

use crate::ground::Ground;
use crate::handled::Handled;
use crate::load::Load;
use crate::measure::{Found, Terms, bar};
use crate::posting::Posting;
use crate::process::Running;
use crate::rounds::{Figures, Side, alternate};
use crate::row::Bar;
use crate::settled::until_settled;
use crate::sizes::Sizes;
use crate::world::World;

/// Shipments of each run: at full speed some seconds.
const SHIPMENTS: u64 = 40_000;

/// Those of the run that shows how large the records are.
const SHIPMENTS_TO_WARM_UP: u64 = 5_000;

pub(crate) async fn measure(ground: &Ground, terms: Terms) -> Result<Found> {
    let rounds = terms.rounds(5);
    let progress = bar("drain", 2 * rounds);
    let sizes = warm_up(ground).await?;
    let pairs = alternate(rounds, &progress, async |side, round| {
        let world = ground.world(&format!("drain-{}-{round}", side.name())).await?;
        let figures = run(&world, side, sizes, round as u64, SHIPMENTS).await?;
        world.end().await?;
        Ok(figures)
    })
    .await?;
    progress.finish_and_clear();
    let size = format!("event {} B, snapshot {} B, reply {} B", sizes.event, sizes.snapshot, sizes.reply);
    Ok(Found {
        rows: vec![
            pairs
                .row(SPEED, "commands drained by one handler", "commands/s", Some(Bar::RatioAtLeast(0.6)))?
                .with_note(size),
            pairs.row(COST, "processor time of the handler, of each command", "µs", None)?,
        ],
        charts: Vec::new(),
    })
}

const SPEED: &str = "speed";
const COST: &str = "cost";

/// Learns how large the records are; and the broker's code is compiled by the time anything counts.
pub(crate) async fn warm_up(ground: &Ground) -> Result<Sizes> {
    let world = ground.world("warm-up").await?;
    run(&world, Side::Ours, Sizes::default(), 0, SHIPMENTS_TO_WARM_UP).await?;
    let sizes = Sizes::of(&world).await?;
    world.end().await?;
    Ok(sizes)
}

/// A handler's process on the world's topics, whose workers have shared out the partitions.
pub(crate) async fn start(world: &World, side: Side, sizes: Sizes) -> Result<Running> {
    let workers = world.workers()?;
    let mut handler = match side {
        Side::Ours => world.run("command-handler").await?,
        Side::Bare => {
            let mut args = sizes.args().to_vec();
            args.push(("workers", workers.to_string()));
            world.run_bare("handler", &args)?
        }
    };
    until_settled(world, &mut handler, workers).await?;
    Ok(handler)
}

async fn run(world: &World, side: Side, sizes: Sizes, id: u64, shipments: u64) -> Result<Figures> {
    let load = Load::new(world.command_encoder().await?, id, shipments);
    let total = load.len() as i64;
    let posting = Posting::new(world, Duration::from_millis(5))?;
    let mut handler = start(world, side, sizes).await?;
    // It stands still meanwhile, for less than its session lasts, and finds all of them there.
    handler.pause();
    tokio::task::spawn_blocking(move || posting.post_all(&load)).await??;
    handler.go_on();
    let count = Handled::watch(world)?;
    let begun = count.until(&mut handler, 1).await?;
    let before = handler.usage()?;
    let ended = count.until(&mut handler, total).await?;
    let after = handler.usage()?;
    handler.stop().await;

    let commands = (ended.commands - begun.commands) as f64;
    ensure!(
        commands >= total as f64 / 2.0,
        "most was done before anybody looked: too few to measure anything"
    );
    let seconds = (ended.at - begun.at).as_secs_f64();
    let cpu = after.cpu - before.cpu;
    Ok(vec![(SPEED.to_owned(), commands / seconds), (COST.to_owned(), cpu * 1e6 / commands)])
}
