//! One shipment's life, as commands with the moment each is posted.

use chrono::{Offset, TimeZone};
use shipment_domain::{
    AmendShipment, ArchiveShipment, CancelShipment, CommandBody, RecordScan, RegisterShipment, RetractScan,
    ShipmentCommand,
};
use shipment_events::{CommandId, Date, EventId, Scan, ScanTime, ShipmentId, Timestamp};
use uuid::Uuid;

use super::network::{Carrier, Stop, What, route};
use crate::synthetic::{Chance, City, person, shop};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A command, and when it is posted.
#[derive(Debug)]
pub(super) struct Posted {
    pub(super) at: i64,
    pub(super) command: ShipmentCommand,
}

/// Plans the life of one shipment that is registered at this moment (milliseconds since 1970).
pub(super) fn plan(shipment: Uuid, registered_at: i64) -> Vec<Posted> {
    let mut journey = Journey::register(ShipmentId::new(shipment), registered_at);
    journey.live();
    // The order is that of posting; at the same moment, that of planning.
    journey.posted.sort_by_key(|posted| posted.at);
    journey.posted
}

struct Journey {
    chance: Chance,
    shipment: ShipmentId,
    carrier: Carrier,
    number: String,
    stops: Vec<Stop>,
    /// Where the clock of events stands.
    now: i64,
    commands: u32,
    posted: Vec<Posted>,
}

impl Journey {
    fn register(shipment: ShipmentId, at: i64) -> Self {
        let mut chance = Chance::new(shipment.as_uuid(), "journey");
        let cities = City::all();
        let from = chance.one_of(cities);
        // Two parcels in three stay in their country, where that has another city.
        let near = City::of_country(Some(from.country));
        let to = if chance.below(3) < 2 { *chance.one_of(&near) } else { chance.one_of(cities) };
        let carrier = Carrier::any(&mut chance);
        let number = carrier.tracking_number(&mut chance, from.country);
        let stops = route(&mut chance, from, to);
        let mut journey =
            Self { chance, shipment, carrier, number, stops, now: at, commands: 0, posted: Vec::new() };
        let sender = shop(&mut journey.chance, from);
        let recipient = person(&mut journey.chance, to);
        let days = 2 + journey.stops.iter().map(|s| s.minutes).sum::<i64>() * MINUTE / DAY;
        let body = RegisterShipment {
            customer_id: format!("shop-{:03}", journey.chance.below(200)),
            sender,
            recipient,
            origin: Some(from.location()),
            destination: to.location(),
            weight_grams: 50 + 10 * journey.chance.below(2500) as i64,
            promised_delivery: Some(Date::from_days(
                Timestamp::from_millis(at + days * DAY).date().as_days(),
            )),
            customer_reference: Some(format!("order-{:08}", journey.chance.below(100_000_000))),
            carrier: Some(carrier.name.to_owned()),
            tracking_number: Some(journey.number.clone()),
        };
        journey.post(at, CommandBody::RegisterShipment(body));
        journey
    }

    fn live(&mut self) {
        let origin = self.stops[0].city;
        self.pass(2 * MINUTE, 90 * MINUTE);
        self.scan(What::Announced, origin, None);
        if self.percent(2) {
            let heavier = 100 + 10 * self.chance.below(2500) as i64;
            let body = AmendShipment { weight_grams: Some(heavier), ..AmendShipment::default() };
            self.post(self.now + 5 * MINUTE, CommandBody::AmendShipment(body));
        }
        if self.percent(2) {
            return self.is_called_off();
        }
        self.pass(2 * HOUR, 20 * HOUR);
        self.scan(What::Collected, origin, None);
        for stop in 0..self.stops.len() {
            self.passes(stop);
            if self.percent(1) && self.is_lost_for_good(stop) {
                return;
            }
        }
        self.is_brought();
    }

    /// Before it was handed over. Now and then the carrier collects it all the same.
    fn is_called_off(&mut self) {
        let origin = self.stops[0].city;
        self.pass(HOUR, 12 * HOUR);
        let reason = Some("ordered by mistake".to_owned());
        self.post(self.now, CommandBody::CancelShipment(CancelShipment { reason }));
        self.pass(HOUR, 6 * HOUR);
        match self.chance.below(10) {
            0 => self.scan(What::Collected, origin, None),
            1..=2 => self.scan(What::Lapsed, origin, None),
            3..=7 => self.scan(What::Voided, origin, None),
            _ => {}
        }
    }

    fn passes(&mut self, stop: usize) {
        let (city, minutes, customs) =
            (self.stops[stop].city, self.stops[stop].minutes, self.stops[stop].customs);
        self.now += minutes * MINUTE;
        if self.percent(4) {
            self.scan(What::Late, city, None);
            self.pass(4 * HOUR, 30 * HOUR);
        }
        self.scan(What::Arrived, city, Some(stop));
        if customs {
            self.pass(30 * MINUTE, 3 * HOUR);
            self.scan(What::ClearanceBegun, city, Some(stop));
            if self.percent(8) {
                self.pass(HOUR, 5 * HOUR);
                self.scan(What::Held, city, Some(stop));
                self.pass(12 * HOUR, 3 * DAY);
            }
            self.pass(HOUR, 12 * HOUR);
            self.scan(What::ClearanceDone, city, Some(stop));
        }
        if stop + 1 < self.stops.len() {
            self.pass(HOUR, 7 * HOUR);
            self.scan(What::Departed, city, Some(stop));
        }
    }

    /// Lost; two in three are found again.
    fn is_lost_for_good(&mut self, stop: usize) -> bool {
        let city = self.stops[stop].city;
        self.pass(2 * DAY, 4 * DAY);
        self.scan(What::Gone, city, None);
        if self.percent(66) {
            self.pass(DAY, 5 * DAY);
            self.scan(What::Found, city, Some(stop));
            return false;
        }
        true
    }

    /// The last mile.
    fn is_brought(&mut self) {
        let last = self.stops.len() - 1;
        let door = self.stops[last].city;
        if self.percent(1) {
            self.scan(What::Broken, door, Some(last));
            if self.percent(50) {
                self.pass(DAY, 3 * DAY);
                self.scan(What::Destroyed, door, Some(last));
                return;
            }
        }
        for attempt in 0..3 {
            self.pass(6 * HOUR, 14 * HOUR);
            self.scan(What::Out, door, Some(last));
            self.pass(HOUR, 8 * HOUR);
            if self.percent(2) {
                self.wrongly_delivered(door);
            }
            match self.chance.below(100) {
                0..=84 => return self.is_handed_over(door),
                85..=91 => self.scan(What::NobodyHome, door, None),
                92..=95 => {
                    self.scan(What::NobodyHome, door, None);
                    self.pass(HOUR, 4 * HOUR);
                    self.scan(What::AtShop, door, None);
                    self.pass(5 * HOUR, 4 * DAY);
                    return self.is_handed_over(door);
                }
                96..=97 => self.scan(What::Trouble, door, None),
                _ => return self.goes_back(),
            }
            if attempt == 2 {
                self.goes_back();
            }
        }
    }

    fn is_handed_over(&mut self, door: &'static City) {
        self.scan(What::HandedOver, door, None);
        if self.percent(3) {
            self.pass(DAY, 2 * DAY);
            let reason = Some("settled".to_owned());
            self.post(self.now, CommandBody::ArchiveShipment(ArchiveShipment { reason }));
        }
    }

    fn goes_back(&mut self) {
        let (first, last) = (0, self.stops.len() - 1);
        self.pass(HOUR, 5 * HOUR);
        self.scan(What::Refused, self.stops[last].city, None);
        for stop in (first..last).rev() {
            self.now += self.stops[stop + 1].minutes * MINUTE;
            self.scan(What::Arrived, self.stops[stop].city, Some(stop));
        }
        self.pass(4 * HOUR, 20 * HOUR);
        self.scan(What::BackHome, self.stops[first].city, None);
    }

    /// The courier presses the wrong key, and the depot takes it back.
    fn wrongly_delivered(&mut self, door: &'static City) {
        let at = self.now + self.lag();
        let scan = self.scanned(What::HandedOver, door, None);
        let command_id = self.post(at, CommandBody::RecordScan(RecordScan { scan }));
        let reason = Some("scanned by mistake".to_owned());
        let scan_event_id = EventId::of_command(command_id, 0);
        let later = at + self.minutes(5, 50);
        self.post(later, CommandBody::RetractScan(RetractScan { scan_event_id, reason }));
        self.pass(10 * MINUTE, HOUR);
    }

    /// A scan is made now. It is reported a little later, now and then much later; and now and then twice.
    fn scan(&mut self, what: What, city: &'static City, stop: Option<usize>) {
        let scan = self.scanned(what, city, stop);
        let at = self.now + self.lag();
        if self.percent(3) {
            let again = at + self.minutes(1, 300);
            self.post(again, CommandBody::RecordScan(RecordScan { scan: scan.clone() }));
        }
        self.post(at, CommandBody::RecordScan(RecordScan { scan }));
    }

    fn lag(&mut self) -> i64 {
        // Two in a hundred scanners were out of reach for hours: their scans come after later ones of others.
        if self.percent(2) { self.minutes(360, 2880) } else { self.minutes(0, 15) }
    }

    fn scanned(&mut self, what: What, city: &'static City, stop: Option<usize>) -> Scan {
        let (code, text) = self.carrier.words(what);
        let facility = stop.map(|stop| self.stops[stop].facility.clone());
        let carrier_scan_id =
            self.carrier.names_scans.then(|| format!("{}-{:05}-{}", self.number, self.commands, code));
        Scan {
            time: on_clock(self.now, city),
            status: what.status(),
            place: Some(city.place(facility)),
            carrier: self.carrier.name.to_owned(),
            tracking_number: Some(self.number.clone()),
            raw_code: Some(code.to_owned()),
            raw_text: Some(text.to_owned()),
            carrier_scan_id,
            signed_by: None,
        }
    }

    fn post(&mut self, at: i64, body: CommandBody) -> CommandId {
        self.commands += 1;
        let command_id = CommandId::new(Uuid::new_v5(&self.shipment.as_uuid(), &self.commands.to_be_bytes()));
        let command = ShipmentCommand {
            command_id,
            shipment_id: self.shipment,
            expected_version: None,
            issued_at: Timestamp::from_millis(at),
            actor: Some("simulator".to_owned()),
            customers: None,
            body,
        };
        self.posted.push(Posted { at, command });
        command_id
    }

    fn pass(&mut self, least: i64, most: i64) {
        self.now += least + (most - least) * self.chance.below(1000) as i64 / 1000;
    }

    fn minutes(&mut self, least: i64, most: i64) -> i64 {
        (least + self.chance.below((most - least).unsigned_abs() as usize) as i64) * MINUTE
            + self.chance.below(60_000) as i64
    }

    fn percent(&mut self, percent: usize) -> bool {
        self.chance.below(100) < percent
    }
}

fn on_clock(millis: i64, city: &City) -> ScanTime {
    let at = Timestamp::from_millis(millis / 1000 * 1000);
    let offset = city.zone.offset_from_utc_datetime(&at.to_datetime().naive_utc()).fix();
    ScanTime { at, offset_seconds: Some(offset.local_minus_utc()) }
}
