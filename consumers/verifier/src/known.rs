//! Where every shipment of the log must be listed, small enough to be held of all of them at once.

use std::sync::atomic::{AtomicU8, Ordering};

use shipment_events::ShipmentId;
use tracking_view::{List, ListEntry};
use view_store::Listed;

use crate::compare::entries::digest;

/// A shipment of the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    id: ShipmentId,
    /// By list, the digest of its entry; 0 where it has none.
    entries: [u32; List::ALL.len()],
    /// Whether it is looked at again anyway.
    suspect: bool,
}

impl Known {
    pub(crate) fn new(id: ShipmentId, entries: &[ListEntry], suspect: bool) -> Self {
        let mut digests = [0; List::ALL.len()];
        for entry in entries {
            digests[entry.bucket.list() as usize] = digest(&entry.bucket, entry.at);
        }
        Self { id, entries: digests, suspect }
    }
}

/// What a row of a list's table turns out to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Match {
    /// Where its shipment is.
    Entry,
    /// Where its shipment was: readers drop it.
    Ghost,
    /// Of a shipment that can't be told about yet.
    Suspect,
    /// Of a shipment that the log doesn't know.
    Orphan,
}

/// All shipments of the log, sorted, each with a mark for every list in which it was seen.
pub(crate) struct Directory {
    shipments: Vec<Known>,
    seen: Vec<AtomicU8>,
}

impl Directory {
    pub(crate) fn of(mut shipments: Vec<Known>) -> Self {
        shipments.sort_unstable_by_key(|known| known.id);
        let seen = shipments.iter().map(|_| AtomicU8::new(0)).collect();
        Self { shipments, seen }
    }

    pub(crate) fn knows(&self, id: ShipmentId) -> bool {
        self.position(id).is_some()
    }

    /// Marks an entry as seen.
    pub(crate) fn see(&self, list: List, listed: &Listed) -> Match {
        let Some(position) = self.position(listed.shipment_id) else { return Match::Orphan };
        let known = &self.shipments[position];
        if known.suspect {
            return Match::Suspect;
        }
        let digest = listed.entry.as_ref().map(|entry| digest(&entry.bucket, entry.at));
        if digest != Some(known.entries[list as usize]) {
            return Match::Ghost;
        }
        self.seen[position].fetch_or(1 << list as u8, Ordering::Relaxed);
        Match::Entry
    }

    /// The shipments that lack an entry.
    pub(crate) fn unseen(&self) -> impl Iterator<Item = ShipmentId> {
        self.shipments.iter().zip(&self.seen).filter_map(|(known, seen)| {
            let seen = seen.load(Ordering::Relaxed);
            let lacks = |n: usize| known.entries[n] != 0 && seen & (1 << n) == 0;
            (!known.suspect && (0..known.entries.len()).any(lacks)).then_some(known.id)
        })
    }

    fn position(&self, id: ShipmentId) -> Option<usize> {
        self.shipments.binary_search_by_key(&id, |known| known.id).ok()
    }
}

#[cfg(test)]
mod tests {
    use shipment_events::{CustomerId, Date, Status, Timestamp};
    use tracking_view::{Bucket, Month};
    use uuid::Uuid;

    use super::*;

    fn id(n: u128) -> ShipmentId {
        ShipmentId::new(Uuid::from_u128(n))
    }

    fn listed(bucket: Bucket, n: u128) -> Listed {
        let entry = ListEntry { bucket, at: Timestamp::from_millis(7), shipment_id: id(n) };
        Listed { shipment_id: id(n), entry: Some(entry) }
    }

    #[test]
    fn what_is_listed_is_told_from_ghosts_and_orphans() {
        let day = Date::from_days(20_000);
        let (status, was) = (Status::Delivered, Status::Registered);
        let customer = Bucket::Customer(CustomerId::new("c"), Month::of_day(day));
        let mine = [customer.clone(), Bucket::Status(status, day, 3)];
        let of = |n| mine.clone().map(|bucket| listed(bucket, n).entry.unwrap()).to_vec();
        let known = [2, 1, 3].map(|n| Known::new(id(n), &of(n), n == 3));
        let directory = Directory::of(known.to_vec());
        for (bucket, n, is) in [
            (customer.clone(), 1, Match::Entry),
            (Bucket::Status(status, day, 3), 1, Match::Entry),
            (Bucket::Status(was, day, 3), 1, Match::Ghost),
            (customer.clone(), 2, Match::Entry),
            (Bucket::Status(was, day, 3), 2, Match::Ghost),
            (Bucket::Archive(day, 3), 2, Match::Ghost),
            (Bucket::Status(was, day, 3), 3, Match::Suspect),
            (customer, 4, Match::Orphan),
        ] {
            assert_eq!(directory.see(bucket.list(), &listed(bucket.clone(), n)), is, "{bucket:?} of {n}");
        }
        let odd = Listed { shipment_id: id(1), entry: None };
        assert_eq!(directory.see(List::Status, &odd), Match::Ghost);
        assert_eq!(directory.unseen().collect::<Vec<_>>(), [id(2)]);
        assert!(directory.knows(id(3)) && !directory.knows(id(4)));
    }
}
