//! How a verification goes.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What is being done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// Topics, tables and dead letters are looked at.
    SetUp,
    /// A partition of the log is read.
    Reading(i32),
    /// Its shipments are compared.
    Comparing(i32),
    /// The tables are read from end to end.
    Scanning,
    /// What seemed wrong is looked at again.
    LookingAgain,
    /// Rows are written anew.
    Repairing,
}

impl Stage {
    /// What is counted in this stage.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::SetUp | Self::Reading(_) => "records",
            Self::Comparing(_) | Self::LookingAgain | Self::Repairing => "shipments",
            Self::Scanning => "rows",
        }
    }
}

/// How far it has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// How much of all is done, from 0 to 1, as far as it can be told.
    pub part: f64,
    /// How many of the stage's units a second.
    pub rate: f64,
    /// How long it will still take, once that can be told.
    pub left: Option<Duration>,
}

/// Counts. Clones share it.
#[derive(Clone)]
pub(crate) struct Meter {
    inner: Arc<Inner>,
}

struct Inner {
    begun: Instant,
    counted: AtomicU64,
    state: Mutex<State>,
}

struct State {
    stage: Stage,
    /// How much of the whole was done before this stage, how much this stage is, and how many units make it up.
    before: f64,
    share: f64,
    units: u64,
    counts: VecDeque<(Instant, u64)>,
}

impl Meter {
    pub(crate) fn new() -> Self {
        let state = State { stage: Stage::SetUp, before: 0.0, share: 0.0, units: 1, counts: VecDeque::new() };
        let inner = Inner { begun: Instant::now(), counted: AtomicU64::new(0), state: Mutex::new(state) };
        Self { inner: Arc::new(inner) }
    }

    /// A stage begins, which is this share of the whole and has so many units.
    pub(crate) fn begin(&self, stage: Stage, share: f64, units: u64) {
        let mut now = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        now.before += now.share;
        (now.stage, now.share, now.units) = (stage, share, units.max(1));
        now.counts.clear();
        self.inner.counted.store(0, Ordering::Relaxed);
    }

    pub(crate) fn count(&self, units: u64) {
        self.inner.counted.fetch_add(units, Ordering::Relaxed);
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.inner.begun.elapsed()
    }

    /// To be asked some times a second.
    pub(crate) fn progress(&self) -> Progress {
        let mut state = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (now, counted) = (Instant::now(), self.inner.counted.load(Ordering::Relaxed));
        state.counts.push_back((now, counted));
        while state.counts.len() > 2 && now.duration_since(state.counts[0].0) > Duration::from_secs(10) {
            state.counts.pop_front();
        }
        let (from, first) = state.counts[0];
        let seconds = now.duration_since(from).as_secs_f64();
        let rate = if seconds > 0.0 { (counted - first) as f64 / seconds } else { 0.0 };
        let of_stage = (counted as f64 / state.units as f64).min(1.0);
        let part = (state.before + state.share * of_stage).min(1.0);
        Progress { stage: state.stage, part, rate, left: left(self.elapsed(), part) }
    }
}

/// From how long the part done took. Told once that is a fair guess.
fn left(elapsed: Duration, part: f64) -> Option<Duration> {
    let fair = part > 0.02 && elapsed > Duration::from_secs(2);
    fair.then(|| elapsed.mul_f64((1.0 - part) / part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_add_up_and_the_time_left_follows() {
        let meter = Meter::new();
        meter.begin(Stage::Reading(0), 0.25, 100);
        meter.count(50);
        assert!((meter.progress().part - 0.125).abs() < 1e-9);
        meter.begin(Stage::Comparing(0), 0.5, 10);
        assert!((meter.progress().part - 0.25).abs() < 1e-9);
        meter.count(20);
        let progress = meter.progress();
        assert!((progress.part - 0.75).abs() < 1e-9 && progress.stage == Stage::Comparing(0));
        assert_eq!(left(Duration::from_secs(30), 0.5), Some(Duration::from_secs(30)));
        assert_eq!(left(Duration::from_secs(30), 0.0), None);
    }
}
