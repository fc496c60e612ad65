//! The countries of ISO 3166-1, their names as carriers write them, and their zone where they have but one.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono_tz::Tz;

/// One line a country: alpha-2, alpha-3, the zone if there is one alone, names parted by `;`.
const COUNTRIES: &str = include_str!("countries.tsv");
/// One line a state or province: ISO 3166-2, the zone most of it keeps.
const REGIONS: &str = include_str!("regions.tsv");

/// A country.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Country {
    /// ISO 3166-1 alpha-2.
    pub alpha2: &'static str,
    /// Its zone, if it has one alone.
    pub zone: Option<Tz>,
}

static BY_NAME: LazyLock<HashMap<String, Country>> = LazyLock::new(|| {
    let mut by_name = HashMap::new();
    for line in COUNTRIES.lines() {
        let mut fields = line.split('\t');
        let (Some(alpha2), Some(alpha3), Some(zone), Some(names)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        let country = Country { alpha2, zone: zone.parse().ok() };
        for name in [alpha2, alpha3].into_iter().chain(names.split(';')) {
            by_name.insert(name.to_lowercase(), country);
        }
    }
    by_name
});

static BY_REGION: LazyLock<HashMap<&'static str, Tz>> = LazyLock::new(|| {
    REGIONS
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .filter_map(|(k, v)| Some((k, v.parse().ok()?)))
        .collect()
});

impl Country {
    /// Finds a country by alpha-2, alpha-3 or name, in any case of letters.
    pub fn find(written: &str) -> Option<&'static Self> {
        BY_NAME.get(&written.trim().to_lowercase())
    }
}

/// The zone of a state or province.
pub(super) fn region_zone(country: &str, region: &str) -> Option<Tz> {
    BY_REGION.get(format!("{country}-{}", region.trim().to_uppercase()).as_str()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_both_tables_is_read() {
        assert_eq!(COUNTRIES.lines().count(), 249);
        for line in COUNTRIES.lines() {
            let fields: Vec<_> = line.split('\t').collect();
            assert_eq!(fields.len(), 4, "{line}");
            assert!(fields[2].is_empty() || fields[2].parse::<Tz>().is_ok(), "{line}");
        }
        assert_eq!(BY_REGION.len(), REGIONS.lines().count());
    }
}
