//! How far behind, and whether that is ready.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use event_log::{GroupOffsets, Isolation, Offsets, TopicPartition};
use telemetry::{Condition, Readiness, facts};
use tokio_util::sync::CancellationToken;
use view_store::Writer;

use crate::live::group_of;
use crate::parking::now;
use crate::progress::{Progress, Standing, State};
use crate::{Error, Projector, metrics};

/// How long a question about offsets may take.
const ASK: Duration = Duration::from_secs(5);
/// Behind by less is as good as caught up: what was written a moment ago is on its way.
const TOLERABLE_LAG: Duration = Duration::from_secs(10);
/// A batch that takes longer waits for a database that is away or can't keep up.
const TOLERABLE_WRITE: Duration = Duration::from_secs(5);
/// Between two looks at the batch under way.
const LOOK: Duration = Duration::from_secs(1);

/// What must hold for the projector to be ready.
#[derive(Clone)]
pub(crate) struct Conditions {
    pub(crate) kafka: Condition,
    pub(crate) database: Condition,
    pub(crate) registry: Condition,
    pub(crate) caught_up: Condition,
}

impl Conditions {
    pub(crate) fn of(readiness: &Readiness) -> Self {
        Self {
            kafka: readiness.condition("kafka"),
            database: readiness.condition("database"),
            registry: readiness.condition("registry"),
            caught_up: readiness.condition("caught-up"),
        }
    }
}

impl Projector {
    fn lag_interval(&self) -> Duration {
        Duration::from_millis(self.settings.lag_interval_ms.now())
    }

    /// Measures the lag and sets the conditions, until `cancel`.
    pub(crate) async fn watch(
        &self,
        writer: &Writer,
        progress: &Progress,
        conditions: &Conditions,
        cancel: &CancellationToken,
    ) {
        let mut counted = (0, 0);
        let mut lags = BTreeMap::new();
        let mut shown = Shown::default();
        let mut measured: Option<tokio::time::Instant> = None;
        let mut asking = None;
        while !cancel.is_cancelled() {
            let state = progress.state();
            watch_writes(&state, conditions);
            let (requests, retries) = writer.requests_and_retries();
            metrics::REQUESTS.inc_by(requests - counted.0);
            metrics::RETRIES.inc_by(retries - counted.1);
            counted = (requests, retries);
            if measured.is_none_or(|at| at.elapsed() >= self.lag_interval()) {
                measured = Some(tokio::time::Instant::now());
                let asked = tokio::select! {
                    () = cancel.cancelled() => return,
                    asked = self.lags(&mut asking, writer.generation(), &state) => asked,
                };
                match asked {
                    Ok(now) => {
                        conditions.kafka.met();
                        facts::set(facts::PARTITIONS, facts::partitions(now.keys().copied()));
                        facts::set(facts::LAG, now.values().map(|lag| lag.records).sum::<i64>().to_string());
                        lags = now;
                    }
                    Err(error) => conditions.kafka.unmet(telemetry::chain(&error)),
                }
            }
            shown.show(&state, &lags);
            watch_lag(&state, &lags, conditions);
            tokio::select! {
                () = cancel.cancelled() => {}
                () = tokio::time::sleep(LOOK.min(self.lag_interval())) => {}
            }
        }
    }

    /// For each partition owned, how many offsets aren't dealt with yet.
    async fn lags(
        &self,
        asking: &mut Option<Arc<Asking>>,
        generation: u32,
        state: &State,
    ) -> Result<BTreeMap<i32, Lag>, Error> {
        let asking = match asking {
            Some(asking) => asking.clone(),
            none => none.insert(Arc::new(self.asking(generation)?)).clone(),
        };
        let standings = state.partitions.clone();
        let asked = tokio::task::spawn_blocking(move || asking.lags(&standings));
        Ok(asked.await??)
    }

    fn asking(&self, generation: u32) -> Result<Asking, event_log::Error> {
        Ok(Asking {
            topic: self.topics.events.clone(),
            ends: Offsets::new(&self.kafka, Isolation::Committed, ASK)?,
            group: GroupOffsets::new(&self.kafka, &group_of(&self.base_group, generation), ASK)?,
        })
    }
}

/// How far behind a partition is.
#[derive(Clone, Copy)]
struct Lag {
    /// The offset to go on from.
    next: i64,
    /// Offsets from there to the end.
    records: i64,
}

/// The clients that know where partitions end, and where the group stands.
struct Asking {
    topic: Arc<str>,
    ends: Offsets,
    group: GroupOffsets,
}

impl Asking {
    /// Blocks.
    fn lags(&self, standings: &BTreeMap<i32, Standing>) -> Result<BTreeMap<i32, Lag>, event_log::Error> {
        let ends = self.ends.watermarks(&self.topic, standings.keys().copied())?;
        let unread = standings.iter().filter(|(_, standing)| standing.next.is_none() && !standing.at_end);
        let unread: Vec<_> =
            unread.map(|(partition, _)| TopicPartition::new(self.topic.clone(), *partition)).collect();
        let committed = self.group.committed(&unread)?;
        let committed: BTreeMap<i32, Option<i64>> =
            committed.into_iter().map(|(at, offset)| (at.partition, offset)).collect();
        let lag = |(partition, standing): (&i32, &Standing)| {
            let end = ends.get(partition)?;
            let from = standing.next.or_else(|| committed.get(partition).copied().flatten());
            let next = from.unwrap_or(end.low).max(end.low);
            // Behind the last event there are the marks of transactions, which are never handed out.
            let records = if standing.at_end { 0 } else { (end.high - next).max(0) };
            Some((*partition, Lag { next, records }))
        };
        Ok(standings.iter().filter_map(lag).collect())
    }
}

fn watch_writes(state: &State, conditions: &Conditions) {
    match state.busy_since.map(|since| since.elapsed()) {
        Some(waits) if waits > TOLERABLE_WRITE => {
            let reason = format!("a batch has been waiting for the database for {} s", waits.as_secs());
            conditions.database.unmet(reason);
        }
        _ => conditions.database.met(),
    }
}

/// The partitions that the metrics show: whoever else owns one shows it.
#[derive(Default)]
struct Shown(BTreeSet<i32>);

impl Shown {
    fn show(&mut self, state: &State, lags: &BTreeMap<i32, Lag>) {
        for partition in self.0.iter().filter(|partition| !state.partitions.contains_key(partition)) {
            forget(*partition);
        }
        self.0 = state.partitions.keys().copied().collect();
        for (partition, standing) in &state.partitions {
            let (lag, partition) = (lags.get(partition), partition.to_string());
            let records = lag.filter(|_| !standing.at_end).map_or(0, |lag| lag.records);
            metrics::LAG.with_label_values(&[&partition]).set(records);
            metrics::LAG_TIME.with_label_values(&[&partition]).set(standing.seconds_behind());
            if let Some(next) = standing.next.or(lag.map(|lag| lag.next)) {
                metrics::NEXT.with_label_values(&[&partition]).set(next);
            }
        }
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.0.iter().for_each(|partition| forget(*partition));
    }
}

fn forget(partition: i32) {
    let label = partition.to_string();
    // One that never had a value isn't there.
    let _ = metrics::LAG.remove_label_values(&[&label]);
    let _ = metrics::LAG_TIME.remove_label_values(&[&label]);
    let _ = metrics::NEXT.remove_label_values(&[&label]);
}

impl Standing {
    fn seconds_behind(&self) -> f64 {
        self.behind_from.map_or(0.0, |at| (now().as_millis() - at).max(0) as f64 / 1_000.0)
    }
}

fn watch_lag(state: &State, lags: &BTreeMap<i32, Lag>, conditions: &Conditions) {
    let behind = state.partitions.iter().filter(|(_, standing)| !standing.at_end);
    let records: i64 = behind.filter_map(|(partition, _)| lags.get(partition)).map(|lag| lag.records).sum();
    let seconds = state.partitions.values().map(Standing::seconds_behind).fold(0.0, f64::max);
    let unread = state.partitions.values().filter(|standing| !standing.reached_end).count();
    if !state.joined {
        conditions.caught_up.unmet("the consumer group has assigned no partitions yet");
    } else if unread > 0 {
        conditions
            .caught_up
            .unmet(format!("{unread} partitions not read to their end yet, {records} records to go"));
    } else {
        let behind = state.partitions.values().any(|s| !s.at_end);
        let tolerable = !behind || seconds < TOLERABLE_LAG.as_secs_f64();
        conditions.caught_up.set(tolerable, format!("{records} records, {seconds:.0} s behind"));
    }
}
