//! From a record's value to JSON.

use event_log::Received;
use query_api::view::{BodyView, EventView};
use serde::Serialize;
use serde_json::{Value, json};
use shipment_domain::{CommandBody, RegisterShipment, ShipmentCommand};
use shipment_events::{
    Amendment, Archival, Cancellation, CommandReply, CustomerId, EventBody, Grams, Outcome, Recorded,
    Registration, Retraction, ScanRecorded, ShipmentEvent, ShipmentSnapshot,
};
use uuid::Uuid;
use view_store::Detail;

use crate::{TopicName, sight};

/// A record's value.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    /// Decoded, without what the viewer may not see.
    Json(Value),
    /// There is none: the key is deleted.
    Deleted,
    /// It can't be decoded.
    Undecoded {
        /// Why.
        why: String,
        /// The first bytes in hex, for who may see them.
        #[serde(skip_serializing_if = "Option::is_none")]
        hex: Option<String>,
    },
}

pub(crate) fn event(event: ShipmentEvent, detail: Detail) -> Value {
    json!(EventView::new(event, detail))
}

pub(crate) fn command(command: ShipmentCommand, detail: Detail) -> Value {
    let mut view = json!({
        "command_id": command.command_id.to_string(),
        "shipment_id": command.shipment_id.to_string(),
        "type": command.body.type_name(),
        "issued_at": command.issued_at.to_string(),
        "expected_version": command.expected_version.map(shipment_events::Sequence::get),
        "customers": command.customers,
        "actor": command.actor.filter(|_| detail == Detail::Full),
        "body": body(command.body, detail),
    });
    without_nulls(&mut view);
    view
}

/// A command's body says what the event would: so it is shown, and left out, as that is.
fn body(body: CommandBody, detail: Detail) -> Value {
    let told = match body {
        CommandBody::RegisterShipment(said) => EventBody::ShipmentRegistered(registration(said)),
        CommandBody::AmendShipment(said) => EventBody::ShipmentAmended(Amendment {
            sender: said.sender,
            recipient: said.recipient,
            origin: said.origin,
            destination: said.destination,
            weight_grams: said.weight_grams.map(Grams::new),
            promised_delivery: said.promised_delivery,
            customer_reference: said.customer_reference,
            carrier: said.carrier,
            tracking_number: said.tracking_number,
        }),
        CommandBody::RecordScan(said) => EventBody::ScanRecorded(ScanRecorded {
            natural_id: Uuid::nil(),
            scan: said.scan,
            from_the_future: false,
        }),
        CommandBody::RetractScan(said) => {
            EventBody::ScanRetracted(Retraction { scan_event_id: said.scan_event_id, reason: said.reason })
        }
        CommandBody::CancelShipment(said) => {
            EventBody::ShipmentCancelled(Cancellation { reason: said.reason })
        }
        CommandBody::ArchiveShipment(said) => EventBody::ShipmentArchived(Archival { reason: said.reason }),
    };
    let mut view = json!(BodyView::of(told, detail));
    if let Some(fields) = view.as_object_mut() {
        // Derived when it is decided.
        fields.remove("natural_id");
    }
    view
}

fn registration(said: RegisterShipment) -> Registration {
    Registration {
        customer_id: CustomerId::new(said.customer_id),
        sender: said.sender,
        recipient: said.recipient,
        origin: said.origin,
        destination: said.destination,
        weight_grams: Grams::new(said.weight_grams),
        promised_delivery: said.promised_delivery,
        customer_reference: said.customer_reference,
        carrier: said.carrier,
        tracking_number: said.tracking_number,
    }
}

pub(crate) fn snapshot(snapshot: ShipmentSnapshot, detail: Detail) -> Value {
    let state = snapshot.state;
    let recorded = |at: Option<Recorded>| {
        at.map(|at| json!({ "event_id": at.event_id.to_string(), "at": at.at.to_string() }))
    };
    let scan = |scan: &shipment_events::ScanMark| {
        json!({
            "sequence": scan.sequence.get(),
            "status": scan.status.as_str(),
            "at": scan.at.to_string(),
            "retracted": scan.retracted,
            "event_id": scan.event_id.to_string(),
        })
    };
    let status = state.standing();
    let mut view = json!({
        "shipment_id": snapshot.shipment_id.to_string(),
        "version": state.version.get(),
        "recorded_at": state.recorded_at.to_string(),
        "status": status.map(|standing| standing.status.as_str()),
        "status_since": status.map(|standing| standing.since.to_string()),
        "registered": recorded(state.registered),
        "cancelled": recorded(state.cancelled),
        "archived": recorded(state.archived),
        "registration": state.registration.map(|said| BodyView::of(EventBody::ShipmentRegistered(said), detail)),
        "scans": state.scans.iter().map(scan).collect::<Vec<_>>(),
        "accepted_commands": snapshot.accepted.iter().map(|a| a.command_id.to_string()).collect::<Vec<_>>(),
        "command_topic_id": snapshot.command_topic_id,
        "command_offset": snapshot.command_offset,
    });
    without_nulls(&mut view);
    view
}

pub(crate) fn reply(reply: CommandReply) -> Value {
    let outcome = match reply.outcome {
        Outcome::Accepted(accepted) => json!({
            "outcome": "accepted",
            "version": accepted.version.get(),
            "partition": accepted.partition,
            "events": accepted.events,
        }),
        Outcome::Rejected(rejected) => json!({
            "outcome": "rejected",
            "code": rejected.code,
            "text": rejected.text,
            "version": rejected.version.get(),
        }),
    };
    let mut view = json!({
        "command_id": reply.command_id.to_string(),
        "shipment_id": reply.shipment_id.to_string(),
        "decided_at": reply.decided_at.to_string(),
    });
    if let (Some(view), Value::Object(outcome)) = (view.as_object_mut(), outcome) {
        view.extend(outcome);
    }
    view
}

/// What lies in the topics that hold JSON; secrets and their hashes are never shown.
pub(crate) fn plain(topic: TopicName, record: &Received, detail: Detail) -> Payload {
    let Some(value) = record.value.as_deref() else { return Payload::Deleted };
    match serde_json::from_slice::<Value>(value) {
        Ok(mut value) => {
            if let Some(fields) = value.as_object_mut() {
                if fields.contains_key("hash") {
                    fields.insert("hash".to_owned(), "***".into());
                }
                if fields.get("type").is_some_and(|kind| kind == "secret") {
                    fields.insert("value".to_owned(), "***".into());
                }
            }
            Payload::Json(if detail == Detail::Full { value } else { sight::plain(topic, value) })
        }
        Err(error) => Payload::Undecoded { why: format!("not JSON: {error}"), hex: None },
    }
}

/// Takes out what was never said, as all our answers do.
fn without_nulls(value: &mut Value) {
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
}
