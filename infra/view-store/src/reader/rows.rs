use std::collections::BTreeMap;

use scylla::value::{CqlValue, Row};
use shipment_events::{Sequence, ShipmentId, Timestamp};
use tracking_view::{Column, CorruptCell, EventRow, ShipmentRow, Value};

use super::live::Live;
use super::statements::columns;
use crate::{Detail, Error, ViewStore, bound};

pub(super) async fn shipment(
    store: &ViewStore,
    live: &Live,
    id: ShipmentId,
    detail: Detail,
) -> Result<Option<ShipmentRow>, Error> {
    let statement = live.statements.shipment(detail);
    let rows = store.read("reading a shipment", statement, (id.as_uuid(),)).await?;
    let Some(Row { columns: mut cells }) = rows.into_iter().next() else { return Ok(None) };
    let parked = cells.pop().flatten().map(parked).unwrap_or_default();
    Ok(ShipmentRow::from_cells(id, |column| take(columns(detail), &mut cells, column), parked)?)
}

pub(super) async fn version(
    store: &ViewStore,
    live: &Live,
    id: ShipmentId,
) -> Result<Option<Sequence>, Error> {
    let rows = store.read("reading a version", &live.statements.version, (id.as_uuid(),)).await?;
    let cell = rows.into_iter().next().and_then(|row| row.columns.into_iter().next().flatten());
    Ok(cell.and_then(|cell| cell.as_bigint()).map(Sequence::new))
}

pub(super) async fn history(
    store: &ViewStore,
    live: &Live,
    id: ShipmentId,
    after: Sequence,
    limit: usize,
) -> Result<Vec<EventRow>, Error> {
    let limit = i32::try_from(limit.max(1)).unwrap_or(i32::MAX);
    let values = (id.as_uuid(), after.get(), limit);
    let rows = store.read("reading a history", &live.statements.history, values).await?;
    let event = |mut row: Row| {
        let sequence = row.columns.pop().flatten().and_then(|cell| cell.as_bigint());
        let missing = CorruptCell { shipment_id: id, column: Column::EventId };
        let sequence = Sequence::new(sequence.ok_or(missing)?);
        EventRow::from_cells(id, sequence, |column| take(&Column::EVENT, &mut row.columns, column))
    };
    rows.into_iter().map(event).collect::<Result<_, _>>().map_err(Error::from)
}

/// Page by page, so that a very long one doesn't come in one answer.
pub(super) async fn whole_history(
    store: &ViewStore,
    live: &Live,
    id: ShipmentId,
) -> Result<Vec<EventRow>, Error> {
    const PAGE: usize = 200;
    let mut whole = Vec::new();
    loop {
        let after = whole.last().map_or(Sequence::NONE, |event: &EventRow| event.sequence);
        let page = history(store, live, id, after, PAGE).await?;
        let last = page.len() < PAGE;
        whole.extend(page);
        if last {
            return Ok(whole);
        }
    }
}

/// Takes a cell out of a row that begins with these columns.
fn take(columns: &[Column], cells: &mut [Option<CqlValue>], wanted: Column) -> Option<Value> {
    let at = columns.iter().position(|column| *column == wanted)?;
    bound::read(cells.get_mut(at)?.take()?)
}

fn parked(cell: CqlValue) -> BTreeMap<Sequence, Timestamp> {
    let CqlValue::Map(entries) = cell else { return BTreeMap::new() };
    let entry = |(sequence, since): (CqlValue, CqlValue)| match (sequence, since) {
        (CqlValue::BigInt(sequence), CqlValue::Timestamp(since)) => {
            Some((Sequence::new(sequence), Timestamp::from_millis(since.0)))
        }
        _ => None,
    };
    entries.into_iter().filter_map(entry).collect()
}
