//! Where shipments start and go, and where scans are made.

use serde::Deserialize;
use shipment_events::{Location, Place};

/// Origin or destination.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LocationBody {
    city: Option<String>,
    region: Option<String>,
    postal_code: Option<String>,
    country: String,
}

/// Where a scan was made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlaceBody {
    facility: Option<String>,
    city: Option<String>,
    region: Option<String>,
    postal_code: Option<String>,
    country: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
}

impl From<LocationBody> for Location {
    fn from(body: LocationBody) -> Self {
        Self { city: body.city, region: body.region, postal_code: body.postal_code, country: body.country }
    }
}

impl From<PlaceBody> for Place {
    fn from(body: PlaceBody) -> Self {
        Self {
            facility: body.facility,
            city: body.city,
            region: body.region,
            postal_code: body.postal_code,
            country: body.country,
            latitude: body.latitude,
            longitude: body.longitude,
        }
    }
}
