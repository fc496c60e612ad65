//! What the system's own check has to say.

use serde_json::Value;

use super::Check;

/// The findings of `parceltrack verify --json`: what it printed, how it ended, and what it complained of.
pub fn verify(code: Option<i32>, said: &str, errors: &str) -> Check {
    let mut check =
        Check::new("parceltrack verify", "the system's own check of topics and tables finds nothing");
    let mut is_complete = false;
    for line in said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        match line["type"].as_str() {
            Some("summary") => {
                is_complete = true;
                check.held_against += line["shipments"].as_u64().unwrap_or(0) as usize;
            }
            Some("finding") => {
                check.expect(false, format!("{} {}", text("kind"), text("shipment_id")), || text("detail"));
            }
            _ => {}
        }
    }
    let told = is_complete && (code == Some(0) || (code == Some(1) && !check.findings.is_empty()));
    check.expect(told, "parceltrack verify --json", || format!("it ended with {code:?}: {errors}"));
    check
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUMMARY: &str = r#"{"type":"summary","clean":true,"shipments":7}"#;

    #[test]
    fn its_findings_are_ours() {
        let clean = verify(Some(0), SUMMARY, "");
        assert_eq!((clean.findings.len(), clean.held_against), (0, 8));
        let finding = r#"{"type":"finding","kind":"row-differs","shipment_id":"s","detail":"in status"}"#;
        let found = verify(Some(1), &format!("{finding}\n{SUMMARY}"), "");
        assert_eq!(found.findings.len(), 1);
        assert_eq!(
            (found.findings[0].of.as_str(), found.findings[0].text.as_str()),
            ("row-differs s", "in status")
        );
    }

    #[test]
    fn that_it_could_not_look_is_a_finding() {
        for (code, said) in [(Some(2), ""), (None, ""), (Some(0), ""), (Some(1), SUMMARY)] {
            assert_eq!(verify(code, said, "Kafka is away").findings.len(), 1, "{code:?}");
        }
    }
}
