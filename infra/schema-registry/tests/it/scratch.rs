//! A registry to play with, and contracts of other versions.

use std::sync::Arc;
use std::time::Duration;

use event_codec::{Contract, contract};
use schema_registry::{Auth, Contracts, Registry};
use serde_json::{Value, json};
use uuid::Uuid;

pub fn registry() -> Registry {
    let url = std::env::var("PARCELTRACK_REGISTRY")
        .expect("PARCELTRACK_REGISTRY: the address of a schema registry");
    connect(&url)
}

pub fn connect(url: &str) -> Registry {
    Registry::connect(url, Auth::None, Duration::from_secs(5)).unwrap()
}

/// A prefix that nobody else uses.
pub fn prefix() -> String {
    format!("t{}", Uuid::new_v4().simple())
}

/// The events' contract with its schema changed.
pub fn events_with(change: impl Fn(&mut Value)) -> Arc<Contract> {
    let event = contract::event();
    let mut schema: Value = serde_json::from_str(event.schema_json()).unwrap();
    change(&mut schema);
    Arc::new(Contract::new("shipment.events.v1", event.level(), schema.to_string()).unwrap())
}

/// A second version that may follow the first.
pub fn second_version() -> Arc<Contract> {
    events_with(|schema| {
        add_field(schema, json!({ "name": "channel", "type": "string", "default": "unknown" }));
    })
}

/// One that may not: old records lack the field, and nothing stands in for it.
pub fn broken_version() -> Arc<Contract> {
    events_with(|schema| add_field(schema, json!({ "name": "channel", "type": "string" })))
}

pub fn only(prefix: &str, contract: Arc<Contract>) -> Contracts {
    Contracts::new(prefix, vec![contract])
}

fn add_field(schema: &mut Value, field: Value) {
    schema["fields"].as_array_mut().unwrap().push(field);
}
