//! How a rebuild goes, for whoever watches.

use std::time::{Duration, Instant};

use serde::Serialize;
use tokio_util::sync::CancellationToken;
use view_store::Writer;

use super::lane::Shared;

const TELL: Duration = Duration::from_millis(200);

/// What a rebuild is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Reading what there is.
    Filling,
    /// Making the new generation live.
    Flipping,
    /// Writing on until the projectors do.
    HandingOver,
}

/// How far a rebuild has come.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct RebuildProgress {
    /// The generation being filled.
    pub generation: u32,
    /// What it is doing.
    pub stage: Stage,
    /// Offsets dealt with, those of earlier runs included.
    pub done: u64,
    /// Offsets that there are.
    pub total: u64,
    /// Events written by this run.
    pub events: u64,
    /// For how long this run has been at it.
    pub elapsed: Duration,
    /// Events a second, over the last seconds.
    pub rate: f64,
    /// How long it will take yet, at that rate; nothing while there is none.
    pub left: Option<Duration>,
    /// How many requests the database had to be sent again: it is away, or can't keep up.
    pub retries: u64,
}

impl RebuildProgress {
    /// Of a hundred.
    pub fn percent(&self) -> f64 {
        if self.total == 0 { 100.0 } else { 100.0 * self.done.min(self.total) as f64 / self.total as f64 }
    }
}

pub(super) async fn keep_telling(
    begun: Instant,
    generation: u32,
    shared: &Shared,
    writer: &Writer,
    tell: &(impl Fn(&RebuildProgress) + Send + Sync),
    stop: &CancellationToken,
) {
    let mut rates = Rates::default();
    loop {
        let (done, total) = shared.done_and_total();
        let events = shared.events();
        rates.add(Instant::now(), events, done);
        tell(&RebuildProgress {
            generation,
            stage: shared.stage(),
            done,
            total,
            events,
            elapsed: begun.elapsed(),
            rate: rates.events(),
            left: rates.left(total.saturating_sub(done)),
            retries: writer.requests_and_retries().1,
        });
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(TELL) => {}
        }
    }
}

/// The rates over the last ten seconds.
#[derive(Default)]
struct Rates {
    seen: std::collections::VecDeque<(Instant, u64, u64)>,
}

impl Rates {
    fn add(&mut self, at: Instant, events: u64, offsets: u64) {
        self.seen.push_back((at, events, offsets));
        while self.seen.len() > 2 && at.duration_since(self.seen[0].0) > Duration::from_secs(10) {
            self.seen.pop_front();
        }
    }

    fn over(&self, of: impl Fn(&(Instant, u64, u64)) -> u64) -> f64 {
        let (Some(first), Some(last)) = (self.seen.front(), self.seen.back()) else { return 0.0 };
        let seconds = last.0.duration_since(first.0).as_secs_f64();
        if seconds > 0.0 { of(last).saturating_sub(of(first)) as f64 / seconds } else { 0.0 }
    }

    fn events(&self) -> f64 {
        self.over(|seen| seen.1)
    }

    fn left(&self, offsets: u64) -> Option<Duration> {
        let rate = self.over(|seen| seen.2);
        (rate > 0.0).then(|| Duration::try_from_secs_f64(offsets as f64 / rate).ok()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_follows_from_the_last_seconds() {
        let (mut rates, start) = (Rates::default(), Instant::now());
        assert_eq!(rates.left(10), None);
        for second in 0..60 {
            rates.add(start + Duration::from_secs(second), second * 100, second * 200);
        }
        assert!((rates.events() - 100.0).abs() < 1e-6);
        assert_eq!(rates.left(1000), Some(Duration::from_secs(5)));
        assert!(rates.seen.len() <= 12);
    }
}
