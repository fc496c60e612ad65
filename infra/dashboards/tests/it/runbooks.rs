//! Each alert has a page that says what to do, and each page an alert.

use std::collections::BTreeSet;
use std::path::Path;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// What a page must have, in this order.
const PARTS: [&str; 4] = ["## What it means", "## Who is hurt", "## How to look", "## How to mend it"];

/// An alert as its rule says it.
pub(crate) struct Alert {
    pub(crate) name: String,
    rule: String,
}

/// Every rule that is an alert.
pub(crate) fn alerts() -> Vec<Alert> {
    let mut alerts = Vec::new();
    for entry in std::fs::read_dir(Path::new(ROOT).join("infra/prometheus/rules")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for rule in text.split("- alert: ").skip(1) {
            let name = rule.lines().next().unwrap().trim().to_owned();
            alerts.push(Alert { name, rule: rule.to_owned() });
        }
    }
    assert!(alerts.len() > 10, "{} alerts", alerts.len());
    alerts
}

#[test]
fn every_alert_says_what_is_wrong_and_where_to_read_on() {
    for Alert { name, rule } in alerts() {
        assert!(
            ["page", "ticket"].iter().any(|severity| rule.contains(&format!("{{severity: {severity}}}"))),
            "{name}"
        );
        for part in ["summary: \"", "description: \""] {
            assert!(rule.contains(part), "{name} has no {part}");
        }
        let page = format!("runbook_url: http://127.0.0.1:8080/docs/runbooks/{name}\n");
        assert!(rule.contains(&page), "{name}: {rule}");
    }
}

#[test]
fn every_alert_has_a_page_and_every_page_an_alert() {
    let folder = Path::new(ROOT).join("docs/runbooks");
    let list = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let pages: BTreeSet<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "README.md")
        .collect();
    let alerts: BTreeSet<String> = alerts().into_iter().map(|alert| format!("{}.md", alert.name)).collect();
    assert_eq!(pages, alerts);
    for page in pages {
        assert!(list.contains(&format!("({page})")), "docs/runbooks/README.md doesn't list {page}");
        let text = std::fs::read_to_string(folder.join(&page)).unwrap();
        assert!(text.starts_with(&format!("# {}", page.trim_end_matches(".md"))), "{page} has another title");
        let at: Vec<_> = PARTS.iter().map(|part| text.find(part)).collect();
        assert!(at.iter().all(Option::is_some) && at.is_sorted(), "{page} must have, in order: {PARTS:?}");
        assert!(text.contains("```sh\n"), "{page} has no command");
    }
}
