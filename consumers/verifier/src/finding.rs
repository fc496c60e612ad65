//! What can be found amiss.

use std::fmt;

use serde::{Serialize, Serializer};
use shipment_events::ShipmentId;

/// Something that isn't as it must be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Finding {
    /// What kind of thing.
    pub kind: Kind,
    /// Whose, where it is a shipment's.
    pub shipment_id: Option<ShipmentId>,
    /// The partition of the topic, where it lies in one.
    pub partition: Option<i32>,
    /// The offset there.
    pub offset: Option<i64>,
    /// The event's place in its shipment's history, where it is about one event.
    pub sequence: Option<i64>,
    /// In words. Never holds what a cell or a record says of a person.
    pub detail: String,
    /// It was repaired, and looked right afterwards.
    pub repaired: bool,
}

impl Finding {
    /// About a whole system.
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            shipment_id: None,
            partition: None,
            offset: None,
            sequence: None,
            detail: detail.into(),
            repaired: false,
        }
    }

    /// About a shipment.
    pub(crate) fn of(kind: Kind, shipment_id: ShipmentId, detail: impl Into<String>) -> Self {
        Self { shipment_id: Some(shipment_id), ..Self::new(kind, detail) }
    }

    pub(crate) fn at(self, partition: i32, offset: i64) -> Self {
        Self { partition: Some(partition), offset: Some(offset), ..self }
    }

    pub(crate) fn offset(self, offset: i64) -> Self {
        Self { offset: Some(offset), ..self }
    }

    pub(crate) fn sequence(self, sequence: shipment_events::Sequence) -> Self {
        Self { sequence: Some(sequence.get()), ..self }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(id) = self.shipment_id {
            write!(f, "{id} ")?;
        }
        if let (Some(partition), Some(offset)) = (self.partition, self.offset) {
            write!(f, "at {partition}:{offset} ")?;
        }
        f.write_str(&self.detail)
    }
}

macro_rules! kinds {
    ($($variant:ident = $name:literal, $area:ident, $meaning:literal;)+) => {
        /// The kinds of findings. Their names are for scripts and never change.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Kind {
            $(#[doc = $meaning] $variant,)+
        }

        impl Kind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The stable name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What it is found in.
            pub const fn area(self) -> Area {
                match self { $(Self::$variant => Area::$area,)+ }
            }

            /// What it means.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }
        }
    };
}

/// What a finding is found in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Area {
    /// The events topic.
    Log,
    /// The snapshots topic.
    Snapshots,
    /// The tables of shipments and their histories.
    Rows,
    /// The tables of lists.
    Lists,
    /// How topics and tables are set up.
    SetUp,
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Log => "events",
            Self::Snapshots => "snapshots",
            Self::Rows => "rows",
            Self::Lists => "lists",
            Self::SetUp => "set-up",
        })
    }
}

kinds! {
    Gap = "gap", Log, "sequences are missing from a shipment's history";
    Repeat = "repeat", Log, "a sequence was written twice under the same revision";
    OutOfOrder = "out-of-order", Log, "an event lies behind a later one of its shipment";
    WrongKey = "wrong-key", Log, "a record's key is not `shipment-id#sequence` of its event";
    WrongPartition = "wrong-partition", Log, "a record lies on another partition than its shipment's";
    Undecodable = "undecodable", Log, "a record can't be decoded";
    BadSequence = "bad-sequence", Log, "a sequence or revision that no event has";
    NoValue = "no-value", Log, "a record without a value: nobody writes such here";
    CommandTwice = "command-twice", Log, "a command was decided twice";
    EventIdTwice = "event-id-twice", Log, "two events of different commands have one id";
    ScanTwice = "scan-twice", Log, "a scan was recorded twice";
    TimeBackwards = "time-backwards", Log, "an event was written down before the one before it";
    UndecidedTransaction = "undecided-transaction", Log, "a transaction stays open, and readers wait in front of it";
    SnapshotMissing = "snapshot-missing", Snapshots, "a shipment with events has no snapshot";
    SnapshotExtra = "snapshot-extra", Snapshots, "a snapshot whose shipment has no events";
    SnapshotDiffers = "snapshot-differs", Snapshots, "a snapshot isn't what the events fold to";
    SnapshotBehind = "snapshot-behind", Snapshots, "a snapshot without the last events";
    SnapshotAhead = "snapshot-ahead", Snapshots, "a snapshot of a version that has no event";
    SnapshotUnreadable = "snapshot-unreadable", Snapshots, "a snapshot can't be decoded, or its key is no shipment's";
    SnapshotMisplaced = "snapshot-misplaced", Snapshots, "a snapshot lies on another partition than its shipment's";
    RowMissing = "row-missing", Rows, "a shipment with events that the projector has passed has no row";
    RowBehind = "row-behind", Rows, "a row without the last events, which the projector has passed";
    RowAhead = "row-ahead", Rows, "a row of a version that has no event";
    RowDiffers = "row-differs", Rows, "a row isn't what the events fold to";
    RowUnreadable = "row-unreadable", Rows, "a cell of a row can't be read";
    RowIncomplete = "row-incomplete", Rows, "a row says itself that events are missing: their dead letters wait";
    RowWithoutEvents = "row-without-events", Rows, "a row whose shipment has no events";
    EventRowMissing = "event-row-missing", Rows, "events are missing from the table of histories";
    EventRowDiffers = "event-row-differs", Rows, "a history's row isn't its event";
    EventRowExtra = "event-row-extra", Rows, "a history's row without an event";
    EventRowUnreadable = "event-row-unreadable", Rows, "a cell of a history can't be read";
    HistoryWithoutEvents = "history-without-events", Rows, "a history whose shipment has no events";
    EntryMissing = "entry-missing", Lists, "a shipment is missing from a list";
    EntryOrphan = "entry-orphan", Lists, "a list entry whose shipment has no events";
    TopicConfig = "topic-config", SetUp, "a topic isn't set up as it must be";
    TableConfig = "table-config", SetUp, "a table isn't set up as it must be";
}

impl Kind {
    /// Whether writing the shipment's rows anew from the log mends it.
    pub const fn is_mended_by_repair(self) -> bool {
        matches!(
            self,
            Self::RowMissing
                | Self::RowBehind
                | Self::RowDiffers
                | Self::RowUnreadable
                | Self::EventRowMissing
                | Self::EventRowDiffers
                | Self::EventRowExtra
                | Self::EventRowUnreadable
                | Self::EntryMissing
        )
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_kind_is_documented() {
        let documented = include_str!("../../../docs/verify.md");
        for kind in Kind::ALL {
            let mended = if kind.is_mended_by_repair() { " yes" } else { "" };
            let line = format!("| `{kind}` | {} | {} |{mended} |", kind.area(), kind.meaning());
            assert!(documented.lines().any(|found| found == line), "docs/verify.md lacks: {line}");
        }
    }

    #[test]
    fn names_are_unique() {
        let names: BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(names.len(), Kind::ALL.len());
    }
}
