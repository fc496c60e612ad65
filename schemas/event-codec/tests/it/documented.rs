//! `docs/contract.md` says what the code does.

use event_codec::{contract, headers};

const PAGE: &str = include_str!("../../../../docs/contract.md");

#[test]
fn every_subject_is_documented_with_its_rule() {
    for contract in contract::all() {
        let record = contract.name().rsplit('.').next().unwrap();
        let (topic, subject) = (contract.topic("parceltrack"), contract.subject("parceltrack"));
        let row = PAGE.lines().find(|line| line.starts_with(&format!("| `{topic}`"))).unwrap();
        for cell in [format!("`{record}`"), format!("`{subject}`"), format!("`{}`", contract.level())] {
            assert!(row.contains(&cell), "{cell} is missing in: {row}");
        }
    }
}

#[test]
fn every_header_is_documented() {
    let names = [
        headers::CE_SPECVERSION,
        headers::CE_ID,
        headers::CE_TYPE,
        headers::CE_SOURCE,
        headers::CE_TIME,
        headers::CE_SUBJECT,
        headers::CONTENT_TYPE,
        headers::TRACEPARENT,
        headers::PT_SCHEMA,
        headers::PT_REPLY_TO,
        headers::PT_REROUTED,
        headers::PT_ERROR_CODE,
        headers::PT_ERROR_TEXT,
        headers::PT_ERROR_BY,
        headers::PT_ERROR_AT,
        headers::PT_ERROR_TOPIC,
        headers::PT_ERROR_PARTITION,
        headers::PT_ERROR_OFFSET,
    ];
    let table: Vec<&str> = PAGE.lines().filter(|line| line.starts_with("| `")).collect();
    for name in names {
        assert!(table.iter().any(|row| row.contains(&format!("`{name}`"))), "{name} is in no table");
    }
}
