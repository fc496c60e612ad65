use std::sync::atomic::AtomicU64;

use futures::{StreamExt, TryStreamExt, stream};
use scylla::statement::prepared::PreparedStatement;
use scylla::value::CqlTimestamp;
use shipment_events::{CommandId, CommandReply, Timestamp};
use tokio_util::sync::CancellationToken;
use tracking_view::OutcomeWrite;

use crate::backoff::persist;
use crate::metrics::{Operation, Timed as _, WRITE_SECONDS};
use crate::tables::OUTCOMES;
use crate::{Error, ViewStore};

const WRITING: &str = "writing a command's outcome";

pub(crate) async fn prepare_insert(store: &ViewStore) -> Result<PreparedStatement, Error> {
    let cql = format!(
        "INSERT INTO {}.{OUTCOMES} (command_id, shipment_id, decided_at, reply) VALUES (?, ?, ?, ?) \
         USING TIMESTAMP ? AND TTL ?",
        store.options().keyspace
    );
    store.prepare(WRITING, &cql).await
}

/// Writes outcomes, each for as long as it still has to live at `now`; what has expired isn't written at all.
pub(crate) async fn write(
    store: &ViewStore,
    insert: &PreparedStatement,
    outcomes: &[OutcomeWrite],
    now: Timestamp,
    retries: &AtomicU64,
    cancel: &CancellationToken,
) -> Result<(), Error> {
    let write_one = |outcome: &OutcomeWrite| {
        let life_ms = outcome.expires_at.as_millis().saturating_sub(now.as_millis());
        // A day over is as much as a clock may be wrong; more would be refused by the database.
        let life = (life_ms / 1000).min(8 * 24 * 60 * 60) as i32;
        let reply = &outcome.reply;
        let values = (
            reply.command_id.as_uuid(),
            reply.shipment_id.as_uuid(),
            CqlTimestamp(reply.decided_at.as_millis()),
            outcome.cell(),
            outcome.timestamp,
            life,
        );
        async move {
            if life <= 0 {
                return Ok(());
            }
            persist(Operation::Write, cancel, retries, || async {
                let done = WRITE_SECONDS.of(store.session().execute_unpaged(insert, &values)).await;
                done.map_err(|source| Error::Statement { doing: WRITING, source: Box::new(source) })
            })
            .await
            .map(drop)
        }
    };
    let futures: Vec<_> = outcomes.iter().map(write_one).collect();
    stream::iter(futures).buffer_unordered(store.options().write_concurrency.max(1)).try_collect().await
}

pub(crate) async fn prepare_select(store: &ViewStore) -> Result<PreparedStatement, Error> {
    let cql = format!("SELECT reply FROM {}.{OUTCOMES} WHERE command_id = ?", store.options().keyspace);
    store.prepare("read a command's outcome", &cql).await
}

pub(crate) async fn read(
    store: &ViewStore,
    select: &PreparedStatement,
    command_id: CommandId,
) -> Result<Option<CommandReply>, Error> {
    let rows = store.read("reading a command's outcome", select, (command_id.as_uuid(),)).await?;
    let cell = rows.into_iter().next().and_then(|row| row.columns.into_iter().next().flatten());
    let Some(cell) = cell.and_then(scylla::value::CqlValue::into_string) else { return Ok(None) };
    OutcomeWrite::read_cell(&cell).map(Some).ok_or(Error::CorruptOutcome { command_id })
}
