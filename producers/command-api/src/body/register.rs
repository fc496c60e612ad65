//! The body of a registration.

use serde::Deserialize;
use shipment_domain::{CommandBody, RegisterShipment};
use shipment_events::ShipmentId;
use uuid::Uuid;

use super::party::PartyBody;
use super::place::LocationBody;
use super::time::Day;
use super::{Moment, Wanted};

/// Make a shipment known.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegisterBody {
    shipment_id: Option<Uuid>,
    customer_id: String,
    sender: PartyBody,
    recipient: PartyBody,
    origin: Option<LocationBody>,
    destination: LocationBody,
    weight_grams: i64,
    promised_delivery: Option<Day>,
    customer_reference: Option<String>,
    carrier: Option<String>,
    tracking_number: Option<String>,
    issued_at: Option<Moment>,
    actor: Option<String>,
}

impl RegisterBody {
    pub(crate) fn wanted(self) -> Wanted {
        Wanted {
            shipment_id: self.shipment_id.map(ShipmentId::new),
            issued_at: self.issued_at.map(|Moment(at)| at),
            actor: self.actor,
            body: CommandBody::RegisterShipment(RegisterShipment {
                customer_id: self.customer_id,
                sender: self.sender.into(),
                recipient: self.recipient.into(),
                origin: self.origin.map(Into::into),
                destination: self.destination.into(),
                weight_grams: self.weight_grams,
                promised_delivery: self.promised_delivery.map(|Day(day)| day),
                customer_reference: self.customer_reference,
                carrier: self.carrier,
                tracking_number: self.tracking_number,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use shipment_events::Date;

    use super::*;

    fn least() -> Value {
        json!({
            "customer_id": "shop-7",
            "sender": {"name": "Shop"},
            "recipient": {"name": "Ada"},
            "destination": {"country": "DE"},
            "weight_grams": 1200
        })
    }

    fn read(body: Value) -> Result<RegisterBody, String> {
        serde_json::from_value(body).map_err(|error| error.to_string())
    }

    #[test]
    fn every_field_arrives_where_it_belongs() {
        let wanted = read(json!({
            "shipment_id": "8B5E6C1E-0B1D-4D0A-9C53-0123456789AB",
            "customer_id": "shop-7",
            "sender": {"name": "Shop", "phone": "+4930123456789", "address": {
                "street": "Lange Straße 1\nHof", "city": "Berlin", "region": "BE", "postal_code": "10243", "country": "DE"
            }},
            "recipient": {"name": "Ada", "phone": null},
            "origin": {"city": "Berlin", "region": "BE", "postal_code": "10243", "country": "DE"},
            "destination": {"city": "Ulm", "country": "DE"},
            "weight_grams": 1200,
            "promised_delivery": "2026-11-27",
            "customer_reference": "order-17",
            "carrier": "dhl",
            "tracking_number": "RR123456785DE",
            "issued_at": "2026-11-24T09:30:00+01:00",
            "actor": "clerk-3"
        }))
        .unwrap()
        .wanted();
        assert_eq!(wanted.shipment_id.unwrap().to_string(), "8b5e6c1e-0b1d-4d0a-9c53-0123456789ab");
        assert_eq!(wanted.issued_at.unwrap().to_string(), "2026-11-24T08:30:00.000Z");
        assert_eq!(wanted.actor.as_deref(), Some("clerk-3"));
        let CommandBody::RegisterShipment(body) = wanted.body else { panic!("another command") };
        assert_eq!(body.customer_id, "shop-7");
        assert_eq!(body.sender.phone.unwrap().as_str(), "+4930123456789");
        let address = body.sender.address.unwrap();
        assert_eq!(
            (address.street.as_str(), address.postal_code.as_deref()),
            ("Lange Straße 1\nHof", Some("10243"))
        );
        assert_eq!((address.city.as_str(), address.region.as_deref()), ("Berlin", Some("BE")));
        assert_eq!((body.recipient.name.as_str(), body.recipient.phone), ("Ada", None));
        assert_eq!(body.origin.unwrap().region.as_deref(), Some("BE"));
        assert_eq!(body.destination.city.as_deref(), Some("Ulm"));
        assert_eq!(body.weight_grams, 1200);
        assert_eq!(body.promised_delivery, Some(Date::parse("2026-11-27").unwrap()));
        assert_eq!(body.customer_reference.as_deref(), Some("order-17"));
        assert_eq!(body.carrier.as_deref(), Some("dhl"));
        assert_eq!(body.tracking_number.as_deref(), Some("RR123456785DE"));
    }

    #[test]
    fn the_least_is_enough_and_each_of_it_is_needed() {
        assert!(read(least()).is_ok());
        for field in ["customer_id", "sender", "recipient", "destination", "weight_grams"] {
            let mut body = least();
            body.as_object_mut().unwrap().remove(field);
            assert_eq!(read(body).err().unwrap(), format!("missing field `{field}`"));
        }
    }

    #[test]
    fn what_is_unknown_at_any_depth_is_refused() {
        for pointer in ["", "/sender", "/destination"] {
            let mut body = least();
            body.pointer_mut(pointer).unwrap()["wieght"] = json!(1);
            assert!(read(body).err().unwrap().starts_with("unknown field `wieght`"), "{pointer}");
        }
    }

    #[test]
    fn grams_are_whole() {
        for bad in [json!(1.5), json!("1200"), json!(null)] {
            let mut body = least();
            body["weight_grams"] = bad;
            assert!(read(body).is_err());
        }
    }
}
