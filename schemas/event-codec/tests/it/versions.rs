//! A real second version of the events' schema: a field more in the envelope, one more in a cancellation, and one
//! more member of the body. Readers and writers of both versions share a topic, as they do in a rolling upgrade.

use std::sync::Arc;

use event_codec::evolution::{Level, check_compatibility};
use event_codec::{Contract, Decoder, Encoder, WriterSchemas, contract};
use serde::{Deserialize, Serialize};
use shipment_events::{EventBody, ShipmentEvent};

use crate::samples;

const V1_ID: u32 = 11;
const V2_ID: u32 = 12;

/// The second version's schema, kept as a file like the released ones.
fn v2_contract() -> Arc<Contract> {
    let json = include_str!("versions/ShipmentEvent.v2.avsc").trim_end().to_owned();
    Arc::new(Contract::new("shipment.events.v1", Level::BackwardTransitive, json).unwrap())
}

/// The second version's type: what it doesn't name of the envelope stays as it was.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct EventV2 {
    event_id: String,
    shipment_id: String,
    sequence: i64,
    revision: i32,
    occurred_at: i64,
    recorded_at: i64,
    command_id: String,
    actor: Option<String>,
    status_before: Option<String>,
    status_after: String,
    status_since: i64,
    keys_before: Option<shipment_events::ListKeys>,
    keys: Option<shipment_events::ListKeys>,
    #[serde(default = "unknown_channel")]
    channel: String,
    body: BodyV2,
}

fn unknown_channel() -> String {
    "unknown".to_owned()
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
enum BodyV2 {
    #[serde(alias = "parceltrack.shipment.ShipmentRegistered")]
    ShipmentRegistered(shipment_events::Registration),
    #[serde(alias = "parceltrack.shipment.ShipmentAmended")]
    ShipmentAmended(shipment_events::Amendment),
    #[serde(alias = "parceltrack.shipment.ScanRecorded")]
    ScanRecorded(shipment_events::ScanRecorded),
    #[serde(alias = "parceltrack.shipment.ScanRetracted")]
    ScanRetracted(shipment_events::Retraction),
    #[serde(alias = "parceltrack.shipment.ShipmentCancelled")]
    ShipmentCancelled(Cancellation),
    #[serde(alias = "parceltrack.shipment.ShipmentArchived")]
    ShipmentArchived(shipment_events::Archival),
    #[serde(alias = "parceltrack.shipment.ShipmentHeld")]
    ShipmentHeld(Held),
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Cancellation {
    reason: Option<String>,
    #[serde(default)]
    refund_cents: i64,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Held {
    until: i64,
}

fn writers() -> WriterSchemas {
    let writers = WriterSchemas::new();
    writers.add_contract(V1_ID, &contract::event()).unwrap();
    writers.add_contract(V2_ID, &v2_contract()).unwrap();
    writers
}

fn v2_event(body: BodyV2) -> EventV2 {
    let (_, old) = samples::events().swap_remove(0);
    EventV2 {
        event_id: old.event_id.to_string(),
        shipment_id: old.shipment_id.to_string(),
        sequence: old.sequence.get(),
        revision: 0,
        occurred_at: 1,
        recorded_at: 2,
        command_id: old.command_id.to_string(),
        actor: None,
        status_before: None,
        status_after: "registered".to_owned(),
        status_since: 3,
        keys_before: None,
        keys: old.keys,
        channel: "app".to_owned(),
        body,
    }
}

#[test]
fn the_registry_would_take_the_second_version() {
    check_compatibility(
        v2_contract().schema_json(),
        contract::event().schema_json(),
        Level::BackwardTransitive,
    )
    .unwrap();
    assert_ne!(v2_contract().fingerprint(), contract::event().fingerprint());
}

#[test]
fn new_readers_read_old_records() {
    let encoder = Encoder::new(contract::event(), V1_ID);
    let decoder = Decoder::<EventV2>::new(v2_contract(), writers());
    for (name, old) in samples::events() {
        let bytes = encoder.to_vec(&old).unwrap();
        let new = decoder.decode(&bytes, Some(encoder.stamp().as_bytes())).unwrap();
        assert_eq!(new.channel, "unknown", "{name}: the default stands in");
        assert_eq!((new.event_id, new.sequence), (old.event_id.to_string(), old.sequence.get()), "{name}");
        if let BodyV2::ShipmentCancelled(cancellation) = new.body {
            assert_eq!(cancellation.refund_cents, 0);
        }
    }
}

#[test]
fn old_readers_skip_what_new_writers_added() {
    let encoder = Encoder::new(v2_contract(), V2_ID);
    let decoder = Decoder::<ShipmentEvent>::new(contract::event(), writers());
    let body = BodyV2::ShipmentCancelled(Cancellation { reason: Some("late".to_owned()), refund_cents: 990 });
    let bytes = encoder.to_vec(&v2_event(body)).unwrap();
    let old = decoder.decode(&bytes, Some(encoder.stamp().as_bytes())).unwrap();
    let EventBody::ShipmentCancelled(cancellation) = old.body else { panic!("another body: {:?}", old.body) };
    assert_eq!(cancellation.reason.as_deref(), Some("late"));
}

#[test]
fn a_member_that_old_readers_do_not_know_is_told_by_name() {
    let bytes = Encoder::new(v2_contract(), V2_ID)
        .to_vec(&v2_event(BodyV2::ShipmentHeld(Held { until: 9 })))
        .unwrap();
    let error = Decoder::<ShipmentEvent>::new(contract::event(), writers()).decode(&bytes, None).unwrap_err();
    assert_eq!(error.code(), "unknown-member");
    assert!(error.to_string().contains("parceltrack.shipment.ShipmentHeld"), "{error}");
    // The new reader has it.
    let decoder = Decoder::<EventV2>::new(v2_contract(), writers());
    assert!(matches!(decoder.decode(&bytes, None).unwrap().body, BodyV2::ShipmentHeld(Held { until: 9 })));
}
