//! Commands to post: shipments of ordinary size, each registered and then scanned five times.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use event_codec::headers::{PT_REPLY_TO, TRACEPARENT};
use event_codec::{CloudEvent, Encoder, Headers};
use event_log::partition_of;
use shipment_domain::{
    CommandBody, CommandPosition, RecordScan, RegisterShipment, ShipmentCommand, decide_once,
};
use shipment_events::{
    Address, CommandId, Location, Party, Phone, Place, Scan, ScanTime, ShipmentEvent, ShipmentId, Status,
    Timestamp,
};
use uuid::Uuid;

use crate::world::PARTITIONS;

/// Commands of each shipment.
pub(crate) const COMMANDS_PER_SHIPMENT: u64 = 6;

/// Among so many customers they are shared out.
pub(crate) const CUSTOMERS: u64 = 200;

/// A shipment is scanned so often at most.
const MOST_SCANS: i64 = 12;

const STEPS: [(Status, &str, &str, &str); 5] = [
    (Status::PickedUp, "PU", "Shipment picked up", "Hamburg"),
    (Status::InTransit, "AR", "Arrived at carrier facility", "Hannover"),
    (Status::InTransit, "DP", "Departed from carrier facility", "Frankfurt am Main"),
    (Status::OutForDelivery, "OD", "On vehicle for delivery", "Neu-Ulm"),
    (Status::Delivered, "DL", "Delivered, left with recipient", "Ulm"),
];

/// A stream of commands for `shipments` shipments: all are registered, then each gets its first scan, and so on. So no
/// two commands of a shipment are near each other, which is the harder case: each needs its state anew.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    encoder: Encoder<ShipmentCommand>,
    /// Tells its shipments and commands from those of other loads.
    id: u64,
    shipments: u64,
    now: i64,
}

/// A command as a record.
pub(crate) struct Posted {
    pub(crate) partition: i32,
    pub(crate) key: String,
    pub(crate) value: Vec<u8>,
    pub(crate) headers: Headers,
}

impl Load {
    pub(crate) fn new(encoder: Encoder<ShipmentCommand>, id: u64, shipments: u64) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64);
        Self { encoder, id, shipments, now }
    }

    /// How many commands there are.
    pub(crate) fn len(&self) -> u64 {
        self.shipments * COMMANDS_PER_SHIPMENT
    }

    /// When all of them are issued.
    pub(crate) fn posted_at(&self) -> i64 {
        self.now
    }

    /// The nth command, with the headers that command-client gives it.
    pub(crate) fn record(&self, n: u64) -> Result<Posted> {
        let command = self.command(n);
        let mut headers = Headers::new();
        CloudEvent {
            id: command.command_id,
            body: command.body.type_name(),
            source: "/parceltrack/bench",
            time: command.issued_at,
            subject: command.shipment_id,
        }
        .write(self.encoder.stamp(), &mut headers);
        // One of a hundred is sampled, as it is by default.
        let sampled = u8::from(n.is_multiple_of(100));
        let trace =
            format_args!("00-{:032x}-{:016x}-{sampled:02x}", command.command_id.as_uuid().as_u128(), n + 1);
        headers.show(TRACEPARENT, trace);
        headers.show(PT_REPLY_TO, command.command_id);
        Ok(Posted {
            partition: partition_of(command.shipment_id, PARTITIONS),
            key: command.key(),
            value: self.encoder.to_vec(&command)?,
            headers,
        })
    }

    /// Which command a reply is to, by its key.
    pub(crate) fn number_of(&self, key: &[u8]) -> Option<u64> {
        let id = Uuid::try_parse_ascii(key).ok()?;
        let (load, n) = id.as_u64_pair();
        (load == self.id && n < self.len()).then_some(n)
    }

    /// The event that the nth shipment's registration leads to.
    pub(crate) fn registered(&self, n: u64) -> Result<ShipmentEvent> {
        let appended_at = Timestamp::from_millis(self.now);
        let at = CommandPosition { topic_id: "", partition: 0, offset: 0, appended_at };
        let decided = decide_once(None, &self.command(n), &at);
        decided.events.into_iter().next().context("a registration is refused")
    }

    fn command(&self, n: u64) -> ShipmentCommand {
        let (step, shipment) = (n / self.shipments, n % self.shipments);
        let issued_at = Timestamp::from_millis(self.now);
        let body = match step.checked_sub(1) {
            None => CommandBody::RegisterShipment(registration(shipment)),
            Some(scan) => CommandBody::RecordScan(RecordScan { scan: self.scan(shipment, scan as usize) }),
        };
        ShipmentCommand {
            command_id: CommandId::new(Uuid::from_u64_pair(self.id, n)),
            shipment_id: self.shipment_id(shipment),
            expected_version: None,
            issued_at,
            actor: Some("bench".to_owned()),
            customers: None,
            body,
        }
    }

    /// The nth shipment's id: scattered, as those of real ones are.
    pub(crate) fn shipment_id(&self, shipment: u64) -> ShipmentId {
        let seed = mixed(self.id.wrapping_mul(0x1_0000_0001).wrapping_add(shipment));
        ShipmentId::new(Uuid::from_u64_pair(seed, mixed(seed)))
    }

    fn scan(&self, shipment: u64, step: usize) -> Scan {
        let (status, code, text, city) = STEPS[step % STEPS.len()];
        // None of them in the future, which would be refused.
        let hours = 7 * (MOST_SCANS - step as i64);
        Scan {
            time: ScanTime::utc(Timestamp::from_millis(self.now - hours * 3_600_000)),
            status,
            place: Some(Place {
                facility: Some(format!("{city} parcel centre")),
                city: Some(city.to_owned()),
                region: None,
                postal_code: None,
                country: Some("DE".to_owned()),
                latitude: None,
                longitude: None,
            }),
            carrier: "dhl".to_owned(),
            tracking_number: Some(tracking_number(shipment)),
            raw_code: Some(code.to_owned()),
            raw_text: Some(text.to_owned()),
            carrier_scan_id: None,
            signed_by: None,
        }
    }
}

fn registration(shipment: u64) -> RegisterShipment {
    let place = |city: &str, code: &str| Location {
        city: Some(city.to_owned()),
        region: None,
        postal_code: Some(code.to_owned()),
        country: "DE".to_owned(),
    };
    RegisterShipment {
        customer_id: format!("shop-{}", shipment % CUSTOMERS),
        sender: Party { name: "Lamp Shop".to_owned(), phone: None, address: None },
        recipient: Party {
            name: format!("Ada Example {}", shipment % 1000),
            phone: Some(Phone::new(format!("+493023125{:03}", shipment % 1000))),
            address: Some(Address {
                street: format!("Example Street {}", shipment % 300 + 1),
                city: "Ulm".to_owned(),
                region: None,
                postal_code: Some("89073".to_owned()),
                country: "DE".to_owned(),
            }),
        },
        origin: Some(place("Hamburg", "20095")),
        destination: place("Ulm", "89073"),
        weight_grams: 500 + (shipment % 5000) as i64,
        promised_delivery: None,
        customer_reference: Some(format!("order-{shipment}")),
        carrier: Some("dhl".to_owned()),
        tracking_number: Some(tracking_number(shipment)),
    }
}

fn tracking_number(shipment: u64) -> String {
    format!("JD{shipment:018}")
}

/// SplitMix64's finisher: every bit of the number reaches every bit of the result.
fn mixed(mut bits: u64) -> u64 {
    bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use event_codec::contract;
    use shipment_events::Outcome;

    use super::*;

    #[test]
    fn every_command_is_one_that_the_rules_accept() {
        let load = Load::new(Encoder::new(contract::command(), 1), 7, 20);
        let mut known = std::collections::BTreeMap::new();
        for n in 0..load.len() {
            let command = load.command(n);
            let at = CommandPosition {
                topic_id: "t",
                partition: 0,
                offset: n as i64,
                appended_at: Timestamp::from_millis(load.now),
            };
            let decided = decide_once(known.get(&command.shipment_id), &command, &at);
            let Outcome::Accepted(accepted) = decided.outcome else { panic!("{:?}", decided.outcome) };
            assert_eq!(accepted.events, 1);
            known.insert(command.shipment_id, decided.snapshot.unwrap());
        }
        assert_eq!(known.len(), 20);
    }

    #[test]
    fn a_reply_leads_back_to_its_command_and_to_no_other_loads() {
        let load = Load::new(Encoder::new(contract::command(), 1), 7, 20);
        let other = Load::new(Encoder::new(contract::command(), 1), 8, 20);
        let mut keys = BTreeSet::new();
        for n in 0..load.len() {
            let posted = load.record(n).unwrap();
            let reply_to = posted.headers.get(PT_REPLY_TO).unwrap();
            assert_eq!(load.number_of(reply_to), Some(n));
            assert_eq!(other.number_of(reply_to), None);
            keys.insert(posted.key);
        }
        assert_eq!(keys.len(), 20);
        assert!(!keys.contains(&other.record(0).unwrap().key));
    }
}
