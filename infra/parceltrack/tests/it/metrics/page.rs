//! The page on metrics is what the code says.

use std::fmt::Write as _;
use std::path::Path;

use telemetry::metrics::{Described, Kind};

use super::groups::{ROLES, groups};
use super::labels::LABELS;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/metrics.md");

#[test]
fn the_page_is_what_the_code_says() {
    let page = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(PAGE, &page).unwrap();
    }
    let found = std::fs::read_to_string(Path::new(PAGE)).unwrap_or_default();
    assert_eq!(
        found, page,
        "docs/metrics.md is stale; write it anew with: UPDATE_DOCS=1 cargo test --release -p parceltrack --test it metrics::page"
    );
}

fn page() -> String {
    let mut page = BEGIN.to_owned();
    page.push_str("\n## Which role exports what\n\n| Role | Metrics of |\n|---|---|\n");
    for (role, parts) in &*ROLES {
        let parts: Vec<String> = parts.iter().map(|part| format!("[{part}](#{})", anchor(part))).collect();
        let _ = writeln!(page, "| {role} | {} |", parts.join(", "));
    }
    for group in groups() {
        let _ = write!(page, "\n## {}\n\n", group.name);
        page.push_str("| Metric | Type | Unit | Labels | Shown | Meaning |\n|---|---|---|---|---|---|\n");
        for metric in &group.metrics {
            let labels: Vec<String> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
            let _ = writeln!(
                page,
                "| `{}` | {} | {} | {} | {} | {} |",
                metric.name,
                metric.kind.name(),
                unit(metric),
                labels.join(", "),
                shown(metric),
                metric.help
            );
        }
    }
    page.push_str("\n## Labels\n\n| Label | Values |\n|---|---|\n");
    for label in LABELS {
        let _ = writeln!(page, "| `{}` | {} |", label.name, label.what);
    }
    page
}

/// As GitHub makes it of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn unit(metric: &Described) -> &'static str {
    let name = metric.name.strip_suffix("_total").unwrap_or(&metric.name);
    match name.rsplit('_').next().unwrap_or_default() {
        "seconds" if name.contains("_time_") || name.contains("_timestamp_") => "seconds since 1970",
        "seconds" => "seconds",
        "bytes" => "bytes",
        "offset" | "version" => "offset",
        _ if metric.help.starts_with("1 while") || metric.help.starts_with("Whether") => "1 or 0",
        _ if metric.kind == Kind::Histogram => "records",
        _ => "number",
    }
}

fn shown(metric: &Described) -> &'static str {
    if metric.is_optional {
        "while there is one"
    } else if metric.appears_later() {
        "once it happened"
    } else {
        "always"
    }
}

const BEGIN: &str = "\
<!-- Made from the code: UPDATE_DOCS=1 cargo test --release -p parceltrack --test it metrics::page -->

# Metrics

Every role exports its metrics for Prometheus, at `/metrics` of the address it listens on, or of its `ops_listen` where it has one. A test
runs a system, scrapes every role, and holds what it finds against this page, both ways.

* **Names** are `parceltrack_<crate>_<what>_<unit>`: the crate that counts, what it counts, and the unit, which is seconds, bytes, or what
  is counted. A counter ends in `_total`. Moments are seconds since 1970 and end in `_timestamp_seconds`: how old something is, is
  `time()` less the metric. Only `parceltrack_build_info` and the `process_…` metrics, which are Prometheus's own, are named otherwise.
* **Labels** take values that the code knows, listed [below](#labels). No label holds an id, a path, a phone number or anything else
  from outside. Which instance and which role a metric is of says Prometheus, by what [discovery](discovery.md) tells it.
* **Forms**: OpenMetrics 1.0.0 for who asks for it, as Prometheus does, else Prometheus's text. In both a bucket's limit is written `le=\"1.0\"`.
* **Traces**: in OpenMetrics the buckets of `parceltrack_gateway_request_seconds`, `parceltrack_http_api_request_seconds`,
  `parceltrack_command_api_outcome_seconds`, `parceltrack_projector_visible_seconds` and `parceltrack_query_api_push_seconds` show the
  `trace_id` of a request that lately fell into them, if its trace is recorded. Prometheus keeps them when started with `--enable-feature=exemplar-storage`.
* **Shown** says when a metric is there: *always*, from the start of its role; *once it happened*, for each value of its labels; or *while
  there is one*, because a certificate that isn't there doesn't expire in 1970.

A console exports what it uses of the projector's, too, from the first rebuild or retry that it makes.

Two objectives are measured by `parceltrack_command_api_outcome_seconds` (a command is answered) and
`parceltrack_projector_visible_seconds{type=\"scan\"}` (a scan can be seen).
";
