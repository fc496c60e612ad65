//! Shipments that are registered and scanned over HTTP, for benches that see what becomes of them.

use anyhow::{Result, ensure};
use serde_json::json;
use shipment_events::Timestamp;
use uuid::Uuid;

use crate::http::Connection;

/// So many shipments of one bench.
#[derive(Clone, Copy)]
pub(crate) struct Parcels {
    pub(crate) count: u64,
    /// The first half of their ids: no other bench has it.
    pub(crate) family: u64,
}

impl Parcels {
    /// Registers each: what isn't registered isn't shown.
    pub(crate) async fn register(self, command_port: u16) -> Result<()> {
        let mut connection = Connection::open(command_port).await?;
        for shipment in 0..self.count {
            let body = json!({
                "shipment_id": self.id(shipment),
                "customer_id": "shop-7",
                "sender": { "name": "Lamp Shop" },
                "recipient": { "name": "Ada Example" },
                "destination": { "city": "Ulm", "country": "DE" },
                "weight_grams": 1250,
            });
            let (status, body) = connection.post("/api/v1/shipments", body.to_string()).await?;
            ensure!(status == 201, "a registration is answered {status}: {}", String::from_utf8_lossy(&body));
        }
        Ok(())
    }

    /// Where one is read.
    pub(crate) fn path(self, shipment: u64) -> String {
        format!("/api/v1/shipments/{}", self.id(shipment))
    }

    /// Where scans of one are posted.
    pub(crate) fn scans(self, shipment: u64) -> String {
        format!("{}/scans", self.path(shipment))
    }

    fn id(self, shipment: u64) -> Uuid {
        Uuid::from_u64_pair(self.family, shipment)
    }
}

/// A scan so long after the first one, in milliseconds; the carrier's own id tells it from others.
pub(crate) fn scan(after_millis: i64, carrier_scan_id: &str) -> String {
    let time = Timestamp::from_millis(1_764_000_000_000 + after_millis);
    json!({
        "time": time.to_string(), "status": "in_transit", "carrier": "dhl",
        "place": { "city": "Hannover", "country": "DE" },
        "raw_code": "AR", "carrier_scan_id": carrier_scan_id,
    })
    .to_string()
}
