//! The form of a mapping file.

use std::collections::BTreeMap;

use serde::Deserialize;
use shipment_events::Status;

use super::pattern::{Pattern, TextRule};
use crate::time::DateOrder;

/// Why a mapping file is refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It isn't TOML of this form.
    #[error("the mapping isn't a table of the documented form")]
    Form(#[source] toml::de::Error),
    /// A zone that doesn't exist.
    #[error("the carrier `{carrier}` has the zone `{zone}`, which the zone database doesn't name")]
    Zone {
        /// The carrier.
        carrier: String,
        /// What stands there.
        zone: String,
    },
    /// A status that no scan can set.
    #[error("a scan can't set the status `{status}` (rule {rule})")]
    NotForScans {
        /// The status.
        status: Status,
        /// Where it stands.
        rule: String,
    },
    /// A pattern without a word.
    #[error("a text rule for `{status}` has a pattern without words, which would match everything")]
    EmptyPattern {
        /// The rule's status.
        status: Status,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, rename = "override")]
    overrides: Vec<TextRuleForm>,
    #[serde(default, rename = "text")]
    texts: Vec<TextRuleForm>,
    #[serde(default, rename = "carrier")]
    carriers: BTreeMap<String, CarrierForm>,
    #[serde(default, rename = "service")]
    services: BTreeMap<String, BTreeMap<String, Status>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TextRuleForm {
    status: Status,
    any: Vec<String>,
    #[serde(default)]
    unless: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CarrierForm {
    home: Option<String>,
    zone: Option<String>,
    date_order: Option<DateOrder>,
    #[serde(default)]
    codes: BTreeMap<String, Status>,
    #[serde(default)]
    prefixes: BTreeMap<String, Status>,
    #[serde(default)]
    weak_codes: BTreeMap<String, Status>,
    #[serde(default, rename = "text")]
    texts: Vec<TextRuleForm>,
}

/// A mapping file, checked.
pub(super) struct Table {
    pub(super) overrides: Vec<TextRule>,
    pub(super) texts: Vec<TextRule>,
    pub(super) carriers: BTreeMap<String, CarrierTable>,
    pub(super) services: BTreeMap<String, BTreeMap<String, Status>>,
}

/// What it says of one carrier.
pub(super) struct CarrierTable {
    pub(super) home: Option<String>,
    pub(super) zone: Option<chrono_tz::Tz>,
    pub(super) date_order: Option<DateOrder>,
    pub(super) codes: BTreeMap<String, Status>,
    pub(super) prefixes: Vec<(String, Status)>,
    pub(super) weak_codes: BTreeMap<String, Status>,
    pub(super) texts: Vec<TextRule>,
}

impl Table {
    pub(super) fn parse(toml: &str) -> Result<Self, Error> {
        let file: File = toml::from_str(toml).map_err(Error::Form)?;
        let mut carriers = BTreeMap::new();
        for (name, form) in file.carriers {
            let zone = match form.zone {
                Some(zone) => Some(zone.parse().map_err(|_| Error::Zone { carrier: name.clone(), zone })?),
                None => None,
            };
            let table = CarrierTable {
                home: form.home,
                zone,
                date_order: form.date_order,
                codes: checked(&name, form.codes)?,
                prefixes: checked(&name, form.prefixes)?.into_iter().collect(),
                weak_codes: checked(&name, form.weak_codes)?,
                texts: rules(form.texts)?,
            };
            carriers.insert(name.to_lowercase(), table);
        }
        let mut services = BTreeMap::new();
        for (name, codes) in file.services {
            services.insert(name.to_lowercase(), checked(&name, codes)?);
        }
        Ok(Self { overrides: rules(file.overrides)?, texts: rules(file.texts)?, carriers, services })
    }
}

/// Codes are compared in upper case.
fn checked(name: &str, codes: BTreeMap<String, Status>) -> Result<BTreeMap<String, Status>, Error> {
    codes
        .into_iter()
        .map(|(code, status)| {
            if status.can_be_scanned() {
                Ok((code.to_uppercase(), status))
            } else {
                Err(Error::NotForScans { status, rule: format!("{name}.{code}") })
            }
        })
        .collect()
}

fn rules(forms: Vec<TextRuleForm>) -> Result<Vec<TextRule>, Error> {
    forms.into_iter().map(rule).collect()
}

fn rule(form: TextRuleForm) -> Result<TextRule, Error> {
    let status = form.status;
    if !status.can_be_scanned() {
        return Err(Error::NotForScans { status, rule: form.any.join(", ") });
    }
    let patterns = |texts: Vec<String>| -> Result<Vec<Pattern>, Error> {
        texts.iter().map(|t| Pattern::new(t).ok_or(Error::EmptyPattern { status })).collect()
    };
    Ok(TextRule { status, any: patterns(form.any)?, unless: patterns(form.unless)? })
}
