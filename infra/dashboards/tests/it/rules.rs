//! Prometheus's own tool reads the configuration and the rules, and runs the rules' tests.

use std::path::{Path, PathBuf};
use std::process::Command;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../prometheus");

/// `None`, loudly, where it isn't installed.
fn promtool(arguments: &[&str], files: &[PathBuf]) -> Option<()> {
    let run = Command::new("promtool").args(arguments).args(files).current_dir(FOLDER).output();
    let Ok(output) = run else {
        eprintln!(
            "NOT TESTED: no promtool; `infra/scripts/prerequisites.sh test` installs it, in Debian's package prometheus"
        );
        assert!(std::env::var_os("CI").is_none(), "CI tests everything");
        return None;
    };
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "promtool {arguments:?}:\n{}", String::from_utf8_lossy(&said));
    Some(())
}

fn files(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(Path::new(FOLDER).join(folder)).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{folder} is empty");
    files
}

#[test]
fn the_configuration_is_one() {
    // The credentials' file is not on this machine, and is looked for without `--syntax-only`.
    promtool(&["check", "config", "--syntax-only"], &[PathBuf::from("prometheus.yml")]);
}

#[test]
fn the_rules_are_rules() {
    promtool(&["check", "rules", "--lint=all", "--lint-fatal"], &files("rules"));
}

#[test]
fn alerts_fire_when_they_must_and_only_then() {
    promtool(&["test", "rules"], &files("tests"));
}

/// How often an alert is expected in the tests: firing, and quiet.
fn expected(alert: &str) -> (usize, usize) {
    let texts = files("tests").into_iter().map(|file| std::fs::read_to_string(file).unwrap());
    let cases: Vec<String> = texts
        .flat_map(|text| text.split("alertname: ").skip(1).map(str::to_owned).collect::<Vec<_>>())
        .filter(|case| case.lines().next() == Some(alert))
        .collect();
    let quiet = cases.iter().filter(|case| case.contains("exp_alerts: []")).count();
    (cases.len() - quiet, quiet)
}

#[test]
fn every_alert_is_tested_both_ways() {
    for alert in crate::runbooks::alerts() {
        let (firing, quiet) = expected(&alert.name);
        assert!(firing > 0 && quiet > 0, "{}: {firing} cases that fire, {quiet} that don't", alert.name);
    }
}
