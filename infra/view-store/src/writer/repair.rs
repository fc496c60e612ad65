use scylla::statement::batch::{Batch, BatchType};
use scylla::value::CqlValue;
use shipment_events::{Revision, Sequence};
use tokio_util::sync::CancellationToken;
use tracking_view::{Change, Column, RowKey, ShipmentWrites, Stamp, Statement, Value};

use super::{Writer, requests};
use crate::Error;
use crate::backoff::persist;
use crate::bound::Bound;
use crate::metrics::{Operation, Timed as _, WRITE_SECONDS};

impl Writer {
    /// Writes one shipment anew, over whatever a wrong projector left there. Cells of the same stamp can't be corrected
    /// in place (the larger bytes win), so this deletes what the version has written and writes above that, both with
    /// stamps between this version's last and the next event's (see [`Stamp::repair`]).
    ///
    /// `writes` is what [`tracking_view::merge`] makes of *all* the shipment's events. List entries that only the wrong
    /// projector knew stay as ghosts, which readers drop. A later *rewrite* of an old event doesn't show before the
    /// shipment is repaired again, or everything rebuilt.
    pub async fn repair(&self, writes: &ShipmentWrites, cancel: &CancellationToken) -> Result<(), Error> {
        let given = given_version(writes);
        let (delete, write) = match self.stored_stamp(writes).await? {
            // There is no row, maybe because one was deleted: under the ordinary stamps that deletion would win again.
            None => Stamp::of(Sequence::new(given), Revision::FIRST).repair(),
            Some(stored) if given < stored.sequence().get() => {
                return Err(Error::StaleRepair { given, stored: stored.sequence().get() });
            }
            Some(stored) => stored.repair(),
        };
        let at = |stamp: Stamp, part: &[Statement]| -> Vec<Statement> {
            part.iter().map(|s| Statement { stamp, ..s.clone() }).collect()
        };
        let first = at(write, &writes.first);
        let (events, entries): (Vec<_>, Vec<_>) =
            first.into_iter().partition(|s| matches!(s.row, RowKey::Event(..)));
        self.write_part(&entries, cancel).await?;
        let statements = &self.statements.repair;
        self.replace(writes, &statements.delete_events, delete, &events, cancel).await?;
        let row = at(write, &writes.row);
        self.replace(writes, &statements.delete_row, delete, &row, cancel).await?;
        self.write_part(&at(delete, &writes.last), cancel).await
    }

    /// Deletes and writes a partition in one mutation, so that no reader finds it empty.
    async fn replace(
        &self,
        writes: &ShipmentWrites,
        delete: &scylla::statement::prepared::PreparedStatement,
        stamp: Stamp,
        statements: &[Statement],
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        let mut requests = requests::requests(statements)?.into_iter();
        let mut batch = Batch::new(BatchType::Unlogged);
        batch.set_is_idempotent(true);
        batch.append_statement(delete.clone());
        let mut values = vec![vec![Bound::BigInt(stamp.get()), Bound::Uuid(writes.shipment_id.as_uuid())]];
        for statement in requests.next().unwrap_or_default() {
            let (prepared, bound) = self.statements.bind(statement);
            batch.append_statement(prepared.clone());
            values.push(bound);
        }
        persist(Operation::Write, cancel, &self.counts.retries, || async {
            let done = WRITE_SECONDS.of(self.store.session().batch(&batch, &values)).await;
            done.map(drop).map_err(|source| Error::Statement { doing: REPAIRING, source: Box::new(source) })
        })
        .await?;
        // A history too long for one batch follows in more: it is short for a moment, and never wrong.
        for request in requests {
            self.send(request, cancel).await?;
        }
        Ok(())
    }

    async fn stored_stamp(&self, writes: &ShipmentWrites) -> Result<Option<Stamp>, Error> {
        let select = &self.statements.repair.stamp;
        let rows = self.store.read(REPAIRING, select, (writes.shipment_id.as_uuid(),)).await?;
        let cell = rows.into_iter().next().and_then(|row| row.columns.into_iter().next().flatten());
        Ok(match cell {
            Some(CqlValue::BigInt(stamp)) => Some(Stamp::from_raw(stamp)),
            _ => None,
        })
    }
}

const REPAIRING: &str = "repairing a shipment";

fn given_version(writes: &ShipmentWrites) -> i64 {
    let cells = writes.row.iter().filter_map(|statement| match &statement.change {
        Change::Cells(cells) => Some(cells),
        _ => None,
    });
    let versions = cells.flatten().filter_map(|cell| match cell {
        (Column::Version, Some(Value::BigInt(version))) => Some(*version),
        _ => None,
    });
    versions.max().unwrap_or(0)
}
