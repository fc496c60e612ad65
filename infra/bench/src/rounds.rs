//! Ours and bare in turn, so that whatever else goes on around them meets both.

use anyhow::Result;
use indicatif::ProgressBar;

use crate::row::{Bar, Row};
use crate::stats::Spread;

/// Which of the two is being measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    /// What this repository is about.
    Ours,
    /// The least that the work needs.
    Bare,
}

impl Side {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Bare => "bare",
        }
    }
}

/// What one run of one side gave, by name.
pub(crate) type Figures = Vec<(String, f64)>;

/// What all rounds gave.
#[derive(Default, Debug)]
pub(crate) struct Pairs {
    figures: Vec<Figure>,
}

#[derive(Debug)]
struct Figure {
    name: String,
    ours: Vec<f64>,
    bare: Vec<f64>,
}

/// Runs each side once a round. The one that goes first changes with each round: what the first one does to the second
/// (a warm cache, a disk still busy) happens to both.
pub(crate) async fn alternate(
    rounds: usize,
    progress: &ProgressBar,
    mut run: impl AsyncFnMut(Side, usize) -> Result<Figures>,
) -> Result<Pairs> {
    let mut pairs = Pairs::default();
    for round in 0..rounds {
        let order = if round % 2 == 0 { [Side::Ours, Side::Bare] } else { [Side::Bare, Side::Ours] };
        for side in order {
            progress.set_message(format!("round {} of {rounds}, {}", round + 1, side.name()));
            for (name, value) in run(side, round).await? {
                pairs.add(side, name, value);
            }
            progress.inc(1);
        }
    }
    Ok(pairs)
}

impl Pairs {
    fn add(&mut self, side: Side, name: String, value: f64) {
        let at = self.figures.iter().position(|figure| figure.name == name).unwrap_or_else(|| {
            self.figures.push(Figure { name, ours: Vec::new(), bare: Vec::new() });
            self.figures.len() - 1
        });
        match side {
            Side::Ours => self.figures[at].ours.push(value),
            Side::Bare => self.figures[at].bare.push(value),
        }
    }

    /// The row of one figure: each side's spread, and that of the ratios round by round. A round's two runs have the same
    /// neighbours, so their ratio says more than that of two medians.
    pub(crate) fn row(&self, name: &str, bench: &str, unit: &str, bar: Option<Bar>) -> Result<Row> {
        let figure = self.figures.iter().find(|figure| figure.name == name);
        let Figure { ours, bare, .. } = figure.ok_or_else(|| anyhow::anyhow!("{name} was not measured"))?;
        let ratios: Vec<f64> = ours.iter().zip(bare).map(|(ours, bare)| ours / bare).collect();
        let spread = |values: &[f64]| Spread::of(values).ok_or_else(|| anyhow::anyhow!("no round of {name}"));
        let row = Row::new(bench, unit, spread(ours)?, ours.len());
        let row = if bare.is_empty() { row } else { row.against(spread(bare)?, spread(&ratios)?) };
        Ok(row.held_to(bar))
    }

    /// What one side's rounds gave for a figure.
    pub(crate) fn spread(&self, side: Side, name: &str) -> Option<Spread> {
        let figure = self.figures.iter().find(|figure| figure.name == name)?;
        Spread::of(match side {
            Side::Ours => &figure.ours,
            Side::Bare => &figure.bare,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_two_take_turns_at_going_first() {
        let mut order = Vec::new();
        let pairs = alternate(3, &ProgressBar::hidden(), async |side, round| {
            order.push(side.name());
            let value = if side == Side::Ours { 3.0 } else { 4.0 };
            Ok(vec![("x".to_owned(), value * (round + 1) as f64)])
        })
        .await
        .unwrap();
        assert_eq!(order, ["ours", "bare", "bare", "ours", "ours", "bare"]);
        let row = pairs.row("x", "a bench", "x/s", Some(Bar::RatioAtLeast(0.8))).unwrap();
        assert_eq!((row.ours, row.bare, row.ratio, row.rounds), (6.0, Some(8.0), Some(0.75), 3));
        assert_eq!(row.met, Some(false));
    }
}
