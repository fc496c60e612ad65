use std::collections::BTreeMap;

use shipment_events::{Sequence, ShipmentId, Timestamp};

use crate::{CellWrite, Change, Column, RowKey, Stamp, Value};

/// What is left to write for one shipment after the winners of a poll were found, in the order it must be written in:
/// each part must be durable before the next begins.
#[derive(Clone, PartialEq, Debug)]
pub struct ShipmentWrites {
    /// The shipment.
    pub shipment_id: ShipmentId,
    /// New list entries and history: before the row, so that who sees the version sees them too.
    pub first: Vec<Statement>,
    /// The row, and with it the version.
    pub row: Vec<Statement>,
    /// Old list entries, to be deleted: ghosts by now, so a shipment is at no time missing from its list.
    pub last: Vec<Statement>,
}

/// One statement: one row, one timestamp.
pub type Statement = CellWrite;

/// Merges the writes of a poll, whatever shipments they are of, and keeps each cell's own stamp: of several writes to a
/// cell the one that the database would keep remains, and what remains is grouped into one statement per row and stamp.
pub fn merge(writes: impl IntoIterator<Item = CellWrite>) -> Vec<ShipmentWrites> {
    let mut shipments: BTreeMap<ShipmentId, usize> = BTreeMap::new();
    let mut merged: Vec<(ShipmentId, BTreeMap<RowKey, RowWinners>)> = Vec::new();
    for write in writes {
        let id = write.row.shipment_id();
        let n = *shipments.entry(id).or_insert_with(|| {
            merged.push((id, BTreeMap::new()));
            merged.len() - 1
        });
        merged[n].1.entry(write.row).or_default().add(write.stamp, write.change);
    }
    merged.into_iter().map(|(id, rows)| order(id, rows)).collect()
}

fn order(shipment_id: ShipmentId, rows: BTreeMap<RowKey, RowWinners>) -> ShipmentWrites {
    let mut writes = ShipmentWrites { shipment_id, first: Vec::new(), row: Vec::new(), last: Vec::new() };
    for (row, winners) in rows {
        match &row {
            RowKey::Shipment(_) => winners.statements(&row, &mut writes.row),
            RowKey::Event(..) => winners.statements(&row, &mut writes.first),
            RowKey::Entry(_) => {
                let part = if winners.is_deletion() { &mut writes.last } else { &mut writes.first };
                winners.statements(&row, part);
            }
        }
    }
    writes
}

/// Of each cell of a row, the write that wins.
#[derive(Default, Debug)]
struct RowWinners {
    cells: BTreeMap<Column, (Stamp, Option<Value>)>,
    /// `true`: there; `false`: not there.
    entry: Option<(Stamp, bool)>,
    parked: BTreeMap<Sequence, (Stamp, Option<Timestamp>)>,
}

impl RowWinners {
    fn add(&mut self, stamp: Stamp, change: Change) {
        match change {
            Change::Cells(cells) => {
                for (column, value) in cells {
                    let wins = self.cells.get(&column).is_none_or(|(at, held)| {
                        wins((stamp, value.as_ref()), (*at, held.as_ref()), |a, b| a.tie_order(b).is_gt())
                    });
                    if wins {
                        self.cells.insert(column, (stamp, value));
                    }
                }
            }
            Change::Insert => {
                if self.entry.is_none_or(|(at, _)| stamp > at) {
                    self.entry = Some((stamp, true));
                }
            }
            Change::Delete => {
                if self.entry.is_none_or(|(at, _)| stamp >= at) {
                    self.entry = Some((stamp, false));
                }
            }
            Change::Parked(sequence, since) => {
                let wins = self.parked.get(&sequence).is_none_or(|(at, held)| {
                    wins((stamp, since.as_ref()), (*at, held.as_ref()), |a, b| a > b)
                });
                if wins {
                    self.parked.insert(sequence, (stamp, since));
                }
            }
        }
    }

    fn is_deletion(&self) -> bool {
        matches!(self.entry, Some((_, false)))
    }

    fn statements(self, row: &RowKey, statements: &mut Vec<Statement>) {
        let mut by_stamp: BTreeMap<Stamp, Vec<(Column, Option<Value>)>> = BTreeMap::new();
        for (column, (stamp, value)) in self.cells {
            by_stamp.entry(stamp).or_default().push((column, value));
        }
        let mut push = |stamp, change| statements.push(Statement { row: row.clone(), stamp, change });
        for (stamp, cells) in by_stamp {
            push(stamp, Change::Cells(cells));
        }
        if let Some((stamp, there)) = self.entry {
            push(stamp, if there { Change::Insert } else { Change::Delete });
        }
        for (sequence, (stamp, since)) in self.parked {
            push(stamp, Change::Parked(sequence, since));
        }
    }
}

/// CQL's rule between two writes to one cell: the later stamp; at the same stamp a deletion; else the larger value.
pub(crate) fn wins<T>(
    new: (Stamp, Option<&T>),
    held: (Stamp, Option<&T>),
    larger: impl Fn(&T, &T) -> bool,
) -> bool {
    match new.0.cmp(&held.0) {
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => match (new.1, held.1) {
            (None, Some(_)) => true,
            (Some(new), Some(held)) => larger(new, held),
            (_, None) => false,
        },
    }
}
