//! What the codec costs: `cargo test --release -p event-codec --test it -- --ignored --nocapture cost`.

use std::time::Instant;

use event_codec::{CloudEvent, Decoder, Encoder, Headers, WriterSchemas, contract};
use shipment_events::{ShipmentEvent, ShipmentSnapshot};

use crate::samples;

fn per_second(rounds: u32, mut each: impl FnMut()) -> f64 {
    let start = Instant::now();
    (0..rounds).for_each(|_| each());
    f64::from(rounds) / start.elapsed().as_secs_f64()
}

#[test]
fn a_shipment_with_the_most_scans_makes_a_small_snapshot() {
    let encoder = Encoder::new(contract::snapshot(), 1);
    let bytes = encoder.to_vec(&samples::snapshot(1_000, 64)).unwrap();
    println!("snapshot of 1,000 scans: {} bytes", bytes.len());
    assert!(bytes.len() < 80_000, "{} bytes", bytes.len());
}

#[test]
#[ignore = "a measurement, not a test"]
fn encoding_and_decoding() {
    let writers = WriterSchemas::new();
    writers.add_contract(1, &contract::event()).unwrap();
    writers.add_contract(2, &contract::snapshot()).unwrap();
    let (_, scan) = samples::events().swap_remove(4);
    let encoder = Encoder::<ShipmentEvent>::new(contract::event(), 1);
    let mut buffer = Vec::new();
    let to_bytes = per_second(200_000, || {
        buffer.clear();
        encoder.encode(&scan, &mut buffer).unwrap();
    });
    let decoder = Decoder::<ShipmentEvent>::new(contract::event(), writers.clone());
    let stamp = encoder.stamp().as_bytes().to_vec();
    let to_value = per_second(200_000, || {
        decoder.decode(&buffer, Some(&stamp)).unwrap();
    });
    let snapshots = Encoder::<ShipmentSnapshot>::new(contract::snapshot(), 2);
    let largest = samples::snapshot(1_000, 64);
    let mut large = Vec::new();
    let rewritten = per_second(1_000, || {
        large.clear();
        snapshots.encode(&largest, &mut large).unwrap();
    });
    let snapshot_decoder = Decoder::<ShipmentSnapshot>::new(contract::snapshot(), writers);
    let read_back = per_second(1_000, || {
        snapshot_decoder.decode(&large, None).unwrap();
    });
    println!("scan event of {} bytes: {to_bytes:.0} encoded/s, {to_value:.0} decoded/s", buffer.len());
    println!("snapshot of {} bytes: {rewritten:.0} encoded/s, {read_back:.0} decoded/s", large.len());
}

#[test]
#[ignore = "a measurement, not a test"]
fn headers() {
    let (_, scan) = samples::events().swap_remove(4);
    let stamp = contract::event().stamp().to_owned();
    let mut headers = Headers::new();
    let written = per_second(200_000, || {
        headers.clear();
        let event = CloudEvent {
            id: scan.event_id,
            body: scan.body.type_name(),
            source: "/parceltrack/command-handler",
            time: scan.occurred_at,
            subject: scan.shipment_id,
        };
        event.write(&stamp, &mut headers);
    });
    println!("{} headers: {written:.0} records/s", headers.len());
}
