//! Live streams held at once by one query API: how many, what each takes, and how late a change comes.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::task::JoinSet;

use crate::drain;
use crate::ground::Ground;
use crate::http::Connection;
use crate::measure::{Found, Terms, bar};
use crate::parcels::{Parcels, scan};
use crate::process::Running;
use crate::rounds::Side;
use crate::row::{Bar, Row};
use crate::sizes::Sizes;
use crate::stats::{Spread, quantile};
use crate::usage::own_cpu;

mod watchers;

use watchers::Watchers;

/// Streams wanted at once, one step after the other; the first is what has to be held.
const STEPS: [usize; 4] = [2_000, 5_000, 10_000, 50_000];

/// All streams together watch these.
const PARCELS: Parcels = Parcels { count: 500, family: 0x5714_ea35_5714_ea35 };

/// Scans a second, one for each shipment in a round.
const RATE: u64 = 50;

/// Connections that post.
const POSTING: u64 = 10;

/// Nobody is turned away by a setting; how many files may be open decides.
const WIDE: &str = "query_api.sse_max_clients=1000000";

pub(crate) async fn measure(ground: &mut Ground, terms: Terms) -> Result<Found> {
    ground.start_database().await?;
    let rounds = terms.rounds(2);
    let progress = bar("streams", STEPS.len() * rounds);
    let world = ground.world("streams").await?;
    world.apply().await?;
    let handler = drain::start(&world, Side::Ours, Sizes::default()).await?;
    let projector = world.run("projector").await?;
    let (commands, command_port) = world.run_api("command-api").await?;
    let (queries, query_port) = world.run_api_with("query-api", &[WIDE.to_owned()]).await?;
    PARCELS.register(command_port).await?;

    let mut watchers =
        Watchers::new(query_port, (0..PARCELS.count).map(|shipment| PARCELS.path(shipment)).collect());
    let mut version = 1;
    // The first round warms everything up.
    watchers.grow(PARCELS.count as usize).await;
    round(&mut watchers, command_port, &mut version).await?;
    let mut steps = Vec::new();
    for wanted in STEPS {
        progress.set_message(format!("{wanted} streams"));
        watchers.grow(wanted).await;
        let mut step = Step::of(watchers.held(), &queries)?;
        for _ in 0..rounds {
            step.add(round(&mut watchers, command_port, &mut version).await?);
            progress.inc(1);
        }
        step.held = watchers.held();
        let is_last = step.held < wanted;
        steps.push(step);
        if is_last {
            break;
        }
    }
    progress.finish_and_clear();
    let ended_by = watchers.refused().unwrap_or_else(|| "none was refused".to_owned());
    drop(watchers);
    for running in [queries, commands, projector, handler] {
        running.stop().await;
    }
    world.end().await?;
    found(&steps, &ended_by)
}

/// What so many streams at once took.
struct Step {
    held: usize,
    resident_bytes: u64,
    /// Of each round.
    p50: Vec<f64>,
    p99: Vec<f64>,
    own_cpu: f64,
}

/// What one round gave.
struct Pushed {
    millis: Vec<f64>,
    own_cpu: f64,
}

impl Step {
    fn of(held: usize, queries: &Running) -> Result<Self> {
        let resident_bytes = queries.usage()?.resident_bytes;
        Ok(Self { held, resident_bytes, p50: Vec::new(), p99: Vec::new(), own_cpu: 0.0 })
    }

    fn add(&mut self, mut pushed: Pushed) {
        pushed.millis.sort_by(f64::total_cmp);
        self.p50.extend(quantile(&pushed.millis, 0.5));
        self.p99.extend(quantile(&pushed.millis, 0.99));
        self.own_cpu = self.own_cpu.max(pushed.own_cpu);
    }
}

fn found(steps: &[Step], ended_by: &str) -> Result<Found> {
    let (first, last) = (steps.first().context("no step")?, steps.last().context("no step")?);
    let single = |value| Spread { median: value, min: value, max: value };
    let what = "live streams held at once by one query API";
    let note = format!("each was sent every change; the next one: {ended_by}");
    let held = Row::new(what, "streams", single(last.held as f64), 1);
    let mut rows = vec![held.held_to(Some(Bar::AtLeast(STEPS[0] as f64))).with_note(note)];
    if last.held > first.held {
        let bytes = last.resident_bytes.saturating_sub(first.resident_bytes) as f64;
        let each = single(bytes / (last.held - first.held) as f64 / 1e3);
        let note = format!("of the process, from {} to {} streams", first.held, last.held);
        rows.push(Row::new("memory for one more live stream", "kB", each, 1).with_note(note));
    }
    for step in steps {
        let note = format!(
            "{} pushes a second; the generator itself took {:.0} % of a core",
            step.held as u64 * RATE / PARCELS.count,
            step.own_cpu * 100.0
        );
        for (name, values) in [("p50", &step.p50), ("p99", &step.p99)] {
            let bench = format!("scan posted to pushed to all who watch, {} streams, {name}", step.held);
            let spread = Spread::of(values).context("no round")?;
            rows.push(Row::new(&bench, "ms", spread, values.len()).with_note(note.clone()));
        }
    }
    Ok(Found { rows, charts: Vec::new() })
}

/// Scans every shipment once, and waits until each stream has seen its own.
async fn round(watchers: &mut Watchers, command_port: u16, version: &mut i64) -> Result<Pushed> {
    *version += 1;
    let (wanted, cpu) = (*version, own_cpu()?);
    let begun = Instant::now() + Duration::from_millis(200);
    let due = move |shipment: u64| begun + Duration::from_secs_f64(shipment as f64 / RATE as f64);
    let mut posting = JoinSet::new();
    for first in 0..POSTING {
        posting.spawn(async move {
            let mut connection = Connection::open(command_port).await?;
            for shipment in (first..PARCELS.count).step_by(POSTING as usize) {
                tokio::time::sleep_until(due(shipment).into()).await;
                let scan = scan(wanted * 60_000, &format!("round-{wanted}"));
                let (status, _) = connection.post(&PARCELS.scans(shipment), scan).await?;
                ensure!(status == 201, "a scan is answered {status}");
            }
            Ok(())
        });
    }
    let seen = watchers.all_see(wanted).await?;
    while let Some(done) = posting.join_next().await {
        done??;
    }
    let own_cpu = (own_cpu()? - cpu) / begun.elapsed().as_secs_f64();
    let late =
        |(shipment, at): &(usize, Instant)| at.duration_since(due(*shipment as u64)).as_secs_f64() * 1e3;
    Ok(Pushed { millis: seen.iter().map(late).collect(), own_cpu })
}
