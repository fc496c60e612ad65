use std::collections::BTreeSet;
use std::fmt::Write;

use super::*;
use shipment_domain::check;
use shipment_events::{EventId, Standing, Status, Timestamp, status_of};

use crate::RawScan;
use crate::commands::record_scan;
use crate::identity;
use crate::mapping::DecidedBy;
use crate::registration::registration;

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

/// Compares with a table that people have read and approved. `APPROVE=1` writes the table anew; read the difference
/// before it is committed.
fn assert_approved(file: &str, got: &str) {
    let path = format!("{}/samples/{file}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("APPROVE").is_some() {
        std::fs::write(&path, got).unwrap();
    }
    let approved = std::fs::read_to_string(&path).unwrap();
    for (got, approved) in got.lines().zip(approved.lines()) {
        assert_eq!(got, approved, "{file}");
    }
    assert_eq!(got.lines().count(), approved.lines().count(), "{file}");
}

#[test]
fn at_least_97_of_100_scans_of_the_sample_are_mapped_by_a_rule() {
    let mapping = Mapping::built_in().unwrap();
    let mut unmapped = Vec::new();
    for raw in sample() {
        for scan in &raw.scans {
            let meaning = mapping.meaning(&raw.carrier, scan.code.as_deref(), scan.text.as_deref());
            if meaning.decided_by == DecidedBy::Nothing {
                unmapped.push(format!("{}: {:?} {:?}", raw.carrier, scan.code, scan.text));
            }
        }
    }
    assert!(unmapped.len() * 100 <= 1689 * 3, "{} unmapped: {unmapped:#?}", unmapped.len());
    // What is left: four blank scans of korea-post, one of dhl-paket, and two texts that say they mean nothing yet.
    assert_eq!(unmapped.len(), 7, "{unmapped:#?}");
}

#[test]
fn every_code_and_text_of_the_sample_means_what_was_approved() {
    let mapping = Mapping::built_in().unwrap();
    let mut lines = BTreeSet::new();
    for raw in sample() {
        for scan in &raw.scans {
            let meaning = mapping.meaning(&raw.carrier, scan.code.as_deref(), scan.text.as_deref());
            let (code, text) = (scan.code.as_deref().unwrap_or("-"), scan.text.as_deref().unwrap_or("-"));
            lines.insert(format!(
                "{}\t{code}\t{}\t{}\n",
                raw.carrier,
                text.replace('\n', " "),
                meaning.status
            ));
        }
    }
    assert_approved("meanings.tsv", &lines.into_iter().collect::<String>());
}

/// The status of a history, as the domain has it after all its scans came in.
fn final_status(raw: &RawHistory, mapping: &Mapping) -> Status {
    let shipment = identity::shipment_id(&raw.carrier, &raw.tracking_number);
    let history = History::read(raw, mapping, today());
    let said = history.scans.iter().map(|read| {
        let event = EventId::of_command(identity::scan_id(shipment, &read.scan), 0);
        Standing::new(read.scan.status, read.scan.time.at, event)
    });
    status_of(said).expect("a history has scans").status
}

/// All 246 were held against the scans by hand.
#[test]
fn every_history_of_the_sample_ends_where_its_parcel_did() {
    let mapping = Mapping::built_in().unwrap();
    let lines = sample().iter().enumerate().fold(String::new(), |mut lines, (n, raw)| {
        let _ =
            writeln!(lines, "{n}\t{}\t{}\t{}", raw.carrier, raw.tracking_number, final_status(raw, &mapping));
        lines
    });
    assert_approved("final-statuses.tsv", &lines);
}

#[test]
fn every_command_of_the_sample_is_one_that_the_domain_takes() {
    let mapping = Mapping::built_in().unwrap();
    let now = Timestamp::from_millis(1_790_000_000_000);
    for raw in sample() {
        let register = registration(&raw.carrier, &raw.tracking_number, mapping.home(&raw.carrier), now);
        assert_eq!(check(&register), Ok(()), "{} {}", raw.carrier, raw.tracking_number);
        for read in History::read(&raw, &mapping, today()).scans {
            let command = record_scan(register.shipment_id, read.scan, now);
            assert_eq!(check(&command), Ok(()), "{} {}", raw.carrier, raw.tracking_number);
        }
    }
}

#[test]
fn a_date_without_a_year_takes_it_from_the_other_scans() {
    let mapping = Mapping::built_in().unwrap();
    let scan = |time: &str| RawScan { time: Some(time.to_owned()), ..RawScan::default() };
    let raw = RawHistory {
        carrier: "somebody".into(),
        tracking_number: "1".into(),
        scans: vec![scan("3 March 2019 10:00"), scan("March 2"), scan("no time")],
    };
    let history = History::read(&raw, &mapping, today());
    let days: Vec<_> = history.scans.iter().map(|s| s.scan.time.at.date().to_string()).collect();
    assert_eq!(days, ["2019-03-03", "2019-03-02"]);
    assert_eq!((history.unread.len(), history.unread[0].position), (1, 2));
}
