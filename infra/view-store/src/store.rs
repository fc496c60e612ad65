//! The connection, and what hangs on it.

mod connect;
mod ddl;
mod generations;
mod positions;
mod verify;
mod wipe;

use std::sync::Arc;
use std::time::Duration;

use scylla::client::session::Session;
use scylla::serialize::row::SerializeRow;
use scylla::statement::prepared::PreparedStatement;
use scylla::value::Row;

pub use generations::Generations;
pub use verify::Difference;

use crate::metrics::{Operation, READ_SECONDS, Timed as _, failed};
use crate::{CqlOptions, Error};

/// How long the nodes may take to agree on a change of keyspaces or tables.
const SCHEMA_TIMEOUT: Duration = Duration::from_mins(1);

/// A connection to the database, shared by its clones.
#[derive(Clone)]
pub struct ViewStore {
    inner: Arc<Inner>,
}

struct Inner {
    session: Session,
    options: CqlOptions,
}

impl std::fmt::Debug for ViewStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ViewStore").field("options", &self.inner.options).finish_non_exhaustive()
    }
}

impl ViewStore {
    /// What it was connected with.
    pub fn options(&self) -> &CqlOptions {
        &self.inner.options
    }

    /// Whether the database answers. That it doesn't counts as a read that failed: where nobody else reads, nobody else notices.
    pub async fn ping(&self) -> Result<(), Error> {
        self.ask("asking the database whether it is there", "SELECT key FROM system.local", ())
            .await
            .inspect_err(|error| failed(Operation::Read, error))
            .map(drop)
    }

    pub(crate) fn session(&self) -> &Session {
        &self.inner.session
    }

    /// The keyspace of a generation.
    pub(crate) fn keyspace_of(&self, generation: u32) -> String {
        format!("{}_g{generation}", self.inner.options.keyspace)
    }

    /// A statement that is only asked now and then, so that preparing it isn't worth while.
    pub(crate) async fn ask(
        &self,
        doing: &'static str,
        cql: &str,
        values: impl SerializeRow,
    ) -> Result<Vec<Row>, Error> {
        self.ask_within(doing, cql, values, None).await
    }

    /// Changes keyspaces or tables. The whole cluster has to agree on that, which takes longer than any read or write.
    pub(crate) async fn define(&self, doing: &'static str, cql: &str) -> Result<(), Error> {
        self.ask_within(doing, cql, (), Some(SCHEMA_TIMEOUT)).await.map(drop)
    }

    async fn ask_within(
        &self,
        doing: &'static str,
        cql: &str,
        values: impl SerializeRow,
        timeout: Option<Duration>,
    ) -> Result<Vec<Row>, Error> {
        let mut statement = scylla::statement::unprepared::Statement::new(cql);
        statement.set_is_idempotent(true);
        if timeout.is_some() {
            statement.set_request_timeout(timeout);
        }
        let result = self
            .session()
            .query_unpaged(statement, values)
            .await
            .map_err(|source| Error::Statement { doing, source: Box::new(source) })?;
        if result.is_rows() { rows(doing, result) } else { Ok(Vec::new()) }
    }

    /// Prepares a statement that may be repeated: all of ours may.
    pub(crate) async fn prepare(&self, doing: &'static str, cql: &str) -> Result<PreparedStatement, Error> {
        let prepared = self.session().prepare(cql).await;
        let mut prepared = prepared.map_err(|source| Error::Prepare { doing, source: Box::new(source) })?;
        prepared.set_is_idempotent(true);
        // Or the names and types of the columns come, and are read, with every answer. They can't change under us: every
        // statement names its columns, and tables with other columns are another generation's.
        prepared.set_use_cached_result_metadata(true);
        Ok(prepared)
    }

    /// Reads with a prepared statement.
    pub(crate) async fn read(
        &self,
        doing: &'static str,
        statement: &PreparedStatement,
        values: impl SerializeRow,
    ) -> Result<Vec<Row>, Error> {
        // Boxed: it is large, and would be copied from one caller's future into the next.
        READ_SECONDS
            .of(Box::pin(self.session().execute_unpaged(statement, values)))
            .await
            .map_err(|source| Error::Statement { doing, source: Box::new(source) })
            .and_then(|result| rows(doing, result))
            .inspect_err(|error| failed(Operation::Read, error))
    }
}

fn rows(doing: &'static str, result: scylla::response::query_result::QueryResult) -> Result<Vec<Row>, Error> {
    let answer = |source: Box<dyn std::error::Error + Send + Sync>| Error::Answer { doing, source };
    let result = result.into_rows_result().map_err(|e| answer(e.into()))?;
    result
        .rows::<Row>()
        .map_err(|e| answer(e.into()))?
        .collect::<Result<_, _>>()
        .map_err(|e| answer(e.into()))
}
