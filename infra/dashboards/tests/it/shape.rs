//! What a dashboard must have to be of use to somebody who didn't write it.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

const RUNBOOKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/runbooks");

fn panels(dashboard: &Value) -> impl Iterator<Item = &Value> {
    dashboard["panels"].as_array().unwrap().iter().filter(|panel| panel["type"] != "row")
}

#[test]
fn every_panel_says_what_it_shows_in_which_unit_and_where_to_read_on() {
    for dashboard in dashboards::all() {
        let (name, json) = (dashboard.name, dashboard.json());
        let mut titles = BTreeSet::new();
        for panel in panels(&json) {
            let title = panel["title"].as_str().unwrap();
            assert!(titles.insert(title), "{name}: two panels are called {title}");
            let says = panel["description"].as_str().unwrap();
            assert!(says.ends_with('.') && says.len() >= 12, "{name}, {title}: {says:?}");
            assert!(
                !panel["fieldConfig"]["defaults"]["unit"].as_str().unwrap().is_empty(),
                "{name}, {title}"
            );
            let targets = panel["targets"].as_array().unwrap();
            assert!(!targets.is_empty(), "{name}, {title} asks nothing");
            for target in targets {
                let query = target["expr"].as_str().unwrap();
                assert!(
                    !query.is_empty() && !target["legendFormat"].as_str().unwrap().is_empty(),
                    "{name}, {title}"
                );
                let latency = query.contains("histogram_quantile") && query.contains("request_seconds");
                assert!(
                    !latency || target["exemplar"] == true || name == "kafka-and-database",
                    "{name}, {title}: {query}"
                );
            }
            for link in panel["links"].as_array().unwrap() {
                let page = link["url"].as_str().unwrap().strip_prefix("${runbooks}/").unwrap();
                assert!(
                    Path::new(RUNBOOKS).join(format!("{page}.md")).is_file(),
                    "{name}, {title}: no runbook {page}"
                );
            }
        }
        assert!((6..=24).contains(&titles.len()), "{name} has {} panels: nobody reads that", titles.len());
    }
}

#[test]
fn panels_lie_side_by_side() {
    for dashboard in dashboards::all() {
        let json = dashboard.json();
        let mut taken = BTreeSet::new();
        for panel in json["panels"].as_array().unwrap() {
            let [x, y, w, h] = ["x", "y", "w", "h"].map(|side| panel["gridPos"][side].as_u64().unwrap());
            assert!(x + w <= 24, "{}: {}", dashboard.name, panel["title"]);
            for cell in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
                assert!(taken.insert(cell), "{}: {} lies over another", dashboard.name, panel["title"]);
            }
        }
    }
}
