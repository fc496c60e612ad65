//! Something of everything that people do, for as long as it lives: commands at the command API and through the gateway, reads of
//! every kind, live streams.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};

use crate::system::{Client, System};

/// A trace that has begun elsewhere, and is followed: dots in graphs come of it.
const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// Stops when it is dropped.
pub(super) struct Load {
    over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Load {
    pub(super) fn start(system: &System) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let of = |n: usize| {
            let (client, over) = (system.client(), over.clone());
            std::thread::spawn(move || {
                let mut round = 0;
                while !over.load(Ordering::Acquire) {
                    parcel(&client, n, round, &over);
                    round += 1;
                }
            })
        };
        Self { threads: (0..2).map(of).collect(), over }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// One parcel's life, looked at all the while.
fn parcel(client: &Client, thread: usize, round: usize, over: &AtomicBool) {
    let number = format!("RR{thread}{round:07}DE");
    let registration = json!({
        "customer_id": "acme",
        "sender": { "name": "Lamp Shop" },
        "recipient": { "name": "Ada Example" },
        "destination": { "city": "Ulm", "country": "DE" },
        "weight_grams": 1250,
        "tracking_number": number,
    });
    let posted = post(client, "/api/v1/shipments", &registration);
    let Some(id) = posted["shipment_id"].as_str().map(str::to_owned) else { return };
    let watching = watch(client, &format!("/api/v1/shipments/{id}/live"));
    for n in 0..8 {
        let scan = json!({
            "time": format!("2026-03-02T{n:02}:15:00+01:00"), "status": "in_transit", "carrier": "dhl", "tracking_number": number,
        });
        post(client, &format!("/api/v1/shipments/{id}/scans"), &scan);
        // The same through the command API's own door, and a command that is refused.
        client.post(&format!("/api/v1/shipments/{id}/scans"), &format!("{number}-{n}"), &scan);
        client.post(
            &format!("/api/v1/shipments/{id}/scans"),
            &format!("{number}-{n}-no"),
            &json!({ "status": "in_transit" }),
        );
        for path in [
            format!("/api/v1/shipments/{id}?min_version={}", n + 2),
            format!("/api/v1/shipments/{id}/history"),
            "/api/v1/shipments?customer=acme&limit=5".to_owned(),
            format!("/api/v1/tracking/{number}"),
            "/api/v1/services".to_owned(),
            "/api/v1/config".to_owned(),
        ] {
            let _ = client.http.get(client.at_gateway(&path)).header("traceparent", TRACE).send();
        }
        if over.load(Ordering::Acquire) {
            break;
        }
        std::thread::sleep(Duration::from_millis(30));
    }
    drop(watching);
}

fn post(client: &Client, path: &str, body: &Value) -> Value {
    let request = client.http.post(client.at_gateway(path)).header("traceparent", TRACE).json(body);
    request.send().and_then(reqwest::blocking::Response::json).unwrap_or_default()
}

/// A live stream, of which the first news have been read. It ends when this is dropped.
fn watch(client: &Client, path: &str) -> Option<reqwest::blocking::Response> {
    let mut stream = client.http.get(client.at_gateway(path)).send().ok()?;
    let mut first = [0; 64];
    stream.read_exact(&mut first).ok()?;
    Some(stream)
}
