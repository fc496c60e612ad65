//! How far behind the process is, as metrics: in commands, and in seconds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use event_log::{GroupOffsets, Isolation, Kafka, Offsets, TopicPartition};
use telemetry::chain;
use tokio_util::sync::CancellationToken;

use crate::standing::{Standing, Standings};
use crate::worker::past_control_records;
use crate::{clock, metrics};

/// Between two measurements.
const EVERY: Duration = Duration::from_secs(5);
/// Between two looks whether to end.
const LOOK: Duration = Duration::from_millis(200);
/// How long one question may take.
const ASK: Duration = Duration::from_secs(5);

/// Measures, on a thread of its own.
pub(crate) struct Measuring {
    pub(crate) kafka: Kafka,
    pub(crate) group: String,
    pub(crate) commands: Arc<str>,
    pub(crate) standings: Standings,
}

/// What is remembered from one measurement to the next.
#[derive(Default)]
struct Known {
    clients: Option<(Offsets, GroupOffsets)>,
    /// Where each partition stood.
    stood: BTreeMap<i32, i64>,
    /// Up to where behind that there are only control records.
    no_command_before: BTreeMap<i32, i64>,
    shown: BTreeSet<i32>,
}

impl Measuring {
    /// Until `stop`. Blocks. While Kafka doesn't answer, the last numbers stand.
    pub(crate) fn keep_measuring(&self, stop: &CancellationToken) {
        let mut known = Known::default();
        let mut measured: Option<Instant> = None;
        while !stop.is_cancelled() {
            if measured.is_none_or(|at| at.elapsed() >= EVERY) {
                measured = Some(Instant::now());
                if let Err(error) = self.measure(&mut known) {
                    tracing::debug!(error = %chain(&error), "the lag can't be measured for now");
                }
            }
            std::thread::sleep(LOOK);
        }
        known.shown.iter().for_each(|partition| forget(*partition));
    }

    fn measure(&self, known: &mut Known) -> Result<(), event_log::Error> {
        let standings = self.standings.all();
        let next = self.next_offsets(known, &standings)?;
        let lags = self.lags(known, &standings, &next)?;
        for gone in known.shown.iter().filter(|partition| !lags.contains_key(partition)) {
            forget(*gone);
        }
        known.shown = lags.keys().copied().collect();
        for (partition, lag) in &lags {
            let label = partition.to_string();
            let seconds = standings[partition].seconds_behind(*lag, clock::now().as_millis());
            metrics::LAG.with_label_values(&[&label]).set(*lag);
            metrics::LAG_TIME.with_label_values(&[&label]).set(seconds);
            metrics::NEXT.with_label_values(&[&label]).set(next[partition]);
        }
        known.stood = next;
        Ok(())
    }

    /// Where each partition goes on: as its worker says, or as is committed until it runs.
    fn next_offsets(
        &self,
        known: &mut Known,
        standings: &BTreeMap<i32, Standing>,
    ) -> Result<BTreeMap<i32, i64>, event_log::Error> {
        let (_, group) = self.clients(known)?;
        let waiting = standings.iter().filter(|(_, standing)| standing.next.is_none());
        let waiting: Vec<_> =
            waiting.map(|(partition, _)| TopicPartition::new(self.commands.clone(), *partition)).collect();
        let committed = if waiting.is_empty() { Vec::new() } else { group.committed(&waiting)? };
        let committed = committed.into_iter().map(|(at, offset)| (at.partition, offset.unwrap_or(0)));
        let running = standings.iter().filter_map(|(partition, standing)| Some((*partition, standing.next?)));
        Ok(committed.chain(running).collect())
    }

    fn lags(
        &self,
        known: &mut Known,
        standings: &BTreeMap<i32, Standing>,
        next: &BTreeMap<i32, i64>,
    ) -> Result<BTreeMap<i32, i64>, event_log::Error> {
        let (offsets, _) = self.clients(known)?;
        let ends = offsets.watermarks(&self.commands, next.keys().copied())?;
        let mut lags: BTreeMap<i32, i64> = BTreeMap::new();
        for (partition, next) in next {
            let Some(end) = ends.get(partition) else { continue };
            let looked_to = known.no_command_before.get(partition).copied().unwrap_or(0);
            let lag = if end.high <= looked_to { 0 } else { end.high - (*next).max(end.low) };
            lags.insert(*partition, lag.max(0));
        }
        // What stands still, with nothing read of it, may be a command that doesn't come, or no command at all.
        let is_still = |partition: &i32, lag: i64| {
            lag > 0
                && known.stood.get(partition) == next.get(partition)
                && standings[partition].next.is_some()
                && standings[partition].behind_from.is_none()
        };
        let still: BTreeMap<i32, i64> = lags
            .iter()
            .filter(|(partition, lag)| is_still(partition, **lag))
            .filter_map(|(partition, _)| Some((*partition, *next.get(partition)?)))
            .collect();
        if !still.is_empty() {
            for (partition, end) in past_control_records(&self.kafka, &self.commands, &still)? {
                known.no_command_before.insert(partition, end);
                lags.insert(partition, 0);
            }
        }
        Ok(lags)
    }

    fn clients<'a>(&self, known: &'a mut Known) -> Result<&'a (Offsets, GroupOffsets), event_log::Error> {
        if known.clients.is_none() {
            let offsets = Offsets::new(&self.kafka, Isolation::Committed, ASK)?;
            known.clients = Some((offsets, GroupOffsets::new(&self.kafka, &self.group, ASK)?));
        }
        Ok(known.clients.as_ref().expect("they were just made"))
    }
}

fn forget(partition: i32) {
    let label = partition.to_string();
    // One that never had a value isn't there.
    let _ = metrics::LAG.remove_label_values(&[&label]);
    let _ = metrics::LAG_TIME.remove_label_values(&[&label]);
    let _ = metrics::NEXT.remove_label_values(&[&label]);
}
