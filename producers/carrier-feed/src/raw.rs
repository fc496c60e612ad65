//! A history as a source gave it: nothing read, nothing judged.

use serde::{Deserialize, Serialize};

/// One shipment's scans, in the order the source gave them.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct RawHistory {
    /// A short name of the carrier; `service:carrier` when the codes are a tracking service's.
    pub carrier: String,
    /// The carrier's number for the shipment.
    pub tracking_number: String,
    /// The scans.
    pub scans: Vec<RawScan>,
}

/// One scan, word for word.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct RawScan {
    /// The time, in any shape.
    pub time: Option<String>,
    /// An offset, an abbreviation, a zone's name, or `local`.
    pub zone: Option<String>,
    /// The carrier's or the service's code.
    pub code: Option<String>,
    /// The carrier's words.
    pub text: Option<String>,
    /// Whatever place was named: town, depot, airport.
    pub city: Option<String>,
    /// State or province.
    pub region: Option<String>,
    /// Postal code.
    pub postal: Option<String>,
    /// Country: code or name.
    pub country: Option<String>,
}
