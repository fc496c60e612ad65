use shipment_events::{Revision, Sequence};

/// The write timestamp of everything that one revision of one event says: `sequence << 16 | revision`.
///
/// The highest stamp wins a cell. It is what CQL calls microseconds, yet counts events: it is tiny beside any clock, so
/// *every* statement on these tables must carry one, deletions too, or the database's clock would win for ever.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Stamp(i64);

/// Revisions end here; the upper half of the sixteen bits belongs to repairs.
const LAST_REVISION: i64 = 0x7fff;

impl Stamp {
    /// The stamp of an event's revision. Revisions beyond 32,767 share the last stamp.
    pub fn of(sequence: Sequence, revision: Revision) -> Self {
        Self(sequence.get() << 16 | i64::from(revision.get()).clamp(0, LAST_REVISION))
    }

    /// Wraps a timestamp as it was read.
    pub const fn from_raw(raw: i64) -> Self {
        Self(raw)
    }

    /// The number for `USING TIMESTAMP`.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The sequence in it.
    pub const fn sequence(self) -> Sequence {
        Sequence::new(self.0 >> 16)
    }

    /// The pair of stamps for repairing a shipment whose row stands at this stamp: the first deletes what is there, the
    /// second writes anew. Both lie above every write of this version (an earlier repair included) and below the next
    /// event's, which goes on from there.
    #[must_use]
    pub fn repair(self) -> (Self, Self) {
        let sequence = self.0 & !0xffff;
        let round = (self.0 & 0xffff).max(LAST_REVISION) + 1;
        let round = round.min(0xfffe);
        (Self(sequence | round), Self(sequence | (round + 1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(sequence: i64, revision: i32) -> Stamp {
        Stamp::of(Sequence::new(sequence), Revision::new(revision))
    }

    #[test]
    fn sequence_comes_before_revision() {
        assert!(stamp(2, 0) > stamp(1, 40_000));
        assert!(stamp(2, 1) > stamp(2, 0));
        assert_eq!(stamp(7, 3).get(), 7 * 65_536 + 3);
        assert_eq!(stamp(7, 3).sequence(), Sequence::new(7));
    }

    #[test]
    fn repairs_lie_above_the_version_and_below_the_next() {
        let mut at = stamp(5, 2);
        for _ in 0..100 {
            let (delete, write) = at.repair();
            assert!(at < delete && delete < write && write < stamp(6, 0));
            at = write;
        }
    }
}
