//! The rules: which instances are there, given what was read and when. Knows neither Kafka nor a clock.

mod held;
mod protection;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::held::{Held, Renewed};
use crate::timing::{BURIED_AFTER, OVERRIDE_KEPT, SILENCE};
use crate::{Change, Instance, InstanceId, Moment, Override, Record};

/// The registry as one reader knows it.
///
/// * A lease ends when its ttl has passed since a renewal of it was *seen*. Only the reader's own monotonic clock counts, so
///   no two clocks are compared.
/// * Time passes for leases only by [`contact`](Self::contact): as far as the reader is known to have read all there was. One
///   that is cut off from Kafka, or lags, ends none. After more than [`SILENCE`] without contact every lease begins anew.
/// * What is read at first, by one that has just started, is dated back by the broker's own times, from the last record of the
///   topic.
/// * When many vanish together, it is doubted that they are dead, and none of them ends: self-preservation
///   ([`FEWEST_PROTECTED`](crate::timing::FEWEST_PROTECTED), and at least half of those there are). It is over when renewals
///   are seen again, and at the latest after [`LONGEST_PROTECTION`](crate::timing::LONGEST_PROTECTION).
#[derive(Debug, Default)]
pub struct Book {
    entries: BTreeMap<InstanceId, Entry>,
    /// The broker's time of the record that was read last.
    appended_at: i64,
    /// Up to when all there was has been read; none before the first time.
    contact: Option<Moment>,
    protecting: bool,
}

#[derive(Debug, Default)]
struct Entry {
    held: Option<Held>,
    taken_out: Option<Arc<Override>>,
    /// When anything of it was written last, by the broker's clock.
    written_at: i64,
}

impl Book {
    /// Nothing read yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in the next record of the topic: appended at this time by the broker's clock (milliseconds since 1970), and seen
    /// at this moment by the reader's.
    pub fn apply(&mut self, record: Record, appended_at: i64, seen_at: Moment) -> Option<Change> {
        self.appended_at = appended_at;
        let renewed = self.contact.map_or(Renewed::Read, |_| Renewed::Seen(seen_at));
        let id = match &record {
            Record::Lease(lease) => lease.id(),
            Record::Gone(id) | Record::TakenOut(id, _) | Record::PutBack(id) => id.clone(),
        };
        let entry = self.entries.entry(id.clone()).or_default();
        let before = entry.instance();
        entry.written_at = appended_at;
        match record {
            Record::Lease(lease) => entry.held = Some(Held::new(lease, appended_at, renewed)),
            Record::Gone(_) => entry.held = None,
            Record::TakenOut(_, taken_out) => entry.taken_out = Some(Arc::new(taken_out)),
            Record::PutBack(_) => entry.taken_out = None,
        }
        let after = entry.instance();
        if entry.held.is_none() && entry.taken_out.is_none() {
            self.entries.remove(&id);
        }
        if self.is_read() { Change::between(before, after) } else { None }
    }

    /// All there was at this moment has been read: time passes up to it, and leases may end. The first time, whoever is there
    /// joins.
    pub fn contact(&mut self, at: Moment) -> Vec<Change> {
        let (last, before) = (self.appended_at, self.contact.replace(at));
        match before {
            None => self.held_mut().for_each(|held| held.date(last, at)),
            Some(before) if at.since(before) > SILENCE => {
                self.held_mut().for_each(|held| held.begin_anew(at));
            }
            Some(_) => {}
        }
        self.protecting = protection::is_due(self.held().filter(|held| !held.has_ended()), at);
        let protecting = self.protecting;
        let end = |entry: &mut Entry| {
            let before = before.and_then(|_| entry.instance());
            if let Some(held) = &mut entry.held {
                held.end_if_over(at, protecting);
            }
            Change::between(before, entry.instance())
        };
        self.entries.values_mut().filter_map(end).collect()
    }

    /// Whether the topic was read to its end once: before, nothing here can be relied on.
    pub fn is_read(&self) -> bool {
        self.contact.is_some()
    }

    /// Up to when all there was has been read.
    pub fn contact_at(&self) -> Option<Moment> {
        self.contact
    }

    /// Whether so many have vanished together that none of them is given up.
    pub fn is_protecting(&self) -> bool {
        self.protecting
    }

    /// Every instance whose lease has not ended, by service and name. None before the topic was read to its end once.
    pub fn instances(&self) -> impl Iterator<Item = Instance> {
        self.entries.values().filter(|_| self.is_read()).filter_map(Entry::instance)
    }

    /// One of them.
    pub fn instance(&self, id: &InstanceId) -> Option<Instance> {
        self.entries.get(id).filter(|_| self.is_read())?.instance()
    }

    /// The override of an instance, which may be away.
    pub fn taken_out(&self, id: &InstanceId) -> Option<Arc<Override>> {
        self.entries.get(id).filter(|_| self.is_read())?.taken_out.clone()
    }

    /// Tombstones for what nobody will come back for: leases that ended [`BURIED_AFTER`] ago, and overrides of instances that
    /// nothing was heard of for [`OVERRIDE_KEPT`].
    pub fn remains(&self) -> Vec<Record> {
        let Some(now) = self.contact else { return Vec::new() };
        let kept_ms = OVERRIDE_KEPT.as_millis() as i64;
        let of = |(id, entry): (&InstanceId, &Entry)| match &entry.held {
            Some(held) => held.ended_before(now, BURIED_AFTER).then(|| Record::Gone(id.clone())),
            None => (self.appended_at - entry.written_at > kept_ms).then(|| Record::PutBack(id.clone())),
        };
        self.entries.iter().filter_map(of).collect()
    }

    fn held(&self) -> impl Iterator<Item = &Held> {
        self.entries.values().filter_map(|entry| entry.held.as_ref())
    }

    fn held_mut(&mut self) -> impl Iterator<Item = &mut Held> {
        self.entries.values_mut().filter_map(|entry| entry.held.as_mut())
    }
}

impl Entry {
    fn instance(&self) -> Option<Instance> {
        let held = self.held.as_ref().filter(|held| !held.has_ended())?;
        let (lease, renewed_at) = (held.lease.clone(), held.appended_at);
        Some(Instance { lease, taken_out: self.taken_out.clone(), renewed_at })
    }
}
