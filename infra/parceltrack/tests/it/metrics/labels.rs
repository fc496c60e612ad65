//! Every label, and the values it takes: all of them are known to the code.

/// A label.
pub(super) struct Label {
    pub(super) name: &'static str,
    /// What it tells, for the page.
    pub(super) what: &'static str,
    values: Values,
}

enum Values {
    /// One of these.
    Of(&'static [&'static str]),
    /// A word of the code: letters, `_` and `-`.
    Word,
    /// The name of a type.
    TypeName,
    /// An address in the form in which it is declared, with names in the place of values.
    Template,
    /// A number below this.
    Below(u32),
    /// A status of HTTP.
    Status,
    /// A version of the program.
    Version,
}
use Values::{Below, Of, Status, Template, TypeName, Version, Word};

const fn label(name: &'static str, values: Values, what: &'static str) -> Label {
    Label { name, what, values }
}

/// All there are.
pub(super) const LABELS: &[Label] = &[
    label(
        "class",
        Word,
        "the kind of call that a quota is for, or `denied`: bad credentials from one address",
    ),
    label("client", Word, "the kind of Kafka client: `producer`, `group_consumer`, …"),
    label("code", Word, "why a record was parked, as `parceltrack dead-letters list` shows it"),
    label("condition", Word, "a condition of readiness, as `/readyz` names it"),
    label(
        "fault",
        Of(&["retry", "value", "fatal"]),
        "`retry` (away or busy), `value` (will never be taken), `fatal` (the set-up is wrong)",
    ),
    label("kind", Word, "the kind of read, or of failure"),
    label(
        "method",
        Of(&["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"]),
        "HTTP's method; `other` for any that is not common",
    ),
    label("operation", Of(&["connect", "read", "write"]), "`connect`, `read`, `write`"),
    label(
        "outcome",
        Word,
        "of a command: `accepted`, `repeated` (known already), `rejected` (a rule refused it), `already_decided` (read a second \
         time), `undecided` (not known after 500 ms), `not_awaited` (nobody waited as long), `failed` (not sent for certain), \
         `refused` (too large); of a span: `recorded`, and of those `exported`, `dropped`, `failed`",
    ),
    label("partition", Below(1_000), "the partition's number; each instance shows those it owns"),
    label(
        "phase",
        Of(&["decide", "produce", "offsets", "commit", "apply"]),
        "`decide`, `produce`, `offsets`, `commit`, `apply`: the steps of a transaction",
    ),
    label("reason", Word, "why"),
    label("result", Of(&["hit", "miss"]), "`hit`, `miss`"),
    label("role", Word, "the role, as in `parceltrack run ROLE`"),
    label(
        "route",
        Template,
        "the address as the API declares it, such as `/api/v1/shipments/{id}`; `unmatched` for any that isn't one",
    ),
    label("service", Word, "one of our services; `other` for any that is not ours"),
    label(
        "state",
        Of(&["closed", "open", "half_open"]),
        "of a circuit breaker: `closed`, `open`, `half_open`",
    ),
    label("status", Status, "HTTP's status; 499 where the caller hung up before there was one"),
    label(
        "status_class",
        Of(&["1xx", "2xx", "3xx", "4xx", "5xx"]),
        "the first digit of HTTP's status: `2xx`",
    ),
    label(
        "type",
        TypeName,
        "the command's or the event's type; `scan` and `other` where only scans are told apart",
    ),
    label("version", Version, "the program's version"),
    label("worker", Below(1_000), "the number of a worker in its process"),
];

/// What is wrong with a value, if anything is.
pub(super) fn check(label: &str, value: &str) -> Result<(), String> {
    let known = LABELS.iter().find(|known| known.name == label).ok_or(format!("no label {label}"))?;
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'-')
    };
    let fits = match known.values {
        Of(values) => values.contains(&value),
        Word => is_word(value),
        TypeName => value.bytes().all(|b| b.is_ascii_alphabetic()),
        Template => {
            value == "unmatched" || value.strip_prefix('/').is_some_and(|path| path.split('/').all(segment))
        }
        Below(limit) => value.parse::<u32>().is_ok_and(|number| number < limit),
        Status => value.parse::<u16>().is_ok_and(|status| (100..600).contains(&status)),
        Version => value.bytes().all(|b| b.is_ascii_digit() || b == b'.'),
    };
    if fits { Ok(()) } else { Err(format!("{value:?} is no value for {label}")) }
}

/// A part of a declared address: a word, or a name in braces. What is looked up by it has digits in it, or capitals.
fn segment(text: &str) -> bool {
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b"._-".contains(&b));
    match text.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
        Some(name) => plain(name.trim_start_matches('*')),
        None => plain(text) || ["v1", "v2"].contains(&text),
    }
}

#[test]
fn ids_and_paths_fit_no_label() {
    for (label, value) in [
        ("route", "/api/v1/shipments/0190c7e2-0000-7000-8000-000000000001"),
        ("route", "/api/v1/tracking/3SABCD"),
        ("route", "api"),
        ("reason", "+31612345678"),
        ("service", "query-api-1"),
        ("partition", "1000"),
        ("method", "BREW"),
        ("type", "Scan Recorded"),
        ("status_class", "200"),
        ("customer", "acme"),
    ] {
        assert!(check(label, value).is_err(), "{label}={value}");
    }
    for (label, value) in
        [("route", "/api/v1/shipments/{id}/scans"), ("reason", "broken_off"), ("partition", "47")]
    {
        check(label, value).unwrap();
    }
}
