//! Where a shipment must be listed.

use std::hash::{DefaultHasher, Hash, Hasher};

use shipment_events::Sequence;
use tracking_view::{Bucket, List, ListEntry, PhoneKey, entries_of};

use super::{History, row};
use crate::finding::{Finding, Kind};

/// The entries that a shipment has at a version. More than these are ghosts.
pub(crate) fn expected(history: &History<'_>, version: Sequence, phones: &PhoneKey) -> Vec<ListEntry> {
    row::expected(history, version, phones).map_or_else(Vec::new, |row| entries_of(&row))
}

/// That one of them is missing.
pub(crate) fn missing(entry: &ListEntry) -> Finding {
    let detail = format!("is missing from the list by {}", name(entry.bucket.list()));
    Finding::of(Kind::EntryMissing, entry.shipment_id, detail)
}

/// The list's name, for people and scripts.
pub(crate) const fn name(list: List) -> &'static str {
    match list {
        List::TrackingNumber => "tracking_number",
        List::Customer => "customer",
        List::Phone => "phone",
        List::Status => "status",
        List::Day => "day",
        List::Archive => "archive",
    }
}

/// A list entry in four bytes, never zero: enough to tell where a shipment is listed from where it was before.
pub(crate) fn digest(bucket: &Bucket, at: shipment_events::Timestamp) -> u32 {
    let mut hasher = DefaultHasher::new();
    (bucket, at).hash(&mut hasher);
    (hasher.finish() as u32).max(1)
}
