//! The tables, against the fold of the events.

use std::collections::{BTreeMap, BTreeSet};

use shipment_events::{ShipmentEvent, ShipmentId, fold};
use tracking_view::{PhoneKey, expected_row};

use super::Check;
use crate::observed::Observed;

/// Each shipment's row is what its events lead to.
pub(super) fn rows(observed: &Observed, phones: &PhoneKey) -> Check {
    let mut check = Check::new("rows", "each shipment's row equals the fold of its events");
    let histories = observed.histories();
    for (shipment, events) in &histories {
        let expected = expected_row(events.iter().map(|event| &event.value), phones);
        let row = observed.views.rows.get(shipment);
        check.expect(row == expected.as_ref(), shipment, || match (row, &expected) {
            (None, _) => "it has no row".to_owned(),
            (Some(row), Some(expected)) if row.version != expected.version => {
                format!("its row has version {}, and its last event {}", row.version, expected.version)
            }
            (Some(row), _) if !row.parked.is_empty() => "its row says that events were parked".to_owned(),
            (Some(row), _) => format!("its row of version {} differs from the fold", row.version),
        });
    }
    for shipment in observed.views.rows.keys().filter(|id| !histories.contains_key(*id)) {
        check.expect(false, shipment, || "it has a row and no event".to_owned());
    }
    check
}

/// Each shipment's history in the tables holds its very events.
pub(super) fn histories(observed: &Observed) -> Check {
    let mut check = Check::new("history rows", "the history in the tables holds every event, byte for byte");
    for (shipment, events) in observed.histories() {
        let rows = observed.views.histories.get(&shipment).map_or(&[][..], Vec::as_slice);
        let kept: BTreeMap<i64, &[u8]> =
            rows.iter().map(|row| (row.sequence.get(), &row.payload[..])).collect();
        let sequences: BTreeSet<i64> = events.iter().map(|event| event.value.sequence.get()).collect();
        for sequence in &sequences {
            let payload = observed.payloads.get(&(shipment, *sequence)).map(Vec::as_slice);
            check.expect(kept.get(sequence).copied() == payload, shipment, || {
                let what = if kept.contains_key(sequence) { "is another" } else { "is missing" };
                format!("event {sequence} of its history {what}")
            });
        }
        for sequence in kept.keys().filter(|sequence| !sequences.contains(sequence)) {
            check.expect(false, shipment, || {
                format!("event {sequence} is in its history, and not in the log")
            });
        }
    }
    check
}

/// Who is registered is listed where it belongs, once, and nowhere else.
pub(super) fn lists(observed: &Observed) -> Check {
    let mut check = Check::new(
        "lists",
        "each registered shipment is listed where it belongs, once: by day, status, customer and archiving",
    );
    let mut expected: BTreeMap<String, BTreeSet<ShipmentId>> = BTreeMap::new();
    for (shipment, events) in observed.histories() {
        for list in lists_of(events.iter().map(|event| &event.value)) {
            expected.entry(list).or_default().insert(shipment);
        }
    }
    let names: BTreeSet<&String> = expected.keys().chain(observed.views.lists.keys()).collect();
    for name in names {
        let nobody = (BTreeSet::new(), BTreeMap::new());
        let should = expected.get(name).unwrap_or(&nobody.0);
        let are = observed.views.lists.get(name).unwrap_or(&nobody.1);
        for shipment in should {
            let times = are.get(shipment).copied().unwrap_or(0);
            check.expect(times == 1, shipment, || format!("in the list `{name}` it is {times} times"));
        }
        for shipment in are.keys().filter(|id| !should.contains(*id)) {
            check.expect(false, shipment, || format!("it is in the list `{name}`, where it doesn't belong"));
        }
    }
    check
}

/// The names of the lists in which a history puts its shipment.
pub(crate) fn lists_of<'a>(history: impl Iterator<Item = &'a ShipmentEvent>) -> Vec<String> {
    let shipment = fold(history);
    let (Some(keys), Some(status)) = (shipment.list_keys(), shipment.status()) else { return Vec::new() };
    let mut lists = vec![day(), customer(keys.customer_id.as_str()), of_status(status.as_str())];
    lists.extend(shipment.archived.map(|_| archive()));
    lists
}

/// The list of all shipments.
pub(crate) fn day() -> String {
    "day".to_owned()
}

/// A customer's list.
pub(crate) fn customer(id: &str) -> String {
    format!("customer {id}")
}

/// The list of those at a status.
pub(crate) fn of_status(status: &str) -> String {
    format!("status {status}")
}

/// The archive.
pub(crate) fn archive() -> String {
    "archive".to_owned()
}
