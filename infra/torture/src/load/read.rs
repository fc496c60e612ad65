//! Reading one's own writes: at the query API or through the gateway, no older than the version that was just answered.

use std::time::Duration;

use rand::Rng;
use reqwest::StatusCode;
use serde_json::Value;
use shipment_events::ShipmentId;

use super::client::{Client, PAUSE};
use crate::observed::{Read, Seen};

/// Longer than the API itself waits for a version.
const PATIENCE: Duration = Duration::from_secs(9);

/// The ways to the query API.
pub(super) struct ReadGate {
    http: reqwest::Client,
    ports: [u16; 2],
}

impl ReadGate {
    /// Those at these ports.
    pub(super) fn new(ports: [u16; 2]) -> reqwest::Result<Self> {
        Ok(Self { http: reqwest::Client::builder().timeout(PATIENCE).build()?, ports })
    }

    /// What is shown; none when there is no answer, or the API says to come again.
    async fn ask(&self, n: usize, shipment: ShipmentId, least: i64) -> Option<Seen> {
        let port = self.ports[n % self.ports.len()];
        let url = format!("http://127.0.0.1:{port}/api/v1/shipments/{shipment}?min_version={least}");
        let response = self.http.get(url).send().await.ok()?;
        let status = response.status();
        let body: Value = response.json().await.ok()?;
        seen(status, &body)
    }
}

fn seen(status: StatusCode, body: &Value) -> Option<Seen> {
    match (status, body["version"].as_i64(), body["status"].as_str()) {
        (StatusCode::OK, Some(version), Some(status)) => {
            Some(Seen::Shipment { version, status: status.to_owned() })
        }
        (
            StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::GATEWAY_TIMEOUT,
            ..,
        ) => None,
        _ => Some(Seen::Nonsense { text: format!("{status}: {body}") }),
    }
}

impl Client {
    /// Reads until something is shown.
    pub(super) async fn read_back(&mut self, shipment_id: ShipmentId, at_least: i64) {
        for n in self.chance.random_range(0..2).. {
            if let Some(seen) = self.reads.ask(n, shipment_id, at_least).await {
                self.ledger.read(Read { shipment_id, at_least, seen: Some(seen) });
                return;
            }
            let pause = Duration::from_millis(self.chance.random_range(PAUSE));
            tokio::select! {
                () = self.give_up.cancelled() => break,
                () = tokio::time::sleep(pause) => {}
            }
        }
        self.ledger.read(Read { shipment_id, at_least, seen: None });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_shown_is_told_from_what_is_not_there_yet() {
        let of = |status: u16, json: Value| seen(StatusCode::from_u16(status).unwrap(), &json);
        let shown = Seen::Shipment { version: 3, status: "in_transit".to_owned() };
        assert_eq!(of(200, json!({"version": 3, "status": "in_transit"})), Some(shown));
        assert_eq!(of(503, json!({"version": 2, "min_version": 3})), None);
        for (status, json) in [(404, json!({})), (500, json!({})), (200, json!({"version": 3}))] {
            assert!(matches!(of(status, json), Some(Seen::Nonsense { .. })), "{status}");
        }
    }
}
