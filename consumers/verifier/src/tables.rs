//! What the tables have of a shipment.

use shipment_events::ShipmentId;
use tracking_view::{Column, EventRow, PhoneKey, ShipmentRow};
use view_store::GenerationReader;

use crate::Error;
use crate::compare::row::Projected;
use crate::compare::{History, event_rows, row};
use crate::finding::{Finding, Kind};

/// A shipment's row, and its history, read after the row. The column that can't be read stands for either.
pub(crate) struct Tables {
    pub(crate) row: Result<Option<ShipmentRow>, Column>,
    pub(crate) history: Result<Vec<EventRow>, Column>,
}

impl Tables {
    pub(crate) async fn read(reader: &GenerationReader, id: ShipmentId) -> Result<Self, Error> {
        // One after the other: what the row's version tells of was in the history before.
        let row = corrupt_apart(reader.shipment(id).await)?;
        let history = corrupt_apart(reader.whole_history(id).await)?;
        Ok(Self { row, history })
    }

    pub(crate) fn row(&self) -> Option<&ShipmentRow> {
        self.row.as_ref().ok().and_then(Option::as_ref)
    }

    pub(crate) fn is_empty(&self) -> bool {
        matches!(&self.row, Ok(None)) && self.history.as_ref().is_ok_and(Vec::is_empty)
    }

    /// What is wrong with them.
    pub(crate) fn compare(
        &self,
        history: &History<'_>,
        projected: Projected,
        phones: &PhoneKey,
    ) -> Vec<Finding> {
        let id = history.shipment_id;
        let mut findings = Vec::new();
        match &self.row {
            Ok(row) => findings.extend(row::compare(history, row.as_ref(), projected, phones)),
            Err(column) => {
                let detail = format!("the cell {} of its row can't be read", column.name());
                findings.push(Finding::of(Kind::RowUnreadable, id, detail));
            }
        }
        match &self.history {
            Ok(rows) if history.is_empty() && !rows.is_empty() => {
                let detail = format!("has {} rows of history and no events", rows.len());
                findings.push(Finding::of(Kind::HistoryWithoutEvents, id, detail));
            }
            Ok(rows) => findings.extend(event_rows::compare(history, rows, self.row(), projected)),
            Err(column) => {
                let detail = format!("a cell {} of its history can't be read", column.name());
                findings.push(Finding::of(Kind::EventRowUnreadable, id, detail));
            }
        }
        findings
    }

    /// How many events the row is behind, where that is the projector's lag and nothing else.
    pub(crate) fn lag(&self, history: &History<'_>) -> u64 {
        if self.row.is_ok() { row::lag(history, self.row()) } else { 0 }
    }
}

fn corrupt_apart<T>(read: Result<T, view_store::Error>) -> Result<Result<T, Column>, Error> {
    match read {
        Ok(read) => Ok(Ok(read)),
        Err(view_store::Error::Corrupt(cell)) => Ok(Err(cell.column)),
        Err(error) => Err(error.into()),
    }
}
