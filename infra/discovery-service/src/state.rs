//! What every handler has at hand.

use std::sync::Arc;
use std::time::Duration;

use auth::Principal;
use http_api::Problem;
use service_registry::{Directory, Error, Instance, InstanceId, Record, Writer, timing};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::eureka::Recent;
use crate::metrics;

/// Streams of changes at once: each process of a large installation, and some people.
const STREAMS: usize = 256;
/// How long an answer waits for its own change to be in the copy.
const READ_BACK: Duration = Duration::from_secs(2);
/// When another try is worth it.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(2);

/// Shared by all requests.
pub(crate) struct Api {
    directory: Directory,
    writer: Writer,
    /// What changed lately, for Eureka clients that ask for that alone.
    pub(crate) recent: Recent,
    /// One permit for each stream of changes.
    pub(crate) streams: Arc<Semaphore>,
    /// Cancelled when the process stops: endless streams end then.
    pub(crate) stop: CancellationToken,
}

impl Api {
    pub(crate) fn new(directory: Directory, writer: Writer, recent: Recent, stop: CancellationToken) -> Self {
        Self { directory, writer, recent, streams: Arc::new(Semaphore::new(STREAMS)), stop }
    }

    /// The copy of the registry, once it is whole.
    pub(crate) fn directory(&self) -> Result<&Directory, Problem> {
        let unread = || Problem::unavailable("the registry has not been read to its end yet", RETRY_AFTER);
        self.directory.is_read().then_some(&self.directory).ok_or_else(unread)
    }

    /// One instance of it.
    pub(crate) fn instance(&self, id: &InstanceId) -> Result<Instance, Problem> {
        self.directory()?.instance(id).ok_or_else(|| crate::endpoints::not_found("there is no such instance"))
    }

    /// Writes a record, and waits until the copy has it.
    ///
    /// What is written follows from the copy: without contact to Kafka, from one that may be old, nothing is.
    pub(crate) async fn write(&self, record: &Record) -> Result<(), Problem> {
        self.written(self.writer.write(record)).await
    }

    /// The same of what somebody says of an instance, with an audit record.
    pub(crate) async fn overrule(&self, principal: &Principal, record: &Record) -> Result<(), Problem> {
        self.written(self.writer.overrule(record, principal.name())).await
    }

    async fn written(&self, writing: impl Future<Output = Result<i64, Error>>) -> Result<(), Problem> {
        if self.directory.outlook().silent_for.is_none_or(|silent| silent > timing::SILENCE) {
            return Err(Problem::unavailable("this service has no contact with Kafka", RETRY_AFTER));
        }
        match writing.await {
            Ok(offset) => {
                // Written it is in any case; others may be told a moment later.
                self.directory.read_past(offset, READ_BACK).await;
                Ok(())
            }
            Err(error) => {
                metrics::WRITES_FAILED.inc();
                tracing::warn!(error = %telemetry::chain(&error), "a record could not be written");
                Err(Problem::unavailable(
                    "Kafka did not take it in time; it may have been written",
                    RETRY_AFTER,
                ))
            }
        }
    }
}
