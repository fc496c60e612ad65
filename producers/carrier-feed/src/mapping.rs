//! What carriers' codes and words mean: a table from (carrier, code, text) to [`Status`], which a user can extend.
//!
//! The rules are tried in this order, and the first hit decides:
//!
//! 1. `override`: words that outrank any code, because some carriers send "delivered" for "delivered to the sender";
//! 2. the carrier's `codes`, in full;
//! 3. the carrier's `prefixes`, the longest first;
//! 4. the carrier's own `text` rules;
//! 5. the `text` rules for all carriers, in many languages;
//! 6. the carrier's `weak_codes`: codes so broad that the words beside them know better;
//! 7. the codes of the tracking service (`easypost`, `aftership`, `17track`) where the carrier is named after one;
//! 8. the words within the code itself (`OUT_FOR_DELIVERY`), by the same `text` rules;
//! 9. else it is `in_transit`, and counted as unmapped.

mod pattern;
mod table;

use std::collections::BTreeMap;

use shipment_events::Status;

use crate::time::DateOrder;
pub use table::Error;
use table::{CarrierTable, Table};

use pattern::TextRule;

/// The table that comes with ParcelTrack.
const BUILT_IN: &str = include_str!("../mapping.toml");

/// Which rule decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DecidedBy {
    /// Words that outrank codes.
    Override,
    /// The carrier's code.
    Code,
    /// The beginning of the carrier's code.
    Prefix,
    /// Words of this carrier.
    CarrierText,
    /// Words of any carrier.
    Text,
    /// A broad code of the carrier.
    WeakCode,
    /// The tracking service's code.
    ServiceCode,
    /// Words within the code.
    CodeWords,
    /// Nothing: `in_transit` for want of a rule.
    Nothing,
}

/// What a scan means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Meaning {
    /// Its status.
    pub status: Status,
    /// Which rule said so.
    pub decided_by: DecidedBy,
}

impl Meaning {
    /// Whether no rule knew it.
    pub fn is_unmapped(self) -> bool {
        self.decided_by == DecidedBy::Nothing
    }
}

/// The rules, ready for use.
#[derive(Debug)]
pub struct Mapping {
    overrides: Vec<TextRule>,
    texts: Vec<TextRule>,
    carriers: BTreeMap<String, Carrier>,
    services: BTreeMap<String, BTreeMap<String, Status>>,
}

#[derive(Debug, Default)]
struct Carrier {
    home: Option<String>,
    zone: Option<chrono_tz::Tz>,
    date_order: Option<DateOrder>,
    codes: BTreeMap<String, Status>,
    prefixes: Vec<(String, Status)>,
    weak_codes: BTreeMap<String, Status>,
    texts: Vec<TextRule>,
}

impl Mapping {
    /// The table that comes with ParcelTrack.
    ///
    /// # Errors
    /// Never, as a test sees to.
    pub fn built_in() -> Result<Self, Error> {
        let mut mapping =
            Self { overrides: vec![], texts: vec![], carriers: BTreeMap::new(), services: BTreeMap::new() };
        mapping.add(Table::parse(BUILT_IN)?);
        Ok(mapping)
    }

    /// Adds a user's table: its rules go before the ones already there, and its codes replace them.
    ///
    /// # Errors
    /// When it isn't a table of this form, or names a status that doesn't exist.
    pub fn extend(&mut self, toml: &str) -> Result<(), Error> {
        self.add(Table::parse(toml)?);
        Ok(())
    }

    /// What a scan means.
    pub fn meaning(&self, carrier: &str, code: Option<&str>, text: Option<&str>) -> Meaning {
        let code = code.map(str::trim).filter(|c| !c.is_empty());
        let words = pattern::normalised(text.unwrap_or_default());
        let rules = self.carrier(carrier);
        let hit = |status: Option<Status>, decided_by| status.map(|status| Meaning { status, decided_by });
        let by_text =
            |rules: &[TextRule], words: &str| rules.iter().find(|r| r.matches(words)).map(|r| r.status);

        hit(by_text(&self.overrides, &words), DecidedBy::Override)
            .or_else(|| hit(rules?.codes.get(&code?.to_uppercase()).copied(), DecidedBy::Code))
            .or_else(|| hit(rules?.prefix(code?), DecidedBy::Prefix))
            .or_else(|| hit(by_text(&rules?.texts, &words), DecidedBy::CarrierText))
            .or_else(|| hit(by_text(&self.texts, &words), DecidedBy::Text))
            .or_else(|| hit(rules?.weak_codes.get(&code?.to_uppercase()).copied(), DecidedBy::WeakCode))
            .or_else(|| hit(self.service_code(carrier, code?), DecidedBy::ServiceCode))
            .or_else(|| {
                let words = pattern::normalised(&pattern::words_of_code(code?));
                hit(
                    by_text(&self.overrides, &words).or_else(|| by_text(&self.texts, &words)),
                    DecidedBy::CodeWords,
                )
            })
            .unwrap_or(Meaning { status: Status::InTransit, decided_by: DecidedBy::Nothing })
    }

    /// The country a carrier works in, where that is one.
    pub fn home(&self, carrier: &str) -> Option<&str> {
        self.carrier(carrier)?.home.as_deref()
    }

    /// The zone of a carrier's clock, where all its scans are told on one.
    pub fn zone(&self, carrier: &str) -> Option<chrono_tz::Tz> {
        self.carrier(carrier)?.zone
    }

    /// The order of day and month that a carrier writes.
    pub fn date_order(&self, carrier: &str) -> Option<DateOrder> {
        self.carrier(carrier)?.date_order
    }

    /// The carrier's rules. Where a service stands before the name, the codes are the service's, so that rules for the
    /// bare carrier don't apply to them; there may still be rules for the two together.
    fn carrier(&self, name: &str) -> Option<&Carrier> {
        self.carriers.get(&name.to_lowercase())
    }

    fn service_code(&self, carrier: &str, code: &str) -> Option<Status> {
        let (service, _) = carrier.split_once(':')?;
        self.services.get(&service.to_lowercase())?.get(&code.to_uppercase()).copied()
    }

    fn add(&mut self, table: Table) {
        self.overrides.splice(0..0, table.overrides);
        self.texts.splice(0..0, table.texts);
        for (name, codes) in table.services {
            self.services.entry(name).or_default().extend(codes);
        }
        for (name, added) in table.carriers {
            self.carriers.entry(name).or_default().add(added);
        }
    }
}

impl Carrier {
    fn add(&mut self, table: CarrierTable) {
        self.home = table.home.or(self.home.take());
        self.zone = table.zone.or(self.zone);
        self.date_order = table.date_order.or(self.date_order);
        self.codes.extend(table.codes);
        self.weak_codes.extend(table.weak_codes);
        self.texts.splice(0..0, table.texts);
        self.prefixes.splice(0..0, table.prefixes);
        // A stable sort: at equal length the user's goes before ours.
        self.prefixes.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
    }

    fn prefix(&self, code: &str) -> Option<Status> {
        let code = code.to_uppercase();
        self.prefixes.iter().find(|(prefix, _)| code.starts_with(prefix.as_str())).map(|(_, status)| *status)
    }
}

#[cfg(test)]
mod tests;
