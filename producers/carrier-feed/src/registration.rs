//! The registration that goes before a carrier's scans.

use shipment_domain::{CommandBody, RegisterShipment, ShipmentCommand, check};
use shipment_events::{ShipmentId, Timestamp};

use crate::identity;
use crate::synthetic::{Chance, City, person, shop};

/// Who feeds, as commands name it.
pub(crate) const ACTOR: &str = "carrier-feed";

/// Registers the shipment of a carrier's tracking number.
///
/// Everything a carrier's scans don't tell is made up, from carrier and number alone: so a later file with more scans of
/// the same shipment registers it with the very same words, which the domain knows again. A number that has the form of
/// the Universal Postal Union's S10 and fails its check digit (or can't be a tracking number otherwise) would be refused; it
/// goes into the customer's reference then, where nothing is checked.
pub(crate) fn registration(
    carrier: &str,
    tracking_number: &str,
    home: Option<&str>,
    issued_at: Timestamp,
) -> ShipmentCommand {
    let shipment_id = identity::shipment_id(carrier, tracking_number);
    let mut command = ShipmentCommand {
        command_id: identity::registration_id(shipment_id),
        shipment_id,
        expected_version: None,
        issued_at,
        actor: Some(ACTOR.to_owned()),
        customers: None,
        body: CommandBody::RegisterShipment(made_up(shipment_id, carrier, tracking_number, home)),
    };
    if check(&command).is_err()
        && let CommandBody::RegisterShipment(body) = &mut command.body
        && let Some(number) = body.tracking_number.take()
    {
        body.customer_reference = Some(plain(&number));
    }
    command
}

/// Whether the registration had to do without the tracking number.
pub(crate) fn is_numberless(command: &ShipmentCommand) -> bool {
    matches!(&command.body, CommandBody::RegisterShipment(body) if body.tracking_number.is_none())
}

fn made_up(shipment: ShipmentId, carrier: &str, number: &str, home: Option<&str>) -> RegisterShipment {
    let mut chance = Chance::new(shipment.as_uuid(), "registration");
    let near = City::of_country(home);
    let origin = **chance.one_of(&near);
    // One parcel in three leaves its country.
    let anywhere: Vec<_> = City::all().iter().collect();
    let choice = if chance.below(3) == 0 { &anywhere } else { &near };
    let destination = **chance.one_of(choice);
    let sender = shop(&mut chance, &origin);
    let recipient = person(&mut chance, &destination);
    RegisterShipment {
        customer_id: format!("shop-{:03}", chance.below(40)),
        sender,
        recipient,
        origin: Some(origin.location()),
        destination: destination.location(),
        weight_grams: 50 + 10 * chance.below(1200) as i64,
        promised_delivery: None,
        customer_reference: None,
        carrier: Some(carrier.to_owned()),
        tracking_number: Some(number.to_owned()),
    }
}

/// One line of at most 100 characters, with nothing invisible in it.
fn plain(text: &str) -> String {
    let line: String = text.chars().filter(|c| !c.is_control()).take(100).collect();
    let line = line.trim();
    if line.is_empty() { "unreadable".to_owned() } else { line.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(carrier: &str, number: &str) -> RegisterShipment {
        match registration(carrier, number, Some("DE"), Timestamp::from_millis(1_700_000_000_000)).body {
            CommandBody::RegisterShipment(body) => body,
            _ => unreachable!("a registration"),
        }
    }

    #[test]
    fn it_is_the_same_at_every_run() {
        assert_eq!(body("dhl-paket", "00340434"), body("dhl-paket", "00340434"));
        assert_ne!(body("dhl-paket", "00340434").recipient, body("dhl-paket", "00340435").recipient);
    }

    #[test]
    fn it_names_the_tracking_number_where_that_may_be_one() {
        assert_eq!(body("usps", "RC295935219DE").tracking_number.as_deref(), Some("RC295935219DE"));
        let wrong = body("usps", "RC295935218DE");
        assert_eq!(
            (wrong.tracking_number, wrong.customer_reference.as_deref()),
            (None, Some("RC295935218DE"))
        );
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_number_is_the_domain_takes_it(number in "\\PC{1,80}", carrier in "[a-z:-]{1,20}") {
            let command = registration(&carrier, number.trim(), None, Timestamp::from_millis(1_700_000_000_000));
            proptest::prop_assert_eq!(check(&command), Ok(()));
        }
    }
}
