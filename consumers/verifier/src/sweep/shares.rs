use crate::ends::ByPartition;
use crate::{Error, Options, Summary, Verifier};

/// What takes how long, roughly, in records read from a topic.
const OF_ROWS: f64 = 6.0;
const OF_SCAN: f64 = 1.5;
/// What is left for the second look.
const REST: f64 = 0.02;

/// How the work is divided, for who waits for it.
pub(crate) struct Shares {
    events: ByPartition,
    snapshots: ByPartition,
    of_event: f64,
    whole: f64,
    options: Options,
    /// That of reading the tables from end to end.
    pub(crate) scan: f64,
}

impl Shares {
    pub(crate) async fn of(verifier: &Verifier, options: Options) -> Result<Self, Error> {
        let logs = &verifier.logs;
        let all: Vec<i32> = (0..logs.partitions).collect();
        let events = logs.ends.extent(&logs.events, &all).await?;
        let snapshots = logs.ends.extent(&logs.snapshots, &all).await?;
        let sum = |of: &ByPartition| of.values().sum::<i64>() as f64;
        let of_event = if options.rows { OF_ROWS } else { 1.0 };
        let scan = if options.rows || options.lists { OF_SCAN * sum(&events) } else { 0.0 };
        let whole = sum(&snapshots) + sum(&events) * (1.0 + of_event) + scan;
        let whole = whole.max(1.0) / (1.0 - REST);
        Ok(Self { events, snapshots, of_event, whole, options, scan: scan / whole })
    }

    pub(crate) fn records(&self, partition: i32) -> u64 {
        let of = |of: &ByPartition| of.get(&partition).copied().unwrap_or(0);
        (of(&self.events) + of(&self.snapshots)) as u64
    }

    pub(crate) fn reading(&self, partition: i32) -> f64 {
        self.records(partition) as f64 / self.whole
    }

    pub(crate) fn comparing(&self, partition: i32) -> f64 {
        self.events.get(&partition).copied().unwrap_or(0) as f64 * self.of_event / self.whole
    }

    /// How many rows a scan will meet, roughly: keys of rows and histories, and some five entries of a shipment.
    pub(crate) fn rows(&self, summary: &Summary) -> u64 {
        let of_tables = if self.options.rows { 2 } else { 0 };
        let of_lists = if self.options.lists { 5 } else { 0 };
        summary.shipments * (of_tables + of_lists)
    }
}
