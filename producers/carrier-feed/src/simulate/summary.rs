//! What a simulation came to.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::SimulateOptions;
use super::latency::{Latency, Percentiles};
use crate::tally::{Fate, Tally};

/// A command sent later than this after it was due means that the load itself fell behind.
const LATE: Duration = Duration::from_millis(100);

/// What a simulation came to, or has come to so far.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct SimulationSummary {
    /// Shipments wanted.
    pub shipments: u64,
    /// Shipments begun.
    pub shipments_begun: u64,
    /// The seed.
    pub seed: u64,
    /// Commands a second, as asked for; 0 is as fast as possible.
    pub rate_wanted: f64,
    /// Commands sent.
    pub commands: u64,
    /// Of those, how many more than 100 ms after they were due: more than a few mean that the rate is more than this
    /// machine, Kafka or the handler can take.
    pub sent_late: u64,
    /// What became of them, by kind.
    pub outcomes: BTreeMap<String, Tally>,
    /// Events that came of them.
    pub events: u64,
    /// Commands answered a second.
    pub commands_per_second: f64,
    /// Events a second.
    pub events_per_second: f64,
    /// From when a command was due until its answer was read.
    #[serde(rename = "latency")]
    pub percentiles: Percentiles,
    /// How long it took.
    pub seconds: f64,
    /// The counts behind the percentiles.
    #[serde(skip)]
    pub latency: Latency,
}

impl SimulationSummary {
    pub(super) fn new(options: &SimulateOptions) -> Self {
        Self {
            shipments: options.shipments,
            shipments_begun: 0,
            seed: options.seed,
            rate_wanted: options.rate,
            commands: 0,
            sent_late: 0,
            outcomes: BTreeMap::new(),
            events: 0,
            commands_per_second: 0.0,
            events_per_second: 0.0,
            percentiles: Percentiles::default(),
            seconds: 0.0,
            latency: Latency::default(),
        }
    }

    /// All kinds together.
    pub fn total(&self) -> Tally {
        self.outcomes.values().fold(Tally::default(), |mut total, tally| {
            total.accepted += tally.accepted;
            total.duplicate += tally.duplicate;
            total.rejected += tally.rejected;
            total.unanswered += tally.unanswered;
            for (code, n) in &tally.rejections {
                *total.rejections.entry(code.clone()).or_default() += n;
            }
            total
        })
    }

    pub(super) fn sent(&mut self, after_due: Duration) {
        self.commands += 1;
        self.sent_late += u64::from(after_due > LATE);
    }

    pub(super) fn count(&mut self, kind: &str, fate: &Fate) {
        if let Fate::Accepted(events) = fate {
            self.events += u64::from(*events);
        }
        match self.outcomes.get_mut(kind) {
            Some(tally) => tally.count(fate),
            None => self.outcomes.entry(kind.to_owned()).or_default().count(fate),
        }
    }

    pub(super) fn elapsed(&mut self, elapsed: Duration) {
        self.seconds = elapsed.as_secs_f64();
        if self.seconds > 0.0 {
            let answered: u64 = self.outcomes.values().map(Tally::total).sum();
            self.commands_per_second = answered as f64 / self.seconds;
            self.events_per_second = self.events as f64 / self.seconds;
        }
    }

    pub(super) fn finish(&mut self) {
        self.percentiles = self.latency.percentiles();
    }
}

impl fmt::Display for SimulationSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "shipments  {} (seed {})", self.shipments_begun, self.seed)?;
        writeln!(f, "commands   {} sent, {:.0}/s answered", self.commands, self.commands_per_second)?;
        for (kind, tally) in &self.outcomes {
            writeln!(f, "           {kind:<17} {tally}")?;
        }
        if self.sent_late > 0 {
            writeln!(f, "           {} were sent more than 100 ms after they were due", self.sent_late)?;
        }
        writeln!(f, "events     {}, {:.0}/s", self.events, self.events_per_second)?;
        let p = &self.percentiles;
        writeln!(
            f,
            "latency    p50 {:.0} ms, p95 {:.0} ms, p99 {:.0} ms, max {:.0} ms",
            p.p50_ms, p.p95_ms, p.p99_ms, p.max_ms
        )?;
        write!(f, "took       {:.1} s", self.seconds)
    }
}
