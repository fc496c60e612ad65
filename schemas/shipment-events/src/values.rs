//! Value objects. Their rules are checked once, by `shipment-domain`, when a command brings them in; here they only
//! carry what was accepted, because history can't be refused.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A telephone number in E.164: `+` and 10 to 13 digits. Personal: neither `Debug` nor a log shows it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Phone(String);

impl Phone {
    /// Wraps the text as it is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, `+` first.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}

/// A weight in grams, above zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Grams(i64);

impl Grams {
    /// Wraps the number as it is.
    pub const fn new(grams: i64) -> Self {
        Self(grams)
    }

    /// The number.
    pub const fn get(self) -> i64 {
        self.0
    }
}

/// A postal address as it would stand on the label. Personal.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Street, number, floor: everything above the city, lines separated by `\n`.
    pub street: String,
    /// City or town.
    pub city: String,
    /// State, province, county.
    pub region: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2, upper case.
    pub country: String,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address(… {})", self.country)
    }
}

/// Sender or recipient. Personal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Name of the person or firm.
    pub name: String,
    /// Telephone, E.164.
    pub phone: Option<Phone>,
    /// Where it is collected or handed over.
    pub address: Option<Address>,
}

impl fmt::Debug for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Party(…)")
    }
}

/// Origin or destination, as coarse as the public may see it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Location {
    /// City or town.
    pub city: Option<String>,
    /// State, province, county.
    pub region: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2, upper case.
    pub country: String,
}

/// Where a scan was made, as much as the carrier told.
#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
pub struct Place {
    /// Depot, hub, shop or locker.
    pub facility: Option<String>,
    /// City or town.
    pub city: Option<String>,
    /// State, province, county.
    pub region: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2 where it is known; else as the carrier wrote it.
    pub country: Option<String>,
    /// Degrees north, WGS 84.
    pub latitude: Option<f64>,
    /// Degrees east, WGS 84.
    pub longitude: Option<f64>,
}
