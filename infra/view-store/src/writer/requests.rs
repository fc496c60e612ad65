use scylla::statement::batch::{Batch, BatchType};
use tokio_util::sync::CancellationToken;
use tracking_view::{Change, RowKey, Statement};

use super::Writer;
use crate::Error;
use crate::backoff::persist;
use crate::metrics::{Operation, Timed as _, WRITE_SECONDS};

/// The largest cell that is sent: an event with room to spare, and well below what the database refuses as a mutation.
const LARGEST_CELL: usize = 4 << 20;
/// A batch is one mutation in the database: it is cut before it gets too large to be taken, or to be quick.
const BATCH_BYTES: usize = 512 << 10;
/// Nor should it hold too many statements.
const BATCH_STATEMENTS: usize = 100;

/// What goes to the database in one request: statements on one partition of one table.
pub(super) type Request<'a> = Vec<&'a Statement>;

/// Cuts a part of a shipment's writes into requests. Within a part the rows of one table and partition lie together.
pub(super) fn requests(part: &[Statement]) -> Result<Vec<Request<'_>>, Error> {
    let mut requests: Vec<Request<'_>> = Vec::new();
    let mut bytes = 0;
    for statement in part {
        let size = size(statement)?;
        let fits = requests.last().is_some_and(|request| {
            same_partition(request[0], statement)
                && request.len() < BATCH_STATEMENTS
                && bytes + size <= BATCH_BYTES
        });
        match requests.last_mut() {
            Some(request) if fits => {
                request.push(statement);
                bytes += size;
            }
            _ => {
                requests.push(vec![statement]);
                bytes = size;
            }
        }
    }
    Ok(requests)
}

fn same_partition(a: &Statement, b: &Statement) -> bool {
    match (&a.row, &b.row) {
        (RowKey::Shipment(a), RowKey::Shipment(b)) | (RowKey::Event(a, _), RowKey::Event(b, _)) => a == b,
        (RowKey::Entry(a), RowKey::Entry(b)) => a.bucket == b.bucket,
        _ => false,
    }
}

fn size(statement: &Statement) -> Result<usize, Error> {
    let Change::Cells(cells) = &statement.change else { return Ok(64) };
    let sizes = cells.iter().filter_map(|(_, value)| value.as_ref()).map(tracking_view::Value::size);
    let (sum, largest) = sizes.fold((64, 0), |(sum, largest), size| (sum + size, largest.max(size)));
    if largest > LARGEST_CELL {
        Err(Error::TooLarge { bytes: largest, limit: LARGEST_CELL })
    } else {
        Ok(sum)
    }
}

const WRITING: &str = "writing a projection";

impl Writer {
    /// Sends one request until it is taken, or never will be. The driver's futures are boxed: they are large, and hundreds
    /// of them lie in those of a batch.
    pub(super) async fn send(&self, request: Request<'_>, cancel: &CancellationToken) -> Result<(), Error> {
        let failed = |source| Error::Statement { doing: WRITING, source: Box::new(source) };
        self.counts.requests.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let session = self.store.session();
        if let [statement] = request.as_slice() {
            let (prepared, values) = self.statements.bind(statement);
            return persist(Operation::Write, cancel, &self.counts.retries, || async {
                WRITE_SECONDS
                    .of(Box::pin(session.execute_unpaged(prepared, &values)))
                    .await
                    .map(drop)
                    .map_err(failed)
            })
            .await;
        }
        // Unlogged: one partition, so it is one mutation and needs no log to be whole.
        let mut batch = Batch::new(BatchType::Unlogged);
        batch.set_is_idempotent(true);
        let mut values = Vec::with_capacity(request.len());
        for statement in request {
            let (prepared, bound) = self.statements.bind(statement);
            batch.append_statement(prepared.clone());
            values.push(bound);
        }
        persist(Operation::Write, cancel, &self.counts.retries, || async {
            WRITE_SECONDS.of(Box::pin(session.batch(&batch, &values))).await.map(drop).map_err(failed)
        })
        .await
    }
}
