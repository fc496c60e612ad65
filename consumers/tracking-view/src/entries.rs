use shipment_events::{CustomerId, ShipmentId, Status, Timestamp};

use crate::key::{Bucket, ListEntry, Month, SHARDS};
use crate::{PhoneHash, ShipmentRow};

/// What a shipment is listed under.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    pub(crate) customer_id: Option<CustomerId>,
    pub(crate) phone: Option<PhoneHash>,
    pub(crate) tracking_number: Option<String>,
    pub(crate) registered_at: Timestamp,
}

impl Keys {
    /// Every entry that a registered shipment with these keys has in the lists of registrations.
    pub(crate) fn entries(&self, shipment_id: ShipmentId, status: Option<Status>) -> Vec<ListEntry> {
        let at = self.registered_at;
        let (day, shard) = (at.date(), shard_of(shipment_id));
        let number = self.tracking_number.as_deref().map(normal_tracking_number).filter(|n| !n.is_empty());
        let customer = self.customer_id.as_ref().filter(|c| !c.as_str().is_empty());
        [
            Some(Bucket::Day(day, shard)),
            status.map(|status| Bucket::Status(status, day, shard)),
            customer.map(|customer| Bucket::Customer(customer.clone(), Month::of(at))),
            self.phone.map(Bucket::Phone),
            number.map(Bucket::TrackingNumber),
        ]
        .into_iter()
        .flatten()
        .map(|bucket| ListEntry { bucket, at, shipment_id })
        .collect()
    }
}

/// Where a row belongs: every list entry that isn't a ghost. None while the shipment isn't registered.
pub fn entries_of(row: &ShipmentRow) -> Vec<ListEntry> {
    let Some(registered_at) = row.registered_at else { return Vec::new() };
    let keys = Keys {
        customer_id: row.customer_id.clone(),
        phone: row.recipient_phone_hash,
        tracking_number: row.tracking_number.clone(),
        registered_at,
    };
    let mut entries = keys.entries(row.shipment_id, row.status);
    entries.extend(row.archived_at.map(|at| archive_entry(row.shipment_id, at)));
    entries
}

impl ListEntry {
    /// Whether the row is where this entry says. An entry that doesn't describe its row is a ghost.
    pub fn describes(&self, row: &ShipmentRow) -> bool {
        entries_of(row).contains(self)
    }
}

pub(crate) fn archive_entry(shipment_id: ShipmentId, at: Timestamp) -> ListEntry {
    ListEntry { bucket: Bucket::Archive(at.date(), shard_of(shipment_id)), at, shipment_id }
}

/// In which part of a day's lists a shipment is found. FNV-1a, because ids may be anything a client made up.
pub fn shard_of(shipment_id: ShipmentId) -> i32 {
    let hash = shipment_id.as_bytes().iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // FNV alone lets counted ids, which differ in their last byte or two, fall together.
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    ((hash ^ (hash >> 33)) % SHARDS as u64) as i32
}

/// A tracking number as lists and lookups spell it: no blanks or hyphens, upper case.
pub fn normal_tracking_number(number: &str) -> String {
    number.chars().filter(|c| !c.is_whitespace() && *c != '-').flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use shipment_events::ShipmentId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn shards_are_evenly_used_even_by_counted_ids() {
        let mut used = [0; SHARDS as usize];
        for n in 0..8000_u128 {
            used[shard_of(ShipmentId::new(Uuid::from_u128(n))) as usize] += 1;
        }
        assert!(used.iter().all(|n| (700..1300).contains(n)), "{used:?}");
    }

    #[test]
    fn a_tracking_number_is_found_however_it_is_spelled() {
        assert_eq!(normal_tracking_number(" rr 123 456 785-gb"), "RR123456785GB");
    }
}
