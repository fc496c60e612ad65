//! `docs/errors/`: a page for each rule, and the list of them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use shipment_domain::{FieldFault, Rejection, Rule, Why, limits};
use shipment_events::{Sequence, Status};

use crate::fields::TEXTS;
use crate::given::event_of;
use crate::published::assert_published;

#[test]
fn the_published_pages_are_the_codes() {
    let mut index = String::from(INDEX);
    for rule in Rule::ALL {
        writeln!(index, "| [{rule}]({rule}.md) | {} | {} |", rule.http_status(), rule.title()).unwrap();
        assert_published(&format!("errors/{rule}.md"), &page(rule));
    }
    assert_published("errors/README.md", &index);
}

fn page(rule: Rule) -> String {
    let text = example(rule).text();
    let (code, title, status) = (rule.code(), rule.title(), rule.http_status());
    let mut page = format!(
        "# {code}: {title}\n\nHTTP status {status}.\n\n## What it means\n\n{}\n\n## What to do\n\n{}\n\n## Example\n\n",
        rule.meaning(),
        rule.way_out()
    );
    write!(page, "```json\n{{\n  \"title\": {title:?},\n  \"status\": {status},\n  \"code\": {code:?},\n  \"detail\": {text:?}\n}}\n```\n").unwrap();
    if rule == Rule::FieldInvalid {
        page.push_str(&field_limits());
    }
    page
}

fn field_limits() -> String {
    let mut table = String::from(LIMITS);
    let fields: BTreeSet<(&str, usize)> = TEXTS
        .iter()
        .map(|(kind, path, limit, _)| (*kind, path.rsplit('/').next().unwrap(), *limit))
        .map(|(kind, name, limit)| {
            (if kind == "RecordScan" && name == "country" { "country (of a scan)" } else { name }, limit)
        })
        .chain([("actor", limits::ACTOR)])
        .collect();
    for (name, limit) in fields {
        writeln!(table, "| `{name}` | {limit} |").unwrap();
    }
    write!(table, "\n{RANGES}").unwrap();
    table
}

/// What the rule says in one case.
fn example(rule: Rule) -> Rejection {
    let field = |path: &str, why| Rejection::Fields(vec![FieldFault { path: path.into(), why }]);
    match rule {
        Rule::ShipmentNotRegistered => Rejection::ShipmentNotRegistered,
        Rule::AlreadyRegistered => Rejection::AlreadyRegistered,
        Rule::VersionConflict => {
            Rejection::VersionConflict { expected: Sequence::new(3), actual: Sequence::new(4) }
        }
        Rule::WeightNotPositive => field("/weight_grams", Why::NotPositive),
        Rule::PhoneInvalid => field("/recipient/phone", Why::NotAPhone),
        Rule::AlreadyCancelled => Rejection::AlreadyCancelled,
        Rule::AlreadyDelivered => Rejection::AlreadyDelivered { status: Status::Delivered },
        Rule::AlreadyArchived => Rejection::AlreadyArchived,
        Rule::TooManyScans => Rejection::TooManyScans,
        Rule::HistoryFull => Rejection::HistoryFull,
        Rule::ScanNotFound => Rejection::ScanNotFound { scan_event_id: event_of(1) },
        Rule::ScanAlreadyRetracted => Rejection::ScanAlreadyRetracted { scan_event_id: event_of(1) },
        Rule::FieldInvalid => field("/recipient/name", Why::TooLong { characters: 201, limit: limits::NAME }),
        Rule::TrackingNumberInvalid => field("/tracking_number", Why::WrongCheckDigit),
        Rule::NothingToAmend => Rejection::NothingToAmend,
        Rule::CommandIdReused => Rejection::CommandIdReused,
        Rule::StatusNotScannable => field("/status", Why::NotScannable),
        Rule::CustomerNotTheirs => Rejection::CustomerNotTheirs,
    }
}

#[test]
fn each_rule_has_its_code_its_status_and_words() {
    for (n, rule) in (1_001..).zip(Rule::ALL) {
        assert_eq!(rule.code(), format!("PT-{n}"), "codes are given once, in order, and never reused");
        assert_eq!(Rule::from_code(rule.code()), Some(rule));
        assert_eq!(example(rule).rule(), rule);
        let expected = match n {
            1_001 | 1_010 => 404,
            1_002 | 1_006 | 1_007 | 1_008 | 1_011 => 409,
            1_003 => 412,
            1_018 => 403,
            _ => 422,
        };
        assert_eq!(rule.http_status(), expected, "{rule}");
        for words in [rule.title(), rule.meaning(), rule.way_out(), &example(rule).text()] {
            assert!(!words.is_empty() && !words.contains("  "), "{rule}: {words:?}");
        }
    }
    assert_eq!(Rule::from_code("PT-1000"), None);
    assert_eq!(Rule::from_code("pt-1001"), None);
}

const INDEX: &str = "\
# Rules that refuse a command

<!-- Made from the code: UPDATE_DOCS=1 cargo test --release -p shipment-domain -->

A command that a rule refuses changes nothing. The answer has the rule's code, which is stable: a code is never reused, nor
given another meaning. Over HTTP it comes as a problem document (`application/problem+json`) with these statuses; in the
replies topic it is `rejected.code`. Where several fields are wrong, all of them are named, and the first one's rule gives the
code. Rules are held against a command in this order: a repeat of an accepted command is answered as before; then whether the
shipment is one of the sender's customers'; a repeat of an accepted scan is answered as before; then the command's own fields; then whether the shipment is registered; then the expected version; then the rest.

Codes below `PT-1000` are those of HTTP itself: each API lists them under `/docs/errors`.

| code | status | rule |
|---|---:|---|
";

const LIMITS: &str = "
## Limits

Texts are measured in characters, not bytes. What people write must not be blank, nor begin or end with white space, nor contain control
characters (an address's street and a reason may have several lines). What a carrier's machine wrote is kept as it came, and
only its length is checked.

| field | characters |
|---|---:|
";

const RANGES: &str = "\
| other field | range |
|---|---|
| `weight_grams` | 1 to 30,000,000 (30 t) |
| `country` | ISO 3166-1 alpha-2 in capitals, and `XK`; in a scan's place, as the carrier wrote it |
| `time`, `issued_at`, `promised_delivery` | from 1990 to 2099 |
| offset of a scan's time | at most 18 hours either way |
| `latitude`, `longitude` | -90 to 90, -180 to 180 |
| `tracking_number` | printable ASCII without spaces; in a scan, as the carrier wrote it |
";
