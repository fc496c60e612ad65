//! Percentiles of how long answers took.

use std::time::Duration;

use serde::Serialize;

/// The lowest bucket's width, and what every bucket is wider than the one before: 2 %.
const FIRST_US: f64 = 100.0;
const GROWTH: f64 = 1.02;
/// Enough buckets to reach ten minutes.
const BUCKETS: usize = 800;

/// A histogram with buckets of 2 %: any percentile is right to that.
#[derive(Clone, PartialEq, Debug)]
pub struct Latency {
    buckets: Vec<u64>,
    count: u64,
    max: Duration,
}

/// The percentiles, in milliseconds.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize)]
#[expect(
    clippy::struct_field_names,
    reason = "these are the names in JSON, and a number there needs its unit"
)]
pub struct Percentiles {
    /// Half were faster.
    pub p50_ms: f64,
    /// 95 of 100 were faster.
    pub p95_ms: f64,
    /// 99 of 100 were faster.
    pub p99_ms: f64,
    /// The slowest.
    pub max_ms: f64,
}

impl Default for Latency {
    fn default() -> Self {
        Self { buckets: vec![0; BUCKETS], count: 0, max: Duration::ZERO }
    }
}

impl Latency {
    /// Counts one.
    pub fn record(&mut self, took: Duration) {
        let us = took.as_micros() as f64;
        let bucket = if us <= FIRST_US { 0 } else { ((us / FIRST_US).ln() / GROWTH.ln()).ceil() as usize };
        self.buckets[bucket.min(BUCKETS - 1)] += 1;
        self.count += 1;
        self.max = self.max.max(took);
    }

    /// The percentiles so far.
    pub fn percentiles(&self) -> Percentiles {
        Percentiles {
            p50_ms: self.percentile(0.50),
            p95_ms: self.percentile(0.95),
            p99_ms: self.percentile(0.99),
            max_ms: self.max.as_secs_f64() * 1000.0,
        }
    }

    fn percentile(&self, share: f64) -> f64 {
        let wanted = (self.count as f64 * share).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (n, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                let upper = FIRST_US * GROWTH.powi(n as i32) / 1000.0;
                return upper.min(self.max.as_secs_f64() * 1000.0);
            }
        }
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_right_to_two_percent() {
        let mut latency = Latency::default();
        for ms in 1..=1000 {
            latency.record(Duration::from_millis(ms));
        }
        let p = latency.percentiles();
        for (got, expected) in [(p.p50_ms, 500.0), (p.p95_ms, 950.0), (p.p99_ms, 990.0), (p.max_ms, 1000.0)] {
            assert!((got - expected).abs() / expected < 0.021, "{got} for {expected}");
        }
        assert_eq!(Latency::default().percentiles(), Percentiles::default());
        latency.record(Duration::from_secs(100_000));
        assert!(latency.percentiles().max_ms > 9e7);
    }
}
