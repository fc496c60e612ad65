//! Grafana's dashboards, described so that one can read them, and rendered as the JSON that Grafana wants.
//!
//! A dashboard is a file here: rows of panels, each with a title, what it shows in words, a unit, and its queries. The JSON in
//! `infra/grafana/dashboards` is made from it, and a test holds the two together:
//! `UPDATE_DOCS=1 cargo test --release -p dashboards` writes it anew.
//!
//! A panel must show something in a system where all is well: one that counts faults shows 0 ([`or_zero`]). A test of the whole
//! system runs every query against a Prometheus that watches it.
#![forbid(unsafe_code)]

mod backends;
mod command_side;
mod dashboard;
mod gateway;
mod overview;
mod panel;
mod projections;
mod service;

pub use dashboard::Dashboard;
pub use panel::{Panel, Unit};

/// Every dashboard, in the order of the menu.
pub fn all() -> Vec<Dashboard> {
    vec![
        overview::dashboard(),
        command_side::dashboard(),
        projections::dashboard(),
        gateway::dashboard(),
        backends::dashboard(),
        service::dashboard(),
    ]
}

/// The same, and 0 where there is no series at all: counters by reason are there from the first time on only.
pub fn or_zero(query: &str) -> String {
    format!("{query} or on() vector(0)")
}

/// What a counter grows by each second, summed by these labels.
pub(crate) fn rate(by: &str, counter: &str) -> String {
    format!("sum by ({by}) (rate({counter}[$__rate_interval]))")
}

/// A quantile of a histogram, by these labels.
pub(crate) fn quantile(q: &str, by: &str, histogram: &str, matching: &str) -> String {
    let le = if by.is_empty() { "le".to_owned() } else { format!("le, {by}") };
    format!("histogram_quantile({q}, sum by ({le}) (rate({histogram}_bucket{matching}[$__rate_interval])))")
}

/// The mean of a histogram, by these labels.
pub(crate) fn mean(by: &str, histogram: &str, matching: &str) -> String {
    let part = |part: &str| format!("sum by ({by}) (rate({histogram}_{part}{matching}[$__rate_interval]))");
    format!("{} / {}", part("sum"), part("count"))
}
