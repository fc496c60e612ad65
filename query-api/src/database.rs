//! The connection to the database: made, however long that takes, and watched from then on.

use std::time::Duration;

use telemetry::Condition;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use view_store::{CqlOptions, Error, Fault, Reader, ViewStore};

use crate::views::Views;

/// The pause between two looks whether the database answers.
const BETWEEN_PINGS: Duration = Duration::from_secs(2);
/// How long it may take to answer one.
const PING_PATIENCE: Duration = Duration::from_secs(3);
/// The pause between two tries to prepare the reads.
const BETWEEN_TRIES: Duration = Duration::from_secs(1);

/// Reaches the views, then tells by `condition` whether the database answers, until `stop`.
///
/// # Errors
/// What waiting can't mend: no such tables, no right to read them, settings that can't be used.
pub(crate) async fn keep(
    options: CqlOptions,
    views: Views,
    condition: Condition,
    stop: CancellationToken,
) -> Result<(), Error> {
    let (store, reader) = tokio::select! {
        reached = reach(&options, &stop) => match reached {
            // A process told to stop while it waits ends in good order.
            Err(Error::Cancelled) => return Ok(()),
            reached => reached?,
        },
        () = stop.cancelled() => return Ok(()),
    };
    views.reached(reader);
    condition.met();
    loop {
        tokio::select! {
            () = tokio::time::sleep(BETWEEN_PINGS) => {}
            () = stop.cancelled() => return Ok(()),
        }
        let answered = matches!(timeout(PING_PATIENCE, store.ping()).await, Ok(Ok(())));
        condition.set(answered, "the database doesn't answer: reads are answered 503");
    }
}

async fn reach(options: &CqlOptions, stop: &CancellationToken) -> Result<(ViewStore, Reader), Error> {
    let store = ViewStore::connect_patiently(options, stop).await?;
    loop {
        match store.reader().await {
            Ok(reader) => return Ok((store, reader)),
            Err(error) if error.fault() == Fault::Retry => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the views can't be read yet");
                tokio::time::sleep(BETWEEN_TRIES).await;
            }
            Err(error) => return Err(error),
        }
    }
}
