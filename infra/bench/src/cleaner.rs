//! What compaction costs the broker: how many bytes its log cleaner writes for each that is appended to the snapshots.

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::drain;
use crate::ground::Ground;
use crate::handled::Handled;
use crate::load::{COMMANDS_PER_SHIPMENT, Load};
use crate::measure::{Found, Terms, bar};
use crate::posting::Posting;
use crate::rounds::Side;
use crate::row::Row;
use crate::sizes::Sizes;
use crate::stats::Spread;

/// Shipments, each of which is changed six times.
const SHIPMENTS: u64 = 60_000;

/// Commands a second: so that the cleaner, which looks every 15 s, meets several states of the log.
const RATE: u64 = 6_000;

/// A segment is cleaned once it is closed: with those of production there would be nothing to see for hours.
const SEGMENT_BYTES: &str = "1048576";

pub(crate) async fn measure(ground: &Ground, _: Terms) -> Result<Found> {
    let progress = bar("cleaner", 1);
    let world = ground.world_with("cleaner", &[("segment.bytes", SEGMENT_BYTES)]).await?;
    let mut handler = drain::start(&world, Side::Ours, Sizes::default()).await?;
    let load = Load::new(world.command_encoder().await?, 1, SHIPMENTS);
    let total = load.len();
    let posting = Posting::new(&world, Duration::from_millis(5))?;
    let posted = tokio::task::spawn_blocking(move || {
        let begun = std::time::Instant::now();
        for n in 0..load.len() {
            if n % 100 == 0 {
                let due = begun + Duration::from_secs_f64(n as f64 / RATE as f64);
                std::thread::sleep(due.saturating_duration_since(std::time::Instant::now()));
            }
            posting.post(&load, n)?;
        }
        posting.flush()
    });
    posted.await??;
    Handled::watch(&world)?.until(&mut handler, total as i64).await?;
    handler.stop().await;
    // Once more, for what was closed last.
    tokio::time::sleep(Duration::from_secs(16)).await;
    let log = std::fs::read_to_string(ground.broker_log()).context("reading the broker's log")?;
    let cleaned = Cleaned::of(&log, &world.topics.snapshots);
    world.end().await?;
    progress.finish_and_clear();

    ensure!(cleaned.passes > 0 && cleaned.appended_mb > 0.0, "the log cleaner has done nothing");
    let factor = cleaned.written_mb / cleaned.appended_mb;
    let spread = Spread { median: factor, min: factor, max: factor };
    let row =
        Row::new("bytes that the log cleaner writes for each byte of snapshots appended", "B", spread, 1);
    let note = format!(
        "{:.0} MB of closed segments in {} passes, each key written {} times; segments of 1 MB",
        cleaned.appended_mb, cleaned.passes, COMMANDS_PER_SHIPMENT
    );
    Ok(Found { rows: vec![row.with_note(note)], charts: Vec::new() })
}

/// What the cleaner did with a topic, as the broker's log tells it.
#[derive(Default, Debug)]
struct Cleaned {
    passes: usize,
    /// What was read to know the latest of each key: the part that no pass had seen before.
    appended_mb: f64,
    /// What was left, and written anew, earlier segments among it.
    written_mb: f64,
}

impl Cleaned {
    fn of(log: &str, topic: &str) -> Self {
        let mut cleaned = Self::default();
        let mut ours = false;
        for line in log.lines() {
            if let Some((_, name)) = line.split_once("cleaned log ") {
                ours = name.starts_with(topic);
                cleaned.passes += usize::from(ours);
            }
            let megabytes = |begin: &str| {
                let rest = line.trim_start().strip_prefix(begin)?;
                rest.split_once(" MB")?.0.replace(',', "").parse::<f64>().ok()
            };
            if ours {
                cleaned.appended_mb += megabytes("Indexed ").unwrap_or(0.0);
                cleaned.written_mb += megabytes("End size: ").unwrap_or(0.0);
            }
        }
        cleaned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_passes_over_the_topic_count() {
        let pass = |topic: &str, indexed: &str, end: &str| {
            format!(
                "2026-11-26 INFO \n\tLog cleaner thread 0 cleaned log {topic}-3 (dirty section = [0, 99])\n\t8.0 MB of log \
                 processed in 0.1 seconds (80.0 MB/sec).\n\tIndexed {indexed} MB in 0.0 seconds (1 Mb/sec, 1% of total time)\n\
                 \tStart size: 9.0 MB (100 messages)\n\tEnd size: {end} MB (10 messages)\n"
            )
        };
        let log = [
            pass("a.snapshots", "4.0", "1.5"),
            pass("b", "7.0", "7.0"),
            pass("a.snapshots", "1,000.0", "2.5"),
        ];
        let cleaned = Cleaned::of(&log.concat(), "a.snapshots");
        assert_eq!(cleaned.passes, 2);
        assert!((cleaned.appended_mb - 1004.0).abs() < 1e-9 && (cleaned.written_mb - 4.0).abs() < 1e-9);
    }
}
