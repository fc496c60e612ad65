use std::collections::{BTreeMap, BTreeSet, HashMap};

use shipment_domain::{CommandBody, check, natural_id};
use shipment_events::Status;

use super::*;

fn traffic(shipments: u64, seed: u64) -> Vec<ShipmentCommand> {
    Traffic::new(shipments, seed, Timestamp::parse_rfc3339("2026-01-05T00:00:00Z").unwrap()).collect()
}

#[test]
fn the_same_seed_plays_the_same() {
    assert_eq!(traffic(200, 7), traffic(200, 7));
    assert_ne!(traffic(20, 7)[0].shipment_id, traffic(20, 8)[0].shipment_id);
}

#[test]
fn every_command_is_one_that_the_domain_takes() {
    for command in traffic(3000, 1) {
        assert_eq!(check(&command), Ok(()), "{command:?}");
    }
}

#[test]
fn every_shipment_is_registered_first_and_no_command_comes_twice() {
    let mut registered = BTreeSet::new();
    let mut ids = BTreeSet::new();
    for command in traffic(2000, 3) {
        assert!(ids.insert(command.command_id));
        if matches!(command.body, CommandBody::RegisterShipment(_)) {
            assert!(registered.insert(command.shipment_id));
        }
        assert!(registered.contains(&command.shipment_id));
    }
    assert_eq!(registered.len(), 2000);
}

#[test]
fn everything_that_happens_to_parcels_happens() {
    let mut statuses: BTreeMap<Status, u32> = BTreeMap::new();
    let mut kinds: BTreeMap<&str, u32> = BTreeMap::new();
    let mut last_time: HashMap<_, i64> = HashMap::new();
    let mut scans = BTreeSet::new();
    let (mut repeated, mut out_of_order, mut total) = (0, 0, 0);
    for command in traffic(5000, 42) {
        *kinds.entry(command.body.type_name()).or_default() += 1;
        total += 1;
        if let CommandBody::RecordScan(record) = &command.body {
            *statuses.entry(record.scan.status).or_default() += 1;
            if scans.insert(natural_id(command.shipment_id, &record.scan)) {
                let at = record.scan.time.at.as_millis();
                let last = last_time.entry(command.shipment_id).or_insert(at);
                out_of_order += u32::from(at < *last);
                *last = at.max(*last);
            } else {
                repeated += 1;
            }
        }
    }
    let missing: Vec<_> =
        Status::ALL.iter().filter(|s| s.can_be_scanned() && !statuses.contains_key(s)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(kinds.len(), 6, "{kinds:?}");
    let percent = |n: u32| f64::from(n) * 100.0 / f64::from(total);
    assert!((1.0..5.0).contains(&percent(repeated)), "repeated {repeated}");
    assert!((0.5..5.0).contains(&percent(out_of_order)), "out of order {out_of_order}");
    assert!(statuses[&Status::Delivered] > 4000, "{statuses:?}");
    assert!((7.0..14.0).contains(&(f64::from(total) / 5000.0)), "commands a shipment: {total}");
}

#[test]
fn only_what_is_on_its_way_is_held() {
    let mut traffic = Traffic::new(20_000, 1, Timestamp::from_millis(1_767_571_200_000));
    let mut most = 0;
    while traffic.next().is_some() {
        most = most.max(traffic.waiting.len());
    }
    assert!(most < 40_000, "{most}");
}
