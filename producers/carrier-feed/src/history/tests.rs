use super::*;
use crate::mapping::DecidedBy;

pub(crate) fn sample() -> Vec<RawHistory> {
    include_str!("../../samples/carrier-scans.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).expect("the sample is JSONL"))
        .collect()
}

pub(crate) fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day")
}

#[test]
fn every_scan_of_the_sample_is_read() {
    let mapping = Mapping::built_in().unwrap();
    let mut unread = Vec::new();
    let mut scans = 0;
    for raw in sample() {
        let history = History::read(&raw, &mapping, today());
        scans += history.scans.len();
        unread.extend(
            history.unread.into_iter().map(|u| format!("{} {}: {}", raw.carrier, u.position, u.reason)),
        );
    }
    assert_eq!(unread, Vec::<String>::new(), "unparsed scans");
    assert_eq!(scans, 1689);
}

#[test]
fn nearly_every_scan_of_the_sample_is_mapped_by_a_rule() {
    let mapping = Mapping::built_in().unwrap();
    let mut unmapped = Vec::new();
    for raw in sample() {
        for scan in &raw.scans {
            let meaning = mapping.meaning(&raw.carrier, scan.code.as_deref(), scan.text.as_deref());
            if std::env::var_os("SHOW").is_some() {
                println!(
                    "{}\t{:?}\t{:?}\t{:?}\t{}",
                    raw.carrier,
                    meaning.status,
                    meaning.decided_by,
                    scan.code,
                    scan.text.as_deref().unwrap_or("-")
                );
            }
            if meaning.decided_by == DecidedBy::Nothing {
                unmapped.push(format!("{}: {:?} {:?}", raw.carrier, scan.code, scan.text));
            }
        }
    }
    assert!(unmapped.len() <= 1689 * 3 / 100, "{} unmapped: {unmapped:#?}", unmapped.len());
}
