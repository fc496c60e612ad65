//! What every bench is given, and what it gives back.

use indicatif::{ProgressBar, ProgressStyle};

use crate::chart::Chart;
use crate::row::Row;

/// How to measure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    /// Rounds of ours and bare; `None` is what the bench itself thinks enough.
    pub(crate) rounds: Option<usize>,
    /// Also what takes very long.
    pub(crate) full: bool,
}

impl Terms {
    pub(crate) fn rounds(self, usual: usize) -> usize {
        self.rounds.unwrap_or(usual)
    }
}

/// What a bench found.
#[derive(Default, Debug)]
pub(crate) struct Found {
    pub(crate) rows: Vec<Row>,
    pub(crate) charts: Vec<Chart>,
}

impl Found {
    pub(crate) fn add(&mut self, other: Self) {
        self.rows.extend(other.rows);
        self.charts.extend(other.charts);
    }
}

/// A bar for so many steps of a bench.
pub(crate) fn bar(bench: &'static str, steps: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix:10} [{bar:30}] {elapsed:>4}  {wide_msg}");
    ProgressBar::new(steps as u64)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "))
        .with_prefix(bench)
}
