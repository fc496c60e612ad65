//! The body of an amendment.

use serde::{Deserialize, Deserializer};
use shipment_domain::{AmendShipment, CommandBody};

use super::party::PartyBody;
use super::place::LocationBody;
use super::time::Day;
use super::{Moment, Wanted};

/// Change what the shop said of a shipment: what is left out stays, what is given replaces the whole field.
///
/// `null` is refused: a field once said can be changed but not taken back, and to leave it as it was would be a surprise.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AmendBody {
    #[serde(deserialize_with = "given")]
    sender: Option<PartyBody>,
    #[serde(deserialize_with = "given")]
    recipient: Option<PartyBody>,
    #[serde(deserialize_with = "given")]
    origin: Option<LocationBody>,
    #[serde(deserialize_with = "given")]
    destination: Option<LocationBody>,
    #[serde(deserialize_with = "given")]
    weight_grams: Option<i64>,
    #[serde(deserialize_with = "given")]
    promised_delivery: Option<Day>,
    #[serde(deserialize_with = "given")]
    customer_reference: Option<String>,
    #[serde(deserialize_with = "given")]
    carrier: Option<String>,
    #[serde(deserialize_with = "given")]
    tracking_number: Option<String>,
    issued_at: Option<Moment>,
    actor: Option<String>,
}

impl AmendBody {
    pub(crate) fn wanted(self) -> Wanted {
        Wanted {
            shipment_id: None,
            issued_at: self.issued_at.map(|Moment(at)| at),
            actor: self.actor,
            body: CommandBody::AmendShipment(AmendShipment {
                sender: self.sender.map(Into::into),
                recipient: self.recipient.map(Into::into),
                origin: self.origin.map(Into::into),
                destination: self.destination.map(Into::into),
                weight_grams: self.weight_grams,
                promised_delivery: self.promised_delivery.map(|Day(day)| day),
                customer_reference: self.customer_reference,
                carrier: self.carrier,
                tracking_number: self.tracking_number,
            }),
        }
    }
}

/// A field that is there has a value.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn amendment(body: Value) -> AmendShipment {
        let body: AmendBody = serde_json::from_value(body).unwrap();
        let CommandBody::AmendShipment(amendment) = body.wanted().body else { panic!("another command") };
        amendment
    }

    #[test]
    fn what_is_left_out_is_not_amended() {
        assert_eq!(amendment(json!({})), AmendShipment::default());
        let amended =
            amendment(json!({"weight_grams": 900, "sender": {"name": "Shop"}, "origin": {"country": "DE"}}));
        assert_eq!(amended.weight_grams, Some(900));
        assert_eq!(amended.sender.unwrap().name, "Shop");
        assert_eq!(amended.origin.unwrap().country, "DE");
        assert_eq!((amended.recipient, amended.carrier), (None, None));
    }

    #[test]
    fn null_and_what_never_changes_are_refused() {
        for body in [
            json!({"carrier": null}),
            json!({"sender": null}),
            json!({"customer_id": "other"}),
            json!({"shipment_id": "8b5e6c1e-0b1d-4d0a-9c53-0123456789ab"}),
        ] {
            assert!(serde_json::from_value::<AmendBody>(body.clone()).is_err(), "{body}");
        }
    }
}
