//! The lives of shipments that belong to one client alone.

use rand::Rng;
use shipment_domain::{ArchiveShipment, CancelShipment, CommandBody, RetractScan};
use shipment_events::{EventId, ShipmentId};

use super::client::{Asked, Client};
use super::wanted::{amendment, registration, scan};
use super::{Gate, Wanted};

use crate::chance::uuid;

impl Client {
    /// One shipment after the other, until it is time to end.
    pub(super) async fn live(mut self) {
        for n in 0.. {
            if !self.think().await {
                return;
            }
            self.live_once(n).await;
        }
    }

    async fn live_once(&mut self, n: u64) {
        // Over HTTP the API may name it.
        let named = matches!(self.gate, Gate::Kafka(_)) || self.sometimes(0.5);
        let shipment_id = named.then(|| ShipmentId::new(uuid(&mut self.chance)));
        let body = registration(&self.name, n);
        let registered = self.ask(Wanted { shipment_id, body, expected_version: None }).await;
        if self.sometimes(0.15) {
            self.ask_again(&registered).await;
        }
        let Some(id) = registered.shipment_id.filter(|_| registered.version().is_some()) else { return };
        let mut last_scan: Option<EventId> = None;
        for step in 0..self.chance.random_range(2..7) {
            if !self.think().await {
                return;
            }
            let scanned = self.scan_once(id, n, step).await;
            if let Some(version) = scanned.version()
                && self.sometimes(0.3)
            {
                self.read_back(id, version).await;
            }
            last_scan = scanned.event_id().or(last_scan);
        }
        if self.sometimes(0.4) && self.think().await {
            let grams = self.chance.random_range(1..9999);
            let amended = self.ask(Wanted::of(id, amendment(grams))).await;
            if self.sometimes(0.3) {
                self.ask_again(&amended).await;
            }
        }
        if let Some(scan_event_id) = last_scan
            && self.sometimes(0.15)
            && self.think().await
        {
            let body = RetractScan { scan_event_id, reason: Some("a misread label".to_owned()) };
            let retracted = self.ask(Wanted::of(id, CommandBody::RetractScan(body))).await;
            self.ask_again(&retracted).await;
        }
        self.end(id).await;
    }

    async fn scan_once(&mut self, id: ShipmentId, n: u64, step: usize) -> Asked {
        let wanted = Wanted::of(id, scan(format!("{}-{n}-{step}", self.name), step));
        let scanned = self.ask(wanted.clone()).await;
        if self.sometimes(0.2) {
            self.ask_again(&scanned).await;
        }
        if self.sometimes(0.1) {
            // Another device reports the very same scan.
            self.ask(wanted).await;
        }
        scanned
    }

    async fn end(&mut self, id: ShipmentId) {
        if self.sometimes(0.2) && self.think().await {
            let body = CommandBody::CancelShipment(CancelShipment { reason: None });
            let cancelled = self.ask(Wanted::of(id, body)).await;
            if self.sometimes(0.3) {
                self.ask_again(&cancelled).await;
            }
        }
        if self.sometimes(0.25) && self.think().await {
            let body = CommandBody::ArchiveShipment(ArchiveShipment { reason: None });
            let archived = self.ask(Wanted::of(id, body)).await;
            if self.sometimes(0.3) {
                self.ask_again(&archived).await;
            }
        }
    }
}
