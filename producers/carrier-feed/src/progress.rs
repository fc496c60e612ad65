//! Feeding and simulating, shown on a terminal. Where standard error is none, nothing is drawn.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::feed::FeedSummary;
use crate::simulate::SimulationSummary;

/// Shows a feed at work: hand it to [`crate::feed::feed`]. How much is still to come isn't known, so it only counts.
pub fn feeding() -> (ProgressBar, impl FnMut(&FeedSummary)) {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} feeding  {msg}  {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    let shown = bar.clone();
    (bar, move |summary: &FeedSummary| {
        shown.set_message(format!(
            "{} histories, {} commands answered, {:.0}/s",
            summary.histories,
            summary.answered(),
            summary.rate()
        ));
    })
}

/// Shows a simulation at work: hand it to [`crate::simulate::simulate`].
pub fn simulating(shipments: u64) -> (ProgressBar, impl FnMut(&SimulationSummary)) {
    let bar = ProgressBar::new(shipments);
    let template = "{spinner} simulating {wide_bar} {pos}/{len} shipments  {msg}  {elapsed}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    let shown = bar.clone();
    (bar, move |summary: &SimulationSummary| {
        shown.set_position(summary.shipments_begun);
        let p = summary.latency.percentiles();
        shown.set_message(format!(
            "{:.0} commands/s, p50 {:.0} ms, p99 {:.0} ms",
            summary.commands_per_second, p.p50_ms, p.p99_ms
        ));
    })
}
