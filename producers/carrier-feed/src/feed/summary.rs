//! What feeding came to.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use shipment_events::{Scan, ShipmentId, Status};

use crate::RawHistory;
use crate::history::History;
use crate::tally::Tally;

/// How many different unmapped codes and texts are named.
const NAMED: usize = 50;

/// What feeding came to, or has come to so far.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct FeedSummary {
    /// Histories read.
    pub histories: u64,
    /// Lines that can't be read.
    pub bad_lines: u64,
    /// Scans read.
    pub scans: u64,
    /// Scans whose time can't be read.
    pub unread_scans: u64,
    /// Scans that no rule of the mapping knew, so that they count as `in_transit`.
    pub unmapped_scans: u64,
    /// Some of them: carrier, code and text, and how often.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub unmapped: BTreeMap<String, u64>,
    /// Shipments registered without their tracking number, because its check digit is wrong.
    pub numberless: u64,
    /// What became of the registrations.
    pub registrations: Tally,
    /// What became of the scans.
    pub scan_commands: Tally,
    /// A shipment to look at: of those with a tracking number that were delivered, the one with the most scans.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<Example>,
    /// How long it took.
    pub seconds: f64,
}

/// A shipment to look at.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Example {
    /// The carrier.
    pub carrier: String,
    /// Its number.
    pub tracking_number: String,
    /// Our id.
    pub shipment_id: String,
    /// How many scans it has.
    pub scans: usize,
}

impl FeedSummary {
    /// Commands answered so far.
    pub fn answered(&self) -> u64 {
        self.registrations.total() + self.scan_commands.total()
    }

    /// Answers a second.
    pub fn rate(&self) -> f64 {
        if self.seconds > 0.0 { self.answered() as f64 / self.seconds } else { 0.0 }
    }

    /// Whether every line and every scan was taken.
    pub fn is_complete(&self) -> bool {
        let bad = self.bad_lines + self.unread_scans;
        let failed = |tally: &Tally| tally.rejected + tally.unanswered;
        bad + failed(&self.registrations) + failed(&self.scan_commands) == 0
    }

    pub(super) fn count_unmapped(&mut self, scan: &Scan) {
        self.unmapped_scans += 1;
        let part = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let name = format!("{} | {} | {}", scan.carrier, part(&scan.raw_code), part(&scan.raw_text));
        if self.unmapped.len() < NAMED || self.unmapped.contains_key(&name) {
            *self.unmapped.entry(name).or_default() += 1;
        }
    }

    pub(super) fn offer_example(&mut self, raw: &RawHistory, history: &History, shipment: ShipmentId) {
        let scans = history.scans.len();
        let delivered = history.scans.iter().any(|s| s.scan.status == Status::Delivered);
        // Numbers beginning `X-` stand for ones that the source left out.
        let real = !raw.tracking_number.starts_with("X-");
        if delivered && real && self.example.as_ref().is_none_or(|e| e.scans < scans) {
            self.example = Some(Example {
                carrier: raw.carrier.clone(),
                tracking_number: raw.tracking_number.clone(),
                shipment_id: shipment.to_string(),
                scans,
            });
        }
    }
}

/// What a carrier wrote may hold control characters, which a terminal would obey.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

impl fmt::Display for FeedSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "histories      {} read, {} bad lines", self.histories, self.bad_lines)?;
        writeln!(
            f,
            "scans          {} read, {} with a time that can't be read",
            self.scans, self.unread_scans
        )?;
        if self.unmapped_scans > 0 {
            writeln!(f, "               {} that no rule knows, taken as in_transit:", self.unmapped_scans)?;
            for (name, count) in self.unmapped.iter().take(10) {
                writeln!(f, "                 {count} × {}", printable(name))?;
            }
        }
        writeln!(f, "registrations  {}", self.registrations)?;
        if self.numberless > 0 {
            writeln!(
                f,
                "               {} without tracking number: its check digit is wrong",
                self.numberless
            )?;
        }
        writeln!(f, "scan commands  {}", self.scan_commands)?;
        if self.registrations.unanswered + self.scan_commands.unanswered > 0 {
            writeln!(
                f,
                "               what got no answer may still be decided; feeding it again doubles nothing"
            )?;
        }
        write!(f, "took           {:.1} s, {:.0} commands/s", self.seconds, self.rate())
    }
}
