//! Where a scan was made, and what clock hangs there.

mod countries;

use chrono_tz::Tz;
use shipment_events::Place;

use crate::RawScan;

pub use countries::Country;

/// Puts together what the source said of the place; `None` when it said nothing.
pub fn of_scan(scan: &RawScan) -> Option<Place> {
    let country = country_of(scan).map(|c| c.alpha2.to_owned()).or_else(|| given(scan.country.as_ref()));
    let place = Place {
        facility: None,
        city: given(scan.city.as_ref()),
        region: given(scan.region.as_ref()),
        postal_code: given(scan.postal.as_ref()),
        country,
        latitude: None,
        longitude: None,
    };
    (place != Place::default()).then_some(place)
}

/// The zone of the place, where that is certain: its country has one zone, or its state or province has.
/// `home` is the country the carrier works in, for scans that name a state alone.
pub fn zone_of(scan: &RawScan, home: Option<&str>) -> Option<Tz> {
    let country = country_of(scan).or_else(|| {
        // "Memphis, TN" of a carrier from the United States; a foreign place would have named its country.
        scan.region.as_ref().and(home).and_then(Country::find)
    })?;
    country.zone.or_else(|| countries::region_zone(country.alpha2, scan.region.as_deref()?))
}

fn country_of(scan: &RawScan) -> Option<&'static Country> {
    match given(scan.country.as_ref()) {
        Some(country) => Country::find(&country),
        None => scan.city.as_deref().and_then(country_at_the_end),
    }
}

/// `Leipzig - Germany`, `Puurs (BE)`, `ISTANBUL-TURKEY`, `CLOVIS, CA`: the last is a state and no country, so two
/// letters are only believed in brackets.
fn country_at_the_end(city: &str) -> Option<&'static Country> {
    let city = city.trim();
    if let Some(inner) =
        city.strip_suffix(')').and_then(|c| c.rsplit_once('(')).map(|(_, inner)| inner.trim())
    {
        return Country::find(inner);
    }
    let (_, end) = city.rsplit_once(['-', ','])?;
    let end = end.trim();
    (end.chars().count() > 2).then(|| Country::find(end)).flatten()
}

fn given(text: Option<&String>) -> Option<String> {
    text.map(|t| t.trim()).filter(|t| !t.is_empty() && *t != "-").map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(city: &str, region: Option<&str>, country: Option<&str>) -> RawScan {
        RawScan {
            city: Some(city.to_owned()),
            region: region.map(str::to_owned),
            country: country.map(str::to_owned),
            ..RawScan::default()
        }
    }

    #[test]
    fn a_country_is_known_by_code_and_by_names_in_several_languages() {
        let cases = [
            ("DE", "DE"),
            ("deu", "DE"),
            ("Deutschland", "DE"),
            ("GERMANY", "DE"),
            ("Korea", "KR"),
            ("Україна", "UA"),
            ("United States", "US"),
            ("USA", "US"),
            ("KUWAIT", "KW"),
            ("Thailand", "TH"),
            ("中国", "CN"),
        ];
        for (written, alpha2) in cases {
            assert_eq!(Country::find(written).map(|c| c.alpha2), Some(alpha2), "{written}");
        }
        assert_eq!(Country::find("Atlantis"), None);
    }

    #[test]
    fn a_country_is_found_at_the_end_of_a_place() {
        let country = |city| of_scan(&at(city, None, None)).and_then(|p| p.country);
        assert_eq!(country("Leipzig - Germany").as_deref(), Some("DE"));
        assert_eq!(country("ISTANBUL-TURKEY").as_deref(), Some("TR"));
        assert_eq!(country("Puurs (BE)").as_deref(), Some("BE"));
        assert_eq!(country("CLOVIS, CA"), None, "a state, not Canada");
        assert_eq!(country("Shipper"), None);
    }

    #[test]
    fn a_zone_is_told_by_a_country_with_one_or_by_a_state() {
        let zone = |region, country, home| zone_of(&at("somewhere", region, country), home).map(Tz::name);
        assert_eq!(zone(None, Some("Thailand"), None), Some("Asia/Bangkok"));
        assert_eq!(zone(None, Some("US"), None), None, "the United States have several");
        assert_eq!(zone(Some("CA"), Some("US"), None), Some("America/Los_Angeles"));
        assert_eq!(zone(Some("TN"), None, Some("US")), Some("America/Chicago"));
        assert_eq!(zone(Some("TN"), None, None), None);
        assert_eq!(zone(None, None, Some("DE")), None, "without a place nothing is told");
    }

    #[test]
    fn what_the_source_left_out_stays_out() {
        assert_eq!(of_scan(&RawScan::default()), None);
        assert_eq!(of_scan(&at("-", None, None)), None);
        assert_eq!(of_scan(&at("X", None, Some("Ruritania"))).unwrap().country.as_deref(), Some("Ruritania"));
    }
}
