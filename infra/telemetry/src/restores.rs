//! How far a role is with reading its state back, for `/readyz`, `/startupz` and the log.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

/// Between two log lines about the same partition.
const TELL: Duration = Duration::from_secs(5);

static UNDER_WAY: Mutex<BTreeMap<i32, UnderWay>> = Mutex::new(BTreeMap::new());

struct UnderWay {
    began: Instant,
    first: i64,
    at: i64,
    end: i64,
    told: Instant,
}

/// One partition that is being restored.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Restoring {
    /// Its number.
    pub partition: i32,
    /// Offsets that are read.
    pub done: i64,
    /// Offsets there are to read. Transactions' markers take some of them, too.
    pub total: i64,
    /// How much of it that is, from 0 to 100.
    pub percent: f64,
    /// Seconds that the rest will take if it goes on like this; none before anything is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds_left: Option<f64>,
}

/// A partition stands at this offset on its way to `end`. The first time says where it began.
pub fn at(partition: i32, at: i64, end: i64) {
    let now = Instant::now();
    let mut under_way = under_way();
    let first = || UnderWay { began: now, first: at, at, end, told: now };
    let of = under_way.entry(partition).or_insert_with(first);
    if at < of.first {
        *of = first();
    }
    (of.at, of.end) = (at, end);
    if now.duration_since(of.told) < TELL {
        return;
    }
    of.told = now;
    let Restoring { done, total, percent, seconds_left, .. } = of.shown(partition, now);
    drop(under_way);
    tracing::info!(partition, done, total, percent, seconds_left, "restoring");
}

/// It is read to its end, or is somebody else's.
pub fn done(partition: i32) {
    let Some(of) = under_way().remove(&partition) else { return };
    if of.at == of.first {
        return;
    }
    let elapsed_ms = u64::try_from(of.began.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(partition, done = of.at - of.first, elapsed_ms, "no longer restoring");
}

/// Whatever is being restored now.
pub fn all() -> Vec<Restoring> {
    let now = Instant::now();
    under_way().iter().map(|(partition, of)| of.shown(*partition, now)).collect()
}

impl UnderWay {
    fn shown(&self, partition: i32, now: Instant) -> Restoring {
        let (done, total) = (self.at - self.first, (self.end - self.first).max(0));
        let share = if total == 0 { 1.0 } else { done as f64 / total as f64 };
        let took = now.duration_since(self.began).as_secs_f64();
        let rounded = |number: f64| (number * 10.0).round() / 10.0;
        Restoring {
            partition,
            done,
            total,
            percent: rounded(share.min(1.0) * 100.0),
            seconds_left: (done > 0).then(|| rounded((took / share - took).max(0.0))),
        }
    }
}

fn under_way() -> MutexGuard<'static, BTreeMap<i32, UnderWay>> {
    UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_follows_from_how_it_went_so_far() {
        let began = Instant::now();
        let of = UnderWay { began, first: 100, at: 350, end: 1_100, told: began };
        let shown = of.shown(3, began + Duration::from_secs(5));
        let expected =
            Restoring { partition: 3, done: 250, total: 1_000, percent: 25.0, seconds_left: Some(15.0) };
        assert_eq!(shown, expected);
        let first = UnderWay { at: 100, ..of };
        assert_eq!(first.shown(3, began).seconds_left, None);
    }

    #[test]
    fn it_is_shown_while_it_lasts() {
        at(7_001, 10, 20);
        at(7_001, 15, 20);
        let shown = || all().into_iter().find(|of| of.partition == 7_001);
        assert_eq!(shown().map(|of| (of.done, of.total, of.percent)), Some((5, 10, 50.0)));
        done(7_001);
        assert_eq!(shown(), None);
    }
}
