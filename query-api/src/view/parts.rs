//! Parts that several answers share.

use serde::Serialize;
use shipment_events::{Address, Location, Party, Place};

/// Sender or recipient. Personal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PartyView {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<AddressView>,
}

/// An address as on the label. Personal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AddressView {
    street: String,
    city: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    postal_code: Option<String>,
    country: String,
}

/// Origin or destination.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LocationView {
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    postal_code: Option<String>,
    country: String,
}

/// Where a scan was made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlaceView {
    #[serde(skip_serializing_if = "Option::is_none")]
    facility: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    postal_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latitude: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    longitude: Option<f64>,
}

impl PlaceView {
    /// No closer than the city or the carrier's facility.
    pub(super) fn coarse(self) -> Self {
        Self { postal_code: None, latitude: None, longitude: None, ..self }
    }
}

impl From<Party> for PartyView {
    fn from(party: Party) -> Self {
        Self {
            name: party.name,
            phone: party.phone.map(|phone| phone.as_str().to_owned()),
            address: party.address.map(Into::into),
        }
    }
}

impl From<Address> for AddressView {
    fn from(address: Address) -> Self {
        let Address { street, city, region, postal_code, country } = address;
        Self { street, city, region, postal_code, country }
    }
}

impl From<Location> for LocationView {
    fn from(location: Location) -> Self {
        let Location { city, region, postal_code, country } = location;
        Self { city, region, postal_code, country }
    }
}

impl From<Place> for PlaceView {
    fn from(place: Place) -> Self {
        let Place { facility, city, region, postal_code, country, latitude, longitude } = place;
        Self { facility, city, region, postal_code, country, latitude, longitude }
    }
}
