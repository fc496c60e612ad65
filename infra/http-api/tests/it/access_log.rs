//! A line for each request, with nobody's phone in it.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use crate::{api, ask};

/// Log lines kept in memory.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_line_has_route_status_and_ids_but_no_path_and_no_query() {
    // Another test may be registering the log's call sites at this very moment, and would find nobody interested.
    for path in ["/parcels/1", "/panic"] {
        ask(&api(8), "GET", path, &[], "").await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let id = [("x-request-id", "order-17")];
    ask(&api(8), "GET", "/parcels/4915112345678?phone=%2B4915112345678", &id, "").await;
    ask(&api(8), "GET", "/nowhere/+4915112345678", &id, "").await;
    ask(&api(8), "GET", "/panic", &id, "").await;
    ask(&api(8), "GET", "/readyz", &id, "").await;
    drop(guard);

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(!text.contains("4915112345678"), "{text}");
    assert!(!text.contains("Lovelace"), "{text}");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let said = |message: &str| -> Vec<&Value> {
        lines.iter().filter(|line| line["fields"]["message"] == message).collect()
    };
    let answered = said("answered");
    let routes: Vec<_> = answered.iter().map(|line| line["span"]["route"].as_str().unwrap()).collect();
    assert_eq!(routes, ["/parcels/{number}", "unmatched", "/panic"], "{text}");
    assert_eq!(answered[1]["fields"]["status"], 404);
    assert_eq!(answered[2]["level"], "WARN");
    assert_eq!(said("a handler panicked").len(), 1);
    assert!(lines.iter().all(|line| line["span"]["request_id"] == "order-17"), "{text}");
    assert!(answered.iter().all(|line| line["span"]["trace_id"].as_str().unwrap().len() == 32));
}
