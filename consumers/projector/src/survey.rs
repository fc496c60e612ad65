//! The generations of the views seen from outside: who fills each, how far it is, and how quickly it moves.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use event_log::{GroupOffsets, Isolation, Offsets, TopicPartition};
use serde::Serialize;
use shipment_events::Timestamp;
use view_store::Generations;

use crate::live::group_of;
use crate::{Error, Projector};

/// How long a question about offsets may take.
const ASK: Duration = Duration::from_secs(5);
/// Rates are those of so long.
const RATE_OVER: Duration = Duration::from_secs(20);

/// What there is, as it stands.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Surveyed {
    /// Each generation, the one that is read first.
    pub generations: Vec<GenerationSeen>,
    /// Since when that one is read, in milliseconds since 1970.
    pub live_since: i64,
    /// What was said when it became so.
    pub note: String,
    /// Whether somebody holds the lock: a rebuild, a flip back or a drop is under way, here or elsewhere.
    pub locked: bool,
}

/// What a generation is there for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// It is read.
    Live,
    /// It was read before; one can go back to it.
    Previous,
    /// A rebuild fills it, or was interrupted while it did.
    Building,
}

/// One generation.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct GenerationSeen {
    /// Its number.
    pub generation: u32,
    /// What it is there for.
    pub part: Part,
    /// The consumer group of the projectors that fill it.
    pub group: String,
    /// How many members that has.
    pub members: usize,
    /// Each partition of the events.
    pub partitions: Vec<PartitionSeen>,
    /// Offsets a second over the last seconds; nothing before the second look.
    pub rate: Option<f64>,
}

/// How far a generation is in one partition.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct PartitionSeen {
    /// The partition.
    pub partition: i32,
    /// The offset to go on from; nothing if it hasn't begun.
    pub position: Option<i64>,
    /// One past the last offset.
    pub end: i64,
    /// Offsets not dealt with yet; marks of transactions count, so that it need not reach 0.
    pub lag: i64,
}

impl GenerationSeen {
    /// Over all partitions.
    pub fn lag(&self) -> i64 {
        self.partitions.iter().map(|partition| partition.lag).sum()
    }
}

/// Looks at the generations again and again; keeps its clients, and what it saw last.
pub struct Survey {
    projector: Projector,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    ends: Option<Arc<Offsets>>,
    groups: BTreeMap<String, Arc<GroupOffsets>>,
    rates: BTreeMap<u32, VecDeque<(Instant, i64)>>,
}

impl Survey {
    /// Of the installation that the projector is connected to.
    pub fn of(projector: Projector) -> Self {
        Self { projector, kept: Mutex::default() }
    }

    /// How things stand now.
    ///
    /// # Errors
    /// When the database or Kafka is away.
    pub async fn look(&self) -> Result<Surveyed, Error> {
        let generations = self.projector.store.generations().await?;
        let topic = self.projector.topics.events.clone();
        let lock_group = format!("{}.rebuild", self.projector.base_group);
        self.kept().retain(&self.projector.base_group, &lock_group, &parts(&generations));
        let lock = self.group(&lock_group)?;
        let ends = self.ends()?;
        let asked = topic.clone();
        let (ends, locked) = tokio::task::spawn_blocking(move || {
            let count = ends.partition_count(&asked)?.unwrap_or(0);
            Ok::<_, event_log::Error>((ends.watermarks(&asked, 0..count)?, lock.members()? > 0))
        })
        .await??;
        let mut seen = Vec::new();
        for (generation, part) in parts(&generations) {
            let name = group_of(&self.projector.base_group, generation);
            let group = self.group(&name)?;
            let partitions: Vec<_> = ends.keys().map(|p| TopicPartition::new(topic.clone(), *p)).collect();
            let asking = tokio::task::spawn_blocking(move || {
                Ok::<_, event_log::Error>((group.committed(&partitions)?, group.members()?))
            });
            let (committed, members) = asking.await??;
            let mut positions: BTreeMap<i32, i64> =
                committed.into_iter().filter_map(|(at, offset)| Some((at.partition, offset?))).collect();
            if part == Part::Building {
                positions = self.projector.store.positions(generation, &topic).await?;
            }
            let partitions: Vec<_> = ends
                .iter()
                .map(|(partition, marks)| {
                    let position = positions.get(partition).copied();
                    let lag = marks.high - position.unwrap_or(marks.low).max(marks.low);
                    PartitionSeen { partition: *partition, position, end: marks.high, lag: lag.max(0) }
                })
                .collect();
            let rate = self.kept().rate(generation, Instant::now(), positions.values().sum());
            seen.push(GenerationSeen { generation, part, group: name, members, partitions, rate });
        }
        let Generations { since, note, .. } = generations;
        Ok(Surveyed { generations: seen, live_since: Timestamp::as_millis(since), note, locked })
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ends(&self) -> Result<Arc<Offsets>, event_log::Error> {
        let mut kept = self.kept();
        if let Some(ends) = &kept.ends {
            return Ok(Arc::clone(ends));
        }
        let ends = Arc::new(Offsets::new(&self.projector.kafka, Isolation::Committed, ASK)?);
        Ok(Arc::clone(kept.ends.insert(ends)))
    }

    fn group(&self, name: &str) -> Result<Arc<GroupOffsets>, event_log::Error> {
        let mut kept = self.kept();
        if let Some(group) = kept.groups.get(name) {
            return Ok(Arc::clone(group));
        }
        let group = Arc::new(GroupOffsets::new(&self.projector.kafka, name, ASK)?);
        kept.groups.insert(name.to_owned(), Arc::clone(&group));
        Ok(group)
    }
}

impl Kept {
    /// Lets go of what belongs to generations that are gone.
    fn retain(&mut self, base: &str, lock: &str, parts: &[(u32, Part)]) {
        self.rates.retain(|generation, _| parts.iter().any(|(there, _)| there == generation));
        let is_there = |name: &str| parts.iter().any(|(there, _)| group_of(base, *there) == name);
        self.groups.retain(|name, _| name == lock || is_there(name));
    }

    fn rate(&mut self, generation: u32, now: Instant, position: i64) -> Option<f64> {
        let seen = self.rates.entry(generation).or_default();
        // A generation of that number may have been dropped and made anew; or nobody has looked for long.
        let is_of_old = |(at, last): &(Instant, i64)| *last > position || now.duration_since(*at) > RATE_OVER;
        if seen.back().is_some_and(is_of_old) {
            seen.clear();
        }
        seen.push_back((now, position));
        while seen.len() > 2 && now.duration_since(seen[0].0) > RATE_OVER {
            seen.pop_front();
        }
        let (first, last) = (seen.front()?, seen.back()?);
        let seconds = last.0.duration_since(first.0).as_secs_f64();
        (seconds > 0.0).then(|| (last.1 - first.1) as f64 / seconds)
    }
}

fn parts(generations: &Generations) -> Vec<(u32, Part)> {
    let all = [
        (Some(generations.live), Part::Live),
        (generations.building, Part::Building),
        (generations.previous, Part::Previous),
    ];
    all.into_iter().filter_map(|(generation, part)| Some((generation?, part))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_that_of_the_last_seconds() {
        let (mut kept, start) = (Kept::default(), Instant::now());
        assert_eq!(kept.rate(1, start, 100), None);
        for second in 1..60 {
            let speed = if second < 30 { 10 } else { 100 };
            let at = if second < 30 { 100 + second * speed } else { 400 + (second - 30) * speed };
            kept.rate(1, start + Duration::from_secs(second as u64), at);
        }
        let rate = kept.rate(1, start + Duration::from_secs(60), 3_400).unwrap();
        assert!((rate - 100.0).abs() < 1e-6, "{rate}");
        assert_eq!(kept.rate(1, start + Duration::from_secs(61), 5), None, "made anew");
        assert_eq!(kept.rate(2, start, 5), None);
    }

    #[test]
    fn a_look_long_ago_tells_no_rate() {
        let (mut kept, start) = (Kept::default(), Instant::now());
        kept.rate(1, start, 100);
        let later = start + Duration::from_secs(3_600);
        assert_eq!(kept.rate(1, later, 7_300), None);
        assert_eq!(kept.rate(1, later + Duration::from_secs(2), 7_500), Some(100.0));
    }

    #[test]
    fn generations_that_are_gone_are_let_go_of() {
        let mut kept = Kept::default();
        for generation in 1..=3 {
            kept.rate(generation, Instant::now(), 0);
        }
        kept.retain("base", "base.rebuild", &[(3, Part::Live), (2, Part::Previous)]);
        assert_eq!(kept.rates.keys().copied().collect::<Vec<_>>(), [2, 3]);
    }
}
