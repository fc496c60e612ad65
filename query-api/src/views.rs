//! The views in the database: reads that are timed, and whose failures are answered.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use http_api::Problem;
use shipment_events::{CommandId, CommandReply, Sequence, ShipmentId};
use tracking_view::{EventRow, ShipmentRow};
use view_store::{Cursor, Detail, Error, Fault, ListQuery, Reader, RowPage};

use crate::metrics;

/// How long a caller is asked to wait when the database, or something else, is away.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(2);

/// The views, which may not be reached yet. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Views(Arc<OnceLock<Reader>>);

impl Views {
    /// From now on reads are answered.
    pub(crate) fn reached(&self, reader: Reader) {
        let _ = self.0.set(reader);
    }

    pub(crate) async fn shipment(
        &self,
        id: ShipmentId,
        detail: Detail,
    ) -> Result<Option<ShipmentRow>, Problem> {
        self.read("shipment", |reader| reader.shipment(id, detail)).await
    }

    pub(crate) async fn version(&self, id: ShipmentId) -> Result<Option<Sequence>, Problem> {
        self.read("version", |reader| reader.version(id)).await
    }

    pub(crate) async fn history(
        &self,
        id: ShipmentId,
        after: Sequence,
        limit: usize,
    ) -> Result<Vec<EventRow>, Problem> {
        self.read("history_page", |reader| reader.history(id, after, limit)).await
    }

    pub(crate) async fn whole_history(&self, id: ShipmentId) -> Result<Vec<EventRow>, Problem> {
        self.read("whole_history", |reader| reader.whole_history(id)).await
    }

    pub(crate) async fn list(
        &self,
        list: &ListQuery,
        limit: usize,
        cursor: Option<Cursor>,
        detail: Detail,
    ) -> Result<RowPage, Problem> {
        self.read("list", |reader| reader.list(list, limit, cursor, detail)).await
    }

    pub(crate) async fn outcome(&self, id: CommandId) -> Result<Option<CommandReply>, Problem> {
        self.read("outcome", |reader| reader.outcome(id)).await
    }

    async fn read<'a, T, A>(
        &'a self,
        kind: &'static str,
        read: impl FnOnce(&'a Reader) -> A,
    ) -> Result<T, Problem>
    where
        A: Future<Output = Result<T, Error>>,
    {
        let reader = self.0.get().ok_or_else(|| away("the database isn't reached yet"))?;
        let began = Instant::now();
        let result = read(reader).await;
        metrics::READ_SECONDS.with_label_values(&[kind]).observe(began.elapsed().as_secs_f64());
        result.map_err(|error| {
            metrics::READ_FAILURES.with_label_values(&[kind]).inc();
            failed(kind, &error)
        })
    }
}

/// 503 where waiting, or an operator, may mend it; else a defect of ours.
fn failed(kind: &'static str, error: &Error) -> Problem {
    let cause = error as &dyn std::error::Error;
    match error.fault() {
        // Every read fails while the database is away: the condition of readiness says so once.
        Fault::Retry => {
            tracing::debug!(error = cause, kind, "database away or busy");
            away("the database doesn't answer just now")
        }
        Fault::Fatal => {
            tracing::error!(error = cause, kind, "the views can't be read as things are set up");
            away("the views can't be read as things are set up")
        }
        Fault::Value => {
            tracing::error!(error = cause, kind, "a read failed");
            Problem::internal()
        }
    }
}

fn away(detail: &'static str) -> Problem {
    Problem::unavailable(detail, RETRY_AFTER)
}
