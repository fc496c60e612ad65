//! Contenders: several who want to change the same shipment, each expecting the version that it has seen.

use std::sync::Arc;

use rand::Rng;
use shipment_events::ShipmentId;
use tokio::sync::Mutex;

use super::Wanted;
use super::client::Client;
use super::wanted::{amendment, registration};
use crate::chance::uuid;
use crate::ledger::Answer;

/// A shipment takes so many changes before another takes its place: an accepted command is recognised among the last 64.
const CHANGES: i64 = 50;

/// The shipment they all want to change.
#[derive(Clone, Default)]
pub(super) struct Hot {
    shipment: Arc<Mutex<Option<(ShipmentId, u64)>>>,
}

impl Client {
    /// Changes the hot shipment again and again, until it is time to end.
    pub(super) async fn contend(mut self, hot: Hot) {
        let mut seen: Option<(ShipmentId, i64)> = None;
        while self.think().await {
            let Some(id) = self.hot_shipment(&hot, seen).await else { continue };
            let version = match seen {
                Some((of, version)) if of == id => version,
                // All begin with the same.
                _ => 1,
            };
            let body = amendment(self.chance.random_range(1..9999));
            let wanted = Wanted { shipment_id: Some(id), body, expected_version: Some(version) };
            let asked = self.ask(wanted).await;
            if self.sometimes(0.1) {
                self.ask_again(&asked).await;
            }
            seen = match asked.answer {
                Some(Answer::Accepted { version, .. } | Answer::Rejected { version: Some(version), .. }) => {
                    Some((id, version))
                }
                _ => seen,
            };
        }
    }

    /// The shipment of the hour; whoever sees that it has had its changes registers the next one.
    async fn hot_shipment(&mut self, hot: &Hot, seen: Option<(ShipmentId, i64)>) -> Option<ShipmentId> {
        let mut shipment = hot.shipment.lock().await;
        match *shipment {
            Some((id, _)) if seen.is_none_or(|(of, version)| of != id || version < CHANGES) => Some(id),
            before => {
                let n = before.map_or(0, |(_, n)| n + 1);
                let id = ShipmentId::new(uuid(&mut self.chance));
                let registered = self.ask(Wanted::of(id, registration("hot", n))).await;
                registered.version()?;
                *shipment = Some((id, n));
                Some(id)
            }
        }
    }
}
