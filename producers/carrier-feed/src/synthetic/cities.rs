//! Cities that parcels are sent between.

use std::sync::LazyLock;

use chrono_tz::Tz;
use shipment_events::{Address, Location, Place};

/// One line a city: country, name, region, postal code of its centre, latitude, longitude, zone.
const TABLE: &str = include_str!("cities.tsv");

/// A city.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct City {
    /// ISO 3166-1 alpha-2.
    pub country: &'static str,
    /// Its own name.
    pub name: &'static str,
    /// State or province, where addresses name it.
    pub region: Option<&'static str>,
    /// The postal code of its centre.
    pub postal_code: Option<&'static str>,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Its clock.
    pub zone: Tz,
}

static CITIES: LazyLock<Vec<City>> = LazyLock::new(|| TABLE.lines().filter_map(city).collect());

fn city(line: &'static str) -> Option<City> {
    let mut fields = line.split('\t');
    let mut next = || fields.next();
    let given = |text: &'static str| (!text.is_empty()).then_some(text);
    Some(City {
        country: next()?,
        name: next()?,
        region: given(next()?),
        postal_code: given(next()?),
        latitude: next()?.parse().ok()?,
        longitude: next()?.parse().ok()?,
        zone: next()?.parse().ok()?,
    })
}

impl City {
    /// All of them.
    pub fn all() -> &'static [Self] {
        &CITIES
    }

    /// Those of a country; all of them when it has none in the table.
    pub fn of_country(country: Option<&str>) -> Vec<&'static Self> {
        let here: Vec<_> = CITIES.iter().filter(|c| Some(c.country) == country).collect();
        if here.is_empty() { CITIES.iter().collect() } else { here }
    }

    /// As origin or destination.
    pub fn location(&self) -> Location {
        Location {
            city: Some(self.name.to_owned()),
            region: self.region.map(str::to_owned),
            postal_code: self.postal_code.map(str::to_owned),
            country: self.country.to_owned(),
        }
    }

    /// As an address.
    pub fn address(&self, street: String) -> Address {
        Address {
            street,
            city: self.name.to_owned(),
            region: self.region.map(str::to_owned),
            postal_code: self.postal_code.map(str::to_owned),
            country: self.country.to_owned(),
        }
    }

    /// As the place of a scan.
    pub fn place(&self, facility: Option<String>) -> Place {
        Place {
            facility,
            city: Some(self.name.to_owned()),
            region: self.region.map(str::to_owned),
            postal_code: self.postal_code.map(str::to_owned),
            country: Some(self.country.to_owned()),
            latitude: Some(self.latitude),
            longitude: Some(self.longitude),
        }
    }

    /// The distance to another city along the globe, in kilometres.
    pub fn kilometres_to(&self, other: &Self) -> f64 {
        let (lat1, lat2) = (self.latitude.to_radians(), other.latitude.to_radians());
        let (dlat, dlon) = (lat2 - lat1, (other.longitude - self.longitude).to_radians());
        let a = (dlat / 2.0).sin().powi(2) + lat1.cos() * lat2.cos() * (dlon / 2.0).sin().powi(2);
        2.0 * 6371.0 * a.sqrt().asin()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_city() {
        assert_eq!(City::all().len(), TABLE.lines().count());
    }

    #[test]
    fn distances_are_about_right() {
        let find = |name| City::all().iter().find(|c| c.name == name).unwrap();
        let km = find("Berlin").kilometres_to(find("New York"));
        assert!((6300.0..6500.0).contains(&km), "{km}");
    }
}
