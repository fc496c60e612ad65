//! Bugs that are planted on purpose, and the next version of this role. See `settings::planted`.

use std::borrow::Cow;
use std::sync::Arc;

use event_codec::evolution::Level;
use event_codec::{Contract, contract};
use schema_registry::Contracts;
use settings::planted::{is_next_version, planted};
use shipment_events::ShipmentSnapshot;

/// What is known of a shipment, without which commands were accepted.
pub(crate) fn forgetful(known: Option<&ShipmentSnapshot>) -> Option<Cow<'_, ShipmentSnapshot>> {
    let known = known?;
    if planted("dedup-off") {
        return Some(Cow::Owned(ShipmentSnapshot { accepted: Vec::new(), ..known.clone() }));
    }
    Some(Cow::Borrowed(known))
}

/// Whether offsets are committed before anything is written.
pub(crate) fn commits_offsets_first() -> bool {
    planted("offsets-first")
}

/// Whether a restore doesn't wait for what is decided and can't be seen yet.
pub(crate) fn stops_at_the_first_end() -> bool {
    planted("restore-first-eof")
}

/// The contracts that this process writes by.
pub(crate) fn contracts(prefix: &str) -> Contracts {
    if !is_next_version() {
        return Contracts::ours(prefix);
    }
    Contracts::new(prefix, vec![contract::command(), contract::event(), snapshots(), contract::reply()])
}

/// The contract that this process writes snapshots by.
pub(crate) fn snapshots() -> Arc<Contract> {
    if is_next_version() { next_snapshots() } else { contract::snapshot() }
}

/// Snapshots as a later version will have them: with a field that may be null.
fn next_snapshots() -> Arc<Contract> {
    let ours = contract::snapshot();
    let mut json: serde_json::Value =
        serde_json::from_str(ours.schema_json()).expect("our own schema is JSON");
    let fields = json["fields"].as_array_mut().expect("a record has fields");
    fields.push(serde_json::json!({ "name": "insured_for", "type": ["null", "long"], "default": null }));
    let next = Contract::new(ours.topic_suffix(), Level::FullTransitive, json.to_string());
    Arc::new(next.expect("one more field makes no schema invalid"))
}
