//! One scrape of a role, taken apart.

use std::collections::BTreeMap;

use crate::system::System;

/// What a role exports.
pub(super) struct Scraped {
    /// The type of each metric that has a sample.
    pub(super) kinds: BTreeMap<String, String>,
    pub(super) samples: Vec<Sample>,
}

/// One line.
#[derive(Debug)]
pub(super) struct Sample {
    /// The metric's name, without what a histogram adds to it.
    pub(super) family: String,
    /// Its labels, apart from a bucket's limit.
    pub(super) labels: BTreeMap<String, String>,
}

impl Scraped {
    pub(super) fn of(system: &System, role: &str) -> Self {
        Self::parse(&system.scrape(role, "").1)
    }

    fn parse(text: &str) -> Self {
        let (mut kinds, mut samples) = (BTreeMap::new(), Vec::new());
        let mut family = String::new();
        for line in text.lines() {
            if let Some(declared) = line.strip_prefix("# TYPE ") {
                let (name, kind) = declared.split_once(' ').unwrap();
                assert!(kinds.insert(name.to_owned(), kind.to_owned()).is_none(), "{name} is declared twice");
                name.clone_into(&mut family);
            } else if !line.starts_with('#') {
                let (sample, value) = line.rsplit_once(' ').unwrap();
                let value = value.trim_start_matches(['+', '-']);
                assert!(value == "Inf" || value.parse::<f64>().is_ok(), "{line}");
                let (name, rest) = sample.split_once('{').unwrap_or((sample, "}"));
                assert!(name.starts_with(&family), "{line} is not of {family}");
                samples
                    .push(Sample { family: family.clone(), labels: labels(rest.strip_suffix('}').unwrap()) });
            }
        }
        kinds.retain(|name, _| samples.iter().any(|sample| sample.family == *name));
        Self { kinds, samples }
    }
}

/// None of our values has a comma or a quote in it.
fn labels(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split("\",").filter(|pair| !pair.is_empty());
    let pair = |pair: &str| {
        let (name, value) = pair.split_once("=\"").unwrap();
        (name.to_owned(), value.trim_end_matches('"').to_owned())
    };
    pairs.map(pair).filter(|(name, _)| name != "le").collect()
}
