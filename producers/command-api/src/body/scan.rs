//! The body of a scan.

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use shipment_domain::{CommandBody, RecordScan};
use shipment_events::{Scan, Status, UnknownStatus};

use super::place::PlaceBody;
use super::time::LocalTime;
use super::{Moment, Wanted};

/// Report a carrier's scan.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScanBody {
    time: LocalTime,
    #[serde(deserialize_with = "status")]
    status: Status,
    carrier: String,
    tracking_number: Option<String>,
    place: Option<PlaceBody>,
    raw_code: Option<String>,
    raw_text: Option<String>,
    carrier_scan_id: Option<String>,
    signed_by: Option<String>,
    issued_at: Option<Moment>,
    actor: Option<String>,
}

impl ScanBody {
    pub(crate) fn wanted(self) -> Wanted {
        Wanted {
            shipment_id: None,
            issued_at: self.issued_at.map(|Moment(at)| at),
            actor: self.actor,
            body: CommandBody::RecordScan(RecordScan {
                scan: Scan {
                    time: self.time.0,
                    status: self.status,
                    place: self.place.map(Into::into),
                    carrier: self.carrier,
                    tracking_number: self.tracking_number,
                    raw_code: self.raw_code,
                    raw_text: self.raw_text,
                    carrier_scan_id: self.carrier_scan_id,
                    signed_by: self.signed_by,
                },
            }),
        }
    }
}

fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Status, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|unknown: UnknownStatus| D::Error::custom(unknown))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_field_arrives_where_it_belongs() {
        let body: ScanBody = serde_json::from_value(json!({
            "time": "2026-11-24T09:30:00+01:00",
            "status": "out_for_delivery",
            "carrier": "dhl",
            "tracking_number": "RR123456785DE",
            "place": {
                "facility": "ZB 89", "city": "Ulm", "region": "BW", "postal_code": "89073", "country": "DE",
                "latitude": 48.4, "longitude": 9.99
            },
            "raw_code": "ZU",
            "raw_text": "In Zustellung",
            "carrier_scan_id": "s-1",
            "signed_by": "A. L."
        }))
        .unwrap();
        let CommandBody::RecordScan(RecordScan { scan }) = body.wanted().body else {
            panic!("another command")
        };
        assert_eq!(scan.time.to_local_rfc3339(), "2026-11-24T09:30:00+01:00");
        assert_eq!((scan.status, scan.carrier.as_str()), (Status::OutForDelivery, "dhl"));
        assert_eq!(scan.tracking_number.as_deref(), Some("RR123456785DE"));
        let place = scan.place.unwrap();
        assert_eq!((place.facility.as_deref(), place.city.as_deref()), (Some("ZB 89"), Some("Ulm")));
        assert_eq!((place.region.as_deref(), place.postal_code.as_deref()), (Some("BW"), Some("89073")));
        assert_eq!((place.latitude, place.longitude), (Some(48.4), Some(9.99)));
        assert_eq!((scan.raw_code.as_deref(), scan.raw_text.as_deref()), (Some("ZU"), Some("In Zustellung")));
        assert_eq!(
            (scan.carrier_scan_id.as_deref(), scan.signed_by.as_deref()),
            (Some("s-1"), Some("A. L."))
        );
    }

    #[test]
    fn a_status_that_is_none_is_answered_with_those_there_are() {
        let body = json!({"time": "2026-11-24T09:30:00Z", "status": "shipped", "carrier": "dhl"});
        let error = serde_json::from_value::<ScanBody>(body).err().unwrap().to_string();
        assert!(error.contains("`shipped` is no status") && error.contains("in_transit"), "{error}");
    }
}
