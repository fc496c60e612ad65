//! The run over time, as a picture: each partition's probes, and the faults behind them.

use std::fmt::Write;

use super::Report;
use crate::check::LIMIT;

const WIDTH: f64 = 1100.0;
const LANE: f64 = 34.0;
const LEFT: f64 = 34.0;

/// SVG, to be put into a page.
pub(super) fn of(report: &Report) -> String {
    let end = report
        .probes
        .values()
        .flatten()
        .map(|probe| probe.answered.unwrap_or(probe.sent))
        .chain(report.faults.iter().map(|fault| fault.settled))
        .max()
        .unwrap_or(1)
        .max(1) as f64;
    let x = |at: u64| LEFT + at as f64 / end * (WIDTH - LEFT);
    let height = LANE * report.probes.len() as f64 + 20.0;
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"probes and faults over time\">"
    );
    for fault in report.faults.iter().filter(|fault| fault.skipped.is_none()) {
        let (from, to) = (x(fault.began), x(fault.settled));
        let _ = write!(
            svg,
            "<rect x=\"{from:.1}\" y=\"0\" width=\"{:.1}\" height=\"{height}\" class=\"fault\"><title>{} {}</title></rect>",
            (to - from).max(1.0),
            fault.number,
            fault.kind
        );
    }
    for (lane, (partition, probes)) in report.probes.iter().enumerate() {
        let base = LANE * (lane + 1) as f64;
        let _ = write!(svg, "<text x=\"0\" y=\"{:.1}\">p{partition}</text>", base - 4.0);
        let _ =
            write!(svg, "<line x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{base}\" y2=\"{base}\" class=\"base\"/>");
        let mut path = String::new();
        for probe in probes {
            // Cut off at the limit: what is above it is a finding.
            let took = probe.answered.map_or(LIMIT, |answered| (answered - probe.sent).min(LIMIT));
            let height = (took as f64 / LIMIT as f64).sqrt() * (LANE - 4.0);
            let _ = write!(path, "M{:.1} {base}v-{height:.1}", x(probe.sent));
        }
        let _ = write!(svg, "<path d=\"{path}\" class=\"probe\"/>");
    }
    for minute in 0..=(end / 60_000.0) as u64 {
        let at = x(minute * 60_000);
        let _ = write!(svg, "<text x=\"{at:.1}\" y=\"{:.1}\">{minute} min</text>", height - 4.0);
    }
    svg + "</svg>"
}
