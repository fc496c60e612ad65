//! How long it takes from a command to its reply, at rates below what the handler could do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use event_log::{Isolation, Reader, ReaderEvent, Start};

use crate::chart::{Chart, Line};
use crate::drain;
use crate::ground::Ground;
use crate::load::Load;
use crate::measure::{Found, Terms, bar};
use crate::posting::Posting;
use crate::process::Running;
use crate::rounds::{Figures, Pairs, Side, alternate};
use crate::row::Bar;
use crate::stats::quantile;
use crate::usage::own_cpu;
use crate::world::{PARTITIONS, World};

/// Commands a second.
const RATES: [u64; 3] = [200, 500, 2_000];

/// How long each rate is held.
const SECONDS: u64 = 4;

/// What comes first isn't counted.
const SECONDS_TO_SETTLE: u64 = 1;

/// How long the last reply may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Quantiles, with what each is held to against bare.
const QUANTILES: [(&str, f64, f64); 2] = [("p50", 0.5, 1.3), ("p99", 0.99, 1.5)];

pub(crate) async fn measure(ground: &Ground, terms: Terms) -> Result<Found> {
    let rounds = terms.rounds(5);
    let progress = bar("reply", 2 * rounds);
    let sizes = drain::warm_up(ground).await?;
    // Both stay all the time: one that has nothing to do takes next to nothing.
    let (ours, bare) = (ground.world("reply-ours").await?, ground.world("reply-bare").await?);
    let mut handlers =
        [drain::start(&ours, Side::Ours, sizes).await?, drain::start(&bare, Side::Bare, sizes).await?];
    for world in [&ours, &bare] {
        run(world, u64::MAX, 500).await?;
    }
    let pairs = alternate(rounds, &progress, async |side, round| {
        let world = if side == Side::Ours { &ours } else { &bare };
        let mut figures = Figures::new();
        for rate in RATES {
            handlers.iter_mut().try_for_each(Running::check)?;
            figures.extend(run(world, (round as u64) << 32 | rate, rate).await?);
        }
        Ok(figures)
    })
    .await?;
    progress.finish_and_clear();
    for handler in handlers {
        handler.stop().await;
    }
    ours.end().await?;
    bare.end().await?;
    found(&pairs)
}

fn found(pairs: &Pairs) -> Result<Found> {
    let mut rows = Vec::new();
    for rate in RATES {
        for (name, _, bar) in QUANTILES {
            let bench = format!("command to visible reply at {rate}/s, {name}");
            let row = pairs.row(&figure(name, rate), &bench, "ms", Some(Bar::RatioAtMost(bar)))?;
            let cpu = pairs.spread(Side::Ours, &figure(OWN_CPU, rate)).map_or(0.0, |cpu| cpu.median);
            rows.push(row.with_note(format!("the generator itself took {cpu:.0} % of a core")));
        }
    }
    let line = |side: Side, name: &str| Line {
        name: format!("{}, {name}", side.name()),
        points: RATES
            .iter()
            .filter_map(|rate| Some((*rate as f64, pairs.spread(side, &figure(name, *rate))?)))
            .collect(),
    };
    let lines =
        [Side::Ours, Side::Bare].iter().flat_map(|side| QUANTILES.map(|(name, ..)| line(*side, name)));
    let chart = Chart {
        file: "reply-latency",
        title: "From a command to its visible reply",
        x: "commands/s",
        y: "ms",
        lines: lines.collect(),
    };
    Ok(Found { rows, charts: vec![chart] })
}

const OWN_CPU: &str = "own cpu";

fn figure(name: &str, rate: u64) -> String {
    format!("{name} at {rate}")
}

/// Posts at this rate for a while, and reads the replies.
async fn run(world: &World, id: u64, rate: u64) -> Result<Figures> {
    let shipments = (rate * SECONDS).div_ceil(crate::load::COMMANDS_PER_SHIPMENT);
    let load = Load::new(world.command_encoder().await?, id, shipments);
    let starts: Vec<_> = (0..PARTITIONS).map(|p| (p, Start::End)).collect();
    let (kafka, topic) = (world.kafka.clone(), world.topics.replies.clone());
    // A client that posts doesn't wait for company: each command goes at once.
    let posting = Posting::new(world, Duration::ZERO)?;
    let measured = tokio::task::spawn_blocking(move || {
        let reader = Reader::open(&kafka, &topic, &starts, Isolation::Committed)?;
        open_loop(&load, rate, &posting, reader)
    });
    let mut latencies = measured.await??;
    let cpu = latencies.own_cpu_share;
    latencies.millis.sort_by(f64::total_cmp);
    let mut figures = vec![(figure(OWN_CPU, rate), cpu * 100.0)];
    for (name, share, _) in QUANTILES {
        let Some(value) = quantile(&latencies.millis, share) else { bail!("nothing was measured") };
        figures.push((figure(name, rate), value));
    }
    Ok(figures)
}

struct Latencies {
    millis: Vec<f64>,
    own_cpu_share: f64,
}

/// Command n is due at `n / rate`, whether or not those before are answered, and its latency counts from then: who falls
/// behind can't hide it.
fn open_loop(load: &Load, rate: u64, posting: &Posting, mut reader: Reader) -> Result<Latencies> {
    let begun = Instant::now() + Duration::from_millis(100);
    let due = |n: u64| begun + Duration::from_secs_f64(n as f64 / rate as f64);
    let done = Arc::new(AtomicBool::new(false));
    let cpu = own_cpu()?;
    std::thread::scope(|scope| {
        let over = done.clone();
        let reading = scope.spawn(move || {
            let (mut left, mut millis) = (load.len(), Vec::with_capacity(load.len() as usize));
            let mut patience = None;
            while left > 0 {
                if let Some(ReaderEvent::Record(record)) = reader.next(Duration::from_millis(20))? {
                    let at = Instant::now();
                    let Some(n) = record.key.as_deref().and_then(|key| load.number_of(key)) else { continue };
                    left -= 1;
                    if n >= SECONDS_TO_SETTLE * rate {
                        millis.push(at.saturating_duration_since(due(n)).as_secs_f64() * 1e3);
                    }
                }
                if over.load(Ordering::Relaxed) {
                    let since = *patience.get_or_insert_with(Instant::now);
                    ensure!(since.elapsed() < PATIENCE, "{left} commands have no reply");
                }
            }
            Ok(millis)
        });
        let posted = (0..load.len()).try_for_each(|n| {
            sleep(due(n).saturating_duration_since(Instant::now()));
            posting.post(load, n)
        });
        done.store(true, Ordering::Relaxed);
        let millis = reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        posted?;
        let share = (own_cpu()? - cpu) / begun.elapsed().as_secs_f64();
        Ok(Latencies { millis: millis?, own_cpu_share: share })
    })
}
