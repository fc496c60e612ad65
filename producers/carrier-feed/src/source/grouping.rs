//! Gathers the rows of a CSV into histories, within a bounded window.

use std::collections::{BTreeMap, HashMap};

use crate::{RawHistory, RawScan};

/// How many rows may wait for more of their shipment. Beyond it, the shipment that was untouched longest is complete.
pub const MAX_OPEN_ROWS: usize = 50_000;

#[derive(Default)]
pub(super) struct Grouping {
    open: HashMap<(String, String), Open>,
    /// The open shipments by the row that touched them last.
    by_touch: BTreeMap<u64, (String, String)>,
    rows: usize,
    touches: u64,
}

struct Open {
    line: u64,
    touched: u64,
    scans: Vec<RawScan>,
}

impl Grouping {
    /// Adds a row, and gives what had to be completed to make room.
    pub(super) fn add(
        &mut self,
        line: u64,
        carrier: String,
        number: String,
        scan: RawScan,
    ) -> Vec<(u64, RawHistory)> {
        self.touches += 1;
        let touched = self.touches;
        let key = (carrier, number);
        let open = self.open.entry(key.clone()).or_insert_with(|| Open { line, touched, scans: Vec::new() });
        open.scans.push(scan);
        self.by_touch.remove(&open.touched);
        open.touched = touched;
        self.by_touch.insert(touched, key);
        self.rows += 1;
        let mut complete = Vec::new();
        while self.rows > MAX_OPEN_ROWS {
            complete.extend(self.oldest());
        }
        complete
    }

    /// All that is open still, in the order in which the shipments first came.
    pub(super) fn rest(&mut self) -> Vec<(u64, RawHistory)> {
        let mut rest: Vec<_> = std::iter::from_fn(|| self.oldest()).collect();
        rest.sort_by_key(|(line, _)| *line);
        rest
    }

    fn oldest(&mut self) -> Option<(u64, RawHistory)> {
        let (_, key) = self.by_touch.pop_first()?;
        let Open { line, scans, .. } = self.open.remove(&key)?;
        self.rows -= scans.len();
        let (carrier, tracking_number) = key;
        Some((line, RawHistory { carrier, tracking_number, scans }))
    }
}
