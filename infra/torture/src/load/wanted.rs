//! What clients want, in the form of the domain and in that of the HTTP API.

use reqwest::Method;
use serde_json::{Map, Value};
use shipment_domain::{AmendShipment, CommandBody, RecordScan, RegisterShipment, ShipmentCommand};
use shipment_events::{
    CommandId, Location, Party, Phone, Place, Scan, ScanTime, Sequence, ShipmentId, Status, Timestamp,
};

use crate::ledger::{Intent, Kind};

/// One thing that somebody wants done.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// To which shipment; none leaves it to the API to name a new one.
    pub shipment_id: Option<ShipmentId>,
    /// What.
    pub body: CommandBody,
    /// The version that the shipment must have.
    pub expected_version: Option<i64>,
}

impl Wanted {
    /// Something for a shipment, at whatever version.
    pub fn of(shipment_id: ShipmentId, body: CommandBody) -> Self {
        Self { shipment_id: Some(shipment_id), body, expected_version: None }
    }

    /// What the ledger keeps of it.
    pub fn intent(&self, client: &str) -> Intent {
        let (kind, scan) = match &self.body {
            CommandBody::RegisterShipment(_) => (Kind::Register, None),
            CommandBody::AmendShipment(_) => (Kind::Amend, None),
            CommandBody::RecordScan(body) => (Kind::Scan, body.scan.raw_code.clone()),
            CommandBody::RetractScan(_) => (Kind::Retract, None),
            CommandBody::CancelShipment(_) => (Kind::Cancel, None),
            CommandBody::ArchiveShipment(_) => (Kind::Archive, None),
        };
        Intent {
            shipment_id: self.shipment_id,
            expected_version: self.expected_version,
            scan,
            ..Intent::of(client, kind)
        }
    }

    /// As a command, for who posts to Kafka.
    pub fn command(&self, command_id: CommandId, shipment_id: ShipmentId) -> ShipmentCommand {
        ShipmentCommand {
            command_id,
            shipment_id,
            expected_version: self.expected_version.map(Sequence::new),
            issued_at: now(),
            actor: Some("torture".to_owned()),
            customers: None,
            body: self.body.clone(),
        }
    }

    /// As a request, for who posts over HTTP.
    pub fn request(&self) -> (Method, String, Value) {
        let shipments = "/api/v1/shipments".to_owned();
        let of = |rest: &str| {
            let id = self.shipment_id.map(|id| id.to_string()).unwrap_or_default();
            format!("{shipments}/{id}{rest}")
        };
        match &self.body {
            CommandBody::RegisterShipment(body) => {
                let mut json = as_json(body);
                if let Some(id) = self.shipment_id {
                    json["shipment_id"] = id.to_string().into();
                }
                (Method::POST, shipments, json)
            }
            CommandBody::AmendShipment(body) => (Method::PATCH, of(""), as_json(body)),
            CommandBody::RecordScan(body) => {
                let mut json = as_json(&body.scan);
                json["time"] = body.scan.time.to_local_rfc3339().into();
                (Method::POST, of("/scans"), json)
            }
            CommandBody::RetractScan(body) => {
                let path = format!("/scans/{}/retraction", body.scan_event_id);
                (Method::POST, of(&path), reason(body.reason.as_deref()))
            }
            CommandBody::CancelShipment(body) => {
                (Method::POST, of("/cancellation"), reason(body.reason.as_deref()))
            }
            CommandBody::ArchiveShipment(body) => {
                (Method::POST, of("/archive"), reason(body.reason.as_deref()))
            }
        }
    }
}

/// The domain's own form is the API's, but for what isn't given: there it is left out.
fn as_json(of: &impl serde::Serialize) -> Value {
    without_nulls(serde_json::to_value(of).unwrap_or_default())
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let given = members.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(given.map(|(name, value)| (name, without_nulls(value))).collect::<Map<_, _>>())
        }
        other => other,
    }
}

fn reason(text: Option<&str>) -> Value {
    text.map_or_else(|| Value::Object(Map::new()), |text| serde_json::json!({ "reason": text }))
}

/// The time, for whoever issues a command.
pub(super) fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(since.as_millis() as i64)
}

/// A registration. Names and numbers are of nobody: the numbers are kept free for fiction.
pub fn registration(customer: &str, n: u64) -> CommandBody {
    let party = |name: String, phone: u64| Party {
        name,
        phone: Some(Phone::new(format!("+4930230004{:02}", phone % 100))),
        address: None,
    };
    let place = |city: &str| Location {
        city: Some(city.to_owned()),
        region: None,
        postal_code: None,
        country: "DE".to_owned(),
    };
    CommandBody::RegisterShipment(RegisterShipment {
        customer_id: customer.to_owned(),
        sender: party(format!("Shop {customer}"), 0),
        recipient: party(format!("Recipient {n}"), n),
        origin: Some(place("Berlin")),
        destination: place("Ulm"),
        weight_grams: 100 + (n % 5000) as i64,
        promised_delivery: None,
        customer_reference: Some(format!("order-{n}")),
        carrier: Some("northline-parcel".to_owned()),
        tracking_number: Some(format!("TORTURE{customer}{n}")),
    })
}

/// A scan that no other is like, by its code.
pub(super) fn scan(code: String, n: usize) -> CommandBody {
    const WAY: [Status; 6] = [
        Status::InfoReceived,
        Status::PickedUp,
        Status::InTransit,
        Status::Customs,
        Status::OutForDelivery,
        Status::Delivered,
    ];
    let at = Timestamp::from_millis(now().as_millis() - 3_600_000 + n as i64 * 60_000);
    CommandBody::RecordScan(RecordScan {
        scan: Scan {
            time: ScanTime { at, offset_seconds: Some(3600) },
            status: WAY[n % WAY.len()],
            place: Some(Place {
                facility: None,
                city: Some("Leipzig".to_owned()),
                region: None,
                postal_code: None,
                country: Some("DE".to_owned()),
                latitude: None,
                longitude: None,
            }),
            carrier: "northline-parcel".to_owned(),
            tracking_number: None,
            raw_code: Some(code),
            raw_text: None,
            carrier_scan_id: None,
            signed_by: None,
        },
    })
}

/// An amendment.
pub(super) fn amendment(grams: i64) -> CommandBody {
    CommandBody::AmendShipment(AmendShipment { weight_grams: Some(grams), ..AmendShipment::default() })
}

#[cfg(test)]
mod tests {
    use shipment_domain::CancelShipment;

    use super::*;

    #[test]
    fn requests_are_what_the_api_takes() {
        let id: ShipmentId = "8b5e6c1e-0b1d-4d0a-9c53-0123456789ab".parse().unwrap();
        let (method, path, json) = Wanted::of(id, registration("c", 1)).request();
        assert_eq!((method, path.as_str()), (Method::POST, "/api/v1/shipments"));
        assert_eq!(json["shipment_id"], id.to_string());
        assert_eq!(json["recipient"]["phone"], "+493023000401");
        assert!(json["recipient"].get("address").is_none(), "{json}");

        let (method, path, json) = Wanted::of(id, amendment(7)).request();
        assert_eq!((method, path), (Method::PATCH, format!("/api/v1/shipments/{id}")));
        assert_eq!(json, serde_json::json!({ "weight_grams": 7 }));

        let (_, path, json) = Wanted::of(id, scan("c-1".to_owned(), 2)).request();
        assert_eq!(path, format!("/api/v1/shipments/{id}/scans"));
        assert!(json["time"].as_str().unwrap().ends_with("+01:00"), "{json}");
        assert_eq!((&json["status"], &json["raw_code"]), (&"in_transit".into(), &"c-1".into()));

        let (_, path, json) =
            Wanted::of(id, CommandBody::CancelShipment(CancelShipment::default())).request();
        assert_eq!((path, json), (format!("/api/v1/shipments/{id}/cancellation"), serde_json::json!({})));
    }

    #[test]
    fn made_up_commands_break_no_rule() {
        let id = ShipmentId::new(uuid::Uuid::from_u128(1));
        for body in [registration("http-1", 4711), scan("c-1".to_owned(), 5), amendment(7)] {
            let command = Wanted::of(id, body).command(CommandId::new(uuid::Uuid::from_u128(2)), id);
            shipment_domain::check(&command).unwrap();
        }
    }
}
