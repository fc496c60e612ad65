//! Whatever dashboards and alerts ask for is a metric that roles export, as `docs/metrics.md` lists them.

use std::collections::BTreeSet;
use std::path::Path;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Names of ours in a text.
fn names(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'));
    words.filter(|word| word.starts_with("parceltrack_") || word.starts_with("process_")).collect()
}

#[test]
fn nothing_is_asked_for_that_nobody_exports() {
    let page = std::fs::read_to_string(Path::new(ROOT).join("docs/metrics.md")).unwrap();
    let exported = names(&page);
    assert!(exported.len() > 50, "{exported:?}");
    // A histogram is listed by its own name.
    let is_exported = |name: &str| {
        let parts = ["_bucket", "_sum", "_count"].iter().filter_map(|part| name.strip_suffix(part));
        exported.contains(name) || parts.into_iter().any(|histogram| exported.contains(histogram))
    };
    let dashboards = dashboards::all().into_iter().map(|dashboard| dashboard.json().to_string());
    let rules = std::fs::read_dir(Path::new(ROOT).join("infra/prometheus/rules")).unwrap();
    let rules = rules.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    let texts: Vec<String> = dashboards.chain(rules).collect();
    let asked: BTreeSet<&str> = texts.iter().flat_map(|text| names(text)).collect();
    let unknown: Vec<_> = asked.iter().filter(|name| !is_exported(name)).collect();
    assert!(asked.len() > 50 && unknown.is_empty(), "not in docs/metrics.md: {unknown:?}");
}
