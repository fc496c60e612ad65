//! How far behind, and whether that is ready.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use event_log::{GroupOffsets, Isolation, Offsets, TopicPartition};
use shipment_events::Timestamp;
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
                    Ok(ends) => {
                        conditions.kafka.met();
                        facts::set(facts::PARTITIONS, facts::partitions(ends.keys().copied()));
                        lags = since_when(ends, &lags, &state, now().as_millis());
                        facts::set(facts::LAG, records_behind(&state, &lags).to_string());
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
    /// One past the last offset.
    end: i64,
    /// An end that was met and isn't the end any more, and since when, in milliseconds.
    outdated: Option<(i64, i64)>,
}

impl Lag {
    /// Offsets not dealt with yet. Behind the last event there are the marks of transactions, which are never handed out: what lies before
    /// an end that was met is dealt with.
    fn records(&self, standing: &Standing) -> i64 {
        (self.end - standing.ended_at.unwrap_or(self.next)).max(0)
    }
}

/// Notes since when there is more behind the ends that were met: how old that is nobody knows who hasn't read it.
fn since_when(
    mut lags: BTreeMap<i32, Lag>,
    before: &BTreeMap<i32, Lag>,
    state: &State,
    now: i64,
) -> BTreeMap<i32, Lag> {
    for (partition, lag) in &mut lags {
        let Some(standing) = state.partitions.get(partition) else { continue };
        let Some(met) = standing.ended_at.filter(|_| lag.records(standing) > 0) else { continue };
        let noted = before.get(partition).and_then(|lag| lag.outdated);
        lag.outdated = noted.filter(|(end, _)| *end == met).or(Some((met, now)));
    }
    lags
}

fn records_behind(state: &State, lags: &BTreeMap<i32, Lag>) -> i64 {
    let known =
        state.partitions.iter().filter_map(|(partition, standing)| Some((standing, lags.get(partition)?)));
    known.map(|(standing, lag)| lag.records(standing)).sum()
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
        let unread =
            standings.iter().filter(|(_, standing)| standing.next.is_none() && standing.ended_at.is_none());
        let unread: Vec<_> =
            unread.map(|(partition, _)| TopicPartition::new(self.topic.clone(), *partition)).collect();
        let committed = self.group.committed(&unread)?;
        let committed: BTreeMap<i32, Option<i64>> =
            committed.into_iter().map(|(at, offset)| (at.partition, offset)).collect();
        let lag = |(partition, standing): (&i32, &Standing)| {
            let end = ends.get(partition)?;
            let from = standing.next.or(standing.ended_at);
            let from = from.or_else(|| committed.get(partition).copied().flatten());
            let next = from.unwrap_or(end.low).max(end.low);
            Some((*partition, Lag { next, end: end.high, outdated: None }))
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
            let records = lag.map_or(0, |lag| lag.records(standing));
            metrics::LAG.with_label_values(&[&partition]).set(records);
            metrics::LAG_TIME.with_label_values(&[&partition]).set(standing.seconds_behind(lag, now()));
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
    fn seconds_behind(&self, lag: Option<&Lag>, now: Timestamp) -> f64 {
        // Since it was noted, more may have been read.
        let outdated = lag.and_then(|lag| lag.outdated).filter(|(end, _)| self.ended_at == Some(*end));
        let from = self.behind_from.or(outdated.map(|(_, since)| since));
        from.map_or(0.0, |at| (now.as_millis() - at).max(0) as f64 / 1_000.0)
    }
}

fn watch_lag(state: &State, lags: &BTreeMap<i32, Lag>, conditions: &Conditions) {
    let (records, now) = (records_behind(state, lags), now());
    let behind = |(partition, standing): (&i32, &Standing)| standing.seconds_behind(lags.get(partition), now);
    let seconds = state.partitions.iter().map(behind).fold(0.0, f64::max);
    let unread = state.partitions.values().filter(|standing| !standing.reached_end).count();
    if !state.joined {
        conditions.caught_up.unmet("the consumer group has assigned no partitions yet");
    } else if unread > 0 {
        conditions
            .caught_up
            .unmet(format!("{unread} partitions not read to their end yet, {records} records to go"));
    } else {
        let tolerable = seconds < TOLERABLE_LAG.as_secs_f64();
        conditions.caught_up.set(tolerable, format!("{records} records, {seconds:.0} s behind"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_end(offset: i64) -> Standing {
        Standing { next: Some(7), ended_at: Some(offset), reached_end: true, behind_from: None }
    }

    fn state(standing: Standing) -> State {
        State { joined: true, partitions: [(3, standing)].into(), busy_since: None }
    }

    fn measured(end: i64) -> BTreeMap<i32, Lag> {
        [(3, Lag { next: 7, end, outdated: None })].into()
    }

    fn seconds(standing: Standing, lags: &BTreeMap<i32, Lag>, now: i64) -> f64 {
        standing.seconds_behind(lags.get(&3), Timestamp::from_millis(now))
    }

    #[test]
    fn an_end_that_was_met_counts_until_there_is_more_behind_it() {
        let marks = state(at_end(9));
        let lags = since_when(measured(9), &BTreeMap::new(), &marks, 1_000);
        assert_eq!((records_behind(&marks, &lags), lags[&3].outdated), (0, None));
        assert!(seconds(at_end(9), &lags, 60_000) < 0.1);

        let lags = since_when(measured(20), &lags, &marks, 2_000);
        let lags = since_when(measured(30), &lags, &marks, 7_000);
        assert_eq!(records_behind(&marks, &lags), 21);
        assert!((seconds(at_end(9), &lags, 62_000) - 60.0).abs() < 0.1, "since it was seen first");

        // It is read after all.
        let read = state(at_end(30));
        assert_eq!(records_behind(&read, &lags), 0);
        assert!(seconds(at_end(30), &lags, 62_000) < 0.1);
        let lags = since_when(measured(31), &lags, &read, 63_000);
        assert_eq!(lags[&3].outdated, Some((30, 63_000)));
    }
}
