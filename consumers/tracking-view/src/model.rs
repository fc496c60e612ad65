use std::collections::{BTreeMap, BTreeSet};

use shipment_events::{Sequence, ShipmentId, Timestamp};

use crate::merge::{ShipmentWrites, wins};
use crate::{CellWrite, Change, Column, CorruptCell, EventRow, ListEntry, RowKey, ShipmentRow, Stamp, Value};

/// The tables in memory, with CQL's rule of who wins a cell and nothing else: what projections are tested against, and
/// what the real database is compared with.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct ModelStore {
    cells: BTreeMap<(RowKey, Cell), (Stamp, Option<Held>)>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Cell {
    Column(Column),
    Parked(Sequence),
    /// That the row is there: what CQL keeps beside the cells.
    Presence,
}

#[derive(Clone, PartialEq, Debug)]
enum Held {
    Value(Value),
    Since(Timestamp),
    Presence,
}

impl ModelStore {
    /// Writes one statement.
    pub fn apply(&mut self, write: &CellWrite) {
        let stamp = write.stamp;
        let mut put = |cell, new: Option<Held>| {
            let key = (write.row.clone(), cell);
            let wins = self
                .cells
                .get(&key)
                .is_none_or(|(at, held)| wins((stamp, new.as_ref()), (*at, held.as_ref()), Held::is_larger));
            if wins {
                self.cells.insert(key, (stamp, new));
            }
        };
        match &write.change {
            Change::Cells(cells) => {
                for (column, value) in cells {
                    put(Cell::Column(*column), value.clone().map(Held::Value));
                }
            }
            Change::Insert => put(Cell::Presence, Some(Held::Presence)),
            Change::Delete => put(Cell::Presence, None),
            Change::Parked(sequence, since) => put(Cell::Parked(*sequence), since.map(Held::Since)),
        }
    }

    /// Writes what [`merge`](crate::merge) left, part by part.
    pub fn apply_merged(&mut self, writes: &ShipmentWrites) {
        for statement in writes.first.iter().chain(&writes.row).chain(&writes.last) {
            self.apply(statement);
        }
    }

    /// A shipment's row, if there is one.
    pub fn shipment(&self, id: ShipmentId) -> Result<Option<ShipmentRow>, CorruptCell> {
        let row = RowKey::Shipment(id);
        let parked = self.cells.iter().filter_map(|((key, cell), (_, held))| match (cell, held) {
            (Cell::Parked(sequence), Some(Held::Since(since))) if *key == row => Some((*sequence, *since)),
            _ => None,
        });
        ShipmentRow::from_cells(id, |column| self.value(&row, column), parked.collect())
    }

    /// A shipment's history, in order.
    pub fn history(&self, id: ShipmentId) -> Result<Vec<EventRow>, CorruptCell> {
        let rows: BTreeSet<Sequence> = self
            .cells
            .keys()
            .filter_map(|(key, _)| match key {
                RowKey::Event(of, sequence) if *of == id => Some(*sequence),
                _ => None,
            })
            .collect();
        let read = |sequence: Sequence| {
            let row = RowKey::Event(id, sequence);
            EventRow::from_cells(id, sequence, |column| self.value(&row, column))
        };
        rows.into_iter().map(read).collect()
    }

    /// Every list entry that is there, ghosts included.
    pub fn entries(&self) -> BTreeSet<ListEntry> {
        let there = self.cells.iter().filter(|(_, (_, held))| held.is_some());
        there
            .filter_map(|((key, _), _)| match key {
                RowKey::Entry(entry) => Some(entry.clone()),
                _ => None,
            })
            .collect()
    }

    /// What readers see of the lists: the entries that describe their row.
    pub fn visible_entries(&self) -> Result<BTreeSet<ListEntry>, CorruptCell> {
        let mut visible = BTreeSet::new();
        for entry in self.entries() {
            if self.shipment(entry.shipment_id)?.is_some_and(|row| entry.describes(&row)) {
                visible.insert(entry);
            }
        }
        Ok(visible)
    }

    fn value(&self, row: &RowKey, column: Column) -> Option<Value> {
        match self.cells.get(&(row.clone(), Cell::Column(column))) {
            Some((_, Some(Held::Value(value)))) => Some(value.clone()),
            _ => None,
        }
    }
}

impl Held {
    fn is_larger(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Value(a), Self::Value(b)) => a.tie_order(b).is_gt(),
            (Self::Since(a), Self::Since(b)) => a > b,
            _ => false,
        }
    }
}
