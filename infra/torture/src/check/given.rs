//! A history made by hand: a small system that does everything right, for tests to break.

use std::collections::BTreeMap;

use shipment_domain::{
    AmendShipment, CommandBody, CommandPosition, RecordScan, RegisterShipment, ShipmentCommand, decide_once,
};
use shipment_events::{
    CommandId, Location, Outcome, Party, Scan, ScanTime, Sequence, ShipmentId, ShipmentSnapshot, Status,
    Timestamp,
};
use tracking_view::{Bucket, ModelStore, PhoneKey, Projection};
use uuid::Uuid;

use super::views;
use crate::ledger::{Answer, Attempt, Intent, Kind, Op};
use crate::observed::{Logged, Observed, Parked, Poison, Posted, Read, Replied, Seen};

pub(super) fn phones() -> PhoneKey {
    PhoneKey::new(b"a key")
}

pub(super) fn shipment(n: u128) -> ShipmentId {
    ShipmentId::new(Uuid::from_u128(n))
}

/// What was done so far.
#[derive(Default)]
pub(super) struct Given {
    pub(super) observed: Observed,
    states: BTreeMap<ShipmentId, ShipmentSnapshot>,
    tables: ModelStore,
    clock: u64,
}

impl Given {
    /// Two shipments with some history, a refused change, a retry, and a piece of poison.
    pub(super) fn some_history() -> Observed {
        let mut given = Self::default();
        for n in 1..=2 {
            given.ask(n, 10 * n, Kind::Register, None);
            given.ask(n, 10 * n + 1, Kind::Scan, None);
            given.ask(n, 10 * n + 2, Kind::Amend, Some(2));
            // Came too late.
            given.ask(n, 10 * n + 3, Kind::Amend, Some(2));
            // Asked again, and by another who saw the same scan.
            given.again(10 * n + 2);
            given.ask_as(n, 10 * n + 4, Kind::Scan, None, 10 * n + 1);
        }
        given.observed.poison.push(Poison { mark: "1".to_owned(), acknowledged: true });
        given.observed.commands.push(Posted {
            partition: 0,
            offset: 9,
            reply_to: None,
            command_id: None,
            mark: Some("1".to_owned()),
            at_home: false,
        });
        given.observed.dead_letters.push(Parked {
            by: "command-handler".to_owned(),
            code: "not-framed".to_owned(),
            mark: Some("1".to_owned()),
            from: "commands[0]@9".to_owned(),
        });
        given.observe()
    }

    fn ask(&mut self, shipment_n: u128, command: u128, kind: Kind, expected: Option<i64>) {
        self.ask_as(shipment_n, command, kind, expected, command);
    }

    fn ask_as(
        &mut self,
        shipment_n: u128,
        command: u128,
        kind: Kind,
        expected_version: Option<i64>,
        scan: u128,
    ) {
        let scan = (kind == Kind::Scan).then(|| format!("scan-{scan}"));
        let intent = Intent {
            command_id: Some(CommandId::new(Uuid::from_u128(command))),
            shipment_id: Some(shipment(shipment_n)),
            expected_version,
            scan,
            ..Intent::of("client", kind)
        };
        self.observed.ops.push(Op::new(intent));
        self.attempt(self.observed.ops.len() - 1);
    }

    fn again(&mut self, command: u128) {
        let id = CommandId::new(Uuid::from_u128(command));
        let op = self.observed.ops.iter().position(|op| op.command_id == Some(id)).unwrap();
        self.attempt(op);
    }

    fn attempt(&mut self, n: usize) {
        let op = &self.observed.ops[n];
        let command = command(op);
        let offset = self.observed.commands.len() as i64;
        let appended_at = Timestamp::from_millis(1_700_000_000_000 + offset * 1000);
        let at = CommandPosition { topic_id: "topic", partition: 0, offset, appended_at };
        let decided = decide_once(self.states.get(&command.shipment_id), &command, &at);
        let reply_to = Some(format!("client/{offset}"));
        self.observed.commands.push(Posted {
            partition: 0,
            offset,
            reply_to: reply_to.clone(),
            command_id: Some(command.command_id),
            mark: None,
            at_home: true,
        });
        let reply = decided.reply(&command, &at);
        let answer = match &reply.outcome {
            Outcome::Accepted(accepted) => {
                Answer::Accepted { version: accepted.version.get(), events: accepted.events }
            }
            Outcome::Rejected(rejected) => {
                Answer::Rejected { code: rejected.code.clone(), version: Some(rejected.version.get()) }
            }
        };
        self.observed.replies.push(Replied { reply_to, reply });
        if let Answer::Accepted { version, .. } = answer {
            let now = decided.snapshot.as_ref().or(self.states.get(&command.shipment_id)).unwrap();
            let status = now.state.status().unwrap().as_str().to_owned();
            let seen = Some(Seen::Shipment { version, status });
            self.observed.reads.push(Read { shipment_id: command.shipment_id, at_least: version, seen });
        }
        for event in decided.events {
            let payload = event.event_id.as_bytes().to_vec();
            for write in Projection::new(phones()).project(&event, &payload) {
                self.tables.apply(&write);
            }
            self.observed.payloads.insert((event.shipment_id, event.sequence.get()), payload);
            let offset = self.observed.events.len() as i64;
            self.observed.events.push(Logged { partition: 0, offset, value: event });
        }
        if let Some(snapshot) = decided.snapshot {
            self.states.insert(snapshot.shipment_id, snapshot.clone());
            let offset = self.observed.snapshots.len() as i64;
            self.observed.snapshots.push(Logged { partition: 0, offset, value: snapshot });
        }
        self.clock += 10;
        let attempt = Attempt {
            sent_at: self.clock - 5,
            through: "api-1".to_owned(),
            answered: Some((self.clock, answer)),
        };
        self.observed.ops[n].attempts.push(attempt);
    }

    fn observe(mut self) -> Observed {
        let views = &mut self.observed.views;
        for id in self.states.keys() {
            views.rows.extend(self.tables.shipment(*id).unwrap().map(|row| (*id, row)));
            views.histories.insert(*id, self.tables.history(*id).unwrap());
        }
        for entry in self.tables.visible_entries().unwrap() {
            let list = match entry.bucket {
                Bucket::Customer(id, _) => views::customer(id.as_str()),
                Bucket::Status(status, ..) => views::of_status(status.as_str()),
                Bucket::Day(..) => views::day(),
                Bucket::Archive(..) => views::archive(),
                Bucket::TrackingNumber(_) | Bucket::Phone(_) => continue,
            };
            *views.lists.entry(list).or_default().entry(entry.shipment_id).or_default() += 1;
        }
        self.observed
    }
}

fn command(op: &Op) -> ShipmentCommand {
    let party = |name: &str| Party { name: name.to_owned(), phone: None, address: None };
    let somewhere = Location { city: None, region: None, postal_code: None, country: "DE".to_owned() };
    let body = match op.intent.kind {
        Kind::Register => CommandBody::RegisterShipment(RegisterShipment {
            customer_id: "customer".to_owned(),
            sender: party("S"),
            recipient: party("R"),
            origin: None,
            destination: somewhere,
            weight_grams: 1,
            promised_delivery: None,
            customer_reference: None,
            carrier: None,
            tracking_number: None,
        }),
        Kind::Scan => CommandBody::RecordScan(RecordScan {
            scan: Scan {
                time: ScanTime::utc(Timestamp::from_millis(1_700_000_000_000)),
                status: Status::InTransit,
                place: None,
                carrier: "c".to_owned(),
                tracking_number: None,
                raw_code: op.intent.scan.clone(),
                raw_text: None,
                carrier_scan_id: None,
                signed_by: None,
            },
        }),
        _ => CommandBody::AmendShipment(AmendShipment { weight_grams: Some(7), ..AmendShipment::default() }),
    };
    ShipmentCommand {
        command_id: op.command_id.unwrap(),
        shipment_id: op.shipment_id.unwrap(),
        expected_version: op.intent.expected_version.map(Sequence::new),
        issued_at: Timestamp::from_millis(1_700_000_000_000),
        actor: None,
        customers: None,
        body,
    }
}
