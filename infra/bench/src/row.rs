//! One line of the results.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::stats::Spread;

/// One figure, as it goes into the table and the JSON lines.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) bench: String,
    /// Medians.
    pub(crate) ours: f64,
    pub(crate) bare: Option<f64>,
    /// The median of the rounds' ratios, ours by bare.
    pub(crate) ratio: Option<f64>,
    pub(crate) unit: String,
    pub(crate) ours_min: f64,
    pub(crate) ours_max: f64,
    pub(crate) bare_min: Option<f64>,
    pub(crate) bare_max: Option<f64>,
    pub(crate) ratio_min: Option<f64>,
    pub(crate) ratio_max: Option<f64>,
    pub(crate) rounds: usize,
    /// What it is held to, in words.
    pub(crate) bar: Option<String>,
    pub(crate) met: Option<bool>,
    /// What has to be known to read it.
    pub(crate) note: Option<String>,
}

/// What a figure is held to.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Bar {
    /// Ours by bare, where more is better.
    RatioAtLeast(f64),
    /// Ours by bare, where less is better.
    RatioAtMost(f64),
    /// Ours alone, where less is better.
    AtMost(f64),
    /// Ours alone, where more is better.
    AtLeast(f64),
}

impl Row {
    pub(crate) fn new(bench: &str, unit: &str, ours: Spread, rounds: usize) -> Self {
        Self {
            bench: bench.to_owned(),
            ours: ours.median,
            bare: None,
            ratio: None,
            unit: unit.to_owned(),
            ours_min: ours.min,
            ours_max: ours.max,
            bare_min: None,
            bare_max: None,
            ratio_min: None,
            ratio_max: None,
            rounds,
            bar: None,
            met: None,
            note: None,
        }
    }

    pub(crate) fn against(self, bare: Spread, ratio: Spread) -> Self {
        Self {
            bare: Some(bare.median),
            ratio: Some(ratio.median),
            bare_min: Some(bare.min),
            bare_max: Some(bare.max),
            ratio_min: Some(ratio.min),
            ratio_max: Some(ratio.max),
            ..self
        }
    }

    pub(crate) fn held_to(self, bar: Option<Bar>) -> Self {
        let met = bar.and_then(|bar| bar.is_met(&self));
        Self { bar: bar.map(|bar| bar.to_string()), met, ..self }
    }

    pub(crate) fn with_note(self, note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), ..self }
    }
}

impl Bar {
    fn is_met(self, row: &Row) -> Option<bool> {
        match self {
            Self::RatioAtLeast(bar) => row.ratio.map(|ratio| ratio >= bar),
            Self::RatioAtMost(bar) => row.ratio.map(|ratio| ratio <= bar),
            Self::AtMost(bar) => Some(row.ours <= bar),
            Self::AtLeast(bar) => Some(row.ours >= bar),
        }
    }
}

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RatioAtLeast(bar) => write!(f, "ratio ≥ {bar}"),
            Self::RatioAtMost(bar) => write!(f, "ratio ≤ {bar}"),
            Self::AtMost(bar) => write!(f, "≤ {bar}"),
            Self::AtLeast(bar) => write!(f, "≥ {bar}"),
        }
    }
}
