//! The role as a process runs it.

use std::sync::Arc;
use std::time::Duration;

use event_codec::{Contract, contract};
use event_log::{Kafka, Topics};
use schema_registry::{Codecs, Contracts, Registry};
use settings::Settings;
use telemetry::{Readiness, ops};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::batch::{Codec, SchemaIds};
use crate::schemas::FromRegistry;
use crate::watch::Nobody;
use crate::{Error, Handler};

/// While a worker waits for the registry it can't be stopped, so it doesn't wait long; it will come again.
const PATIENCE: Duration = Duration::from_secs(2);

/// Decides commands until `shutdown`, or until something is wrong that trying again can't mend.
///
/// Health and metrics are served from the start; ready is who has taken over all partitions that are its.
pub async fn run(settings: &Settings, shutdown: CancellationToken) -> Result<(), Error> {
    let readiness = Readiness::new();
    let condition = readiness.condition("partitions");
    let server = ops::Server::bind(settings.command_handler.ops_listen).await?;
    let serving = tokio::spawn(server.run(readiness, shutdown.clone()));

    let topics = Topics::of_settings(&settings.kafka);
    let registry = Registry::of_settings(&settings.registry)?;
    let (contracts, snapshots) = contracts(&settings.kafka.topic_prefix);
    // The registry may take its time to start; being told to stop doesn't wait for it.
    let codecs = tokio::select! {
        opened = Codecs::open(registry.clone(), contracts) => opened?,
        () = shutdown.cancelled() => return Ok(()),
    };
    let ids = SchemaIds {
        event: codecs.id(&contract::event())?,
        snapshot: codecs.id(&snapshots)?,
        reply: codecs.id(&contract::reply())?,
    };
    let handler = Handler {
        kafka: Kafka::of_settings(&settings.kafka, "command-handler")?,
        topics,
        settings: settings.command_handler.clone(),
        codec: Codec::new(ids, codecs.writers().clone()).with_snapshots(snapshots, ids.snapshot),
        schemas: Arc::new(FromRegistry {
            registry: registry.with_patience(PATIENCE),
            writers: codecs.writers().clone(),
            runtime: Handle::current(),
        }),
        condition,
        watch: Arc::new(Nobody),
    };
    let working = tokio::task::spawn_blocking(move || handler.work(&shutdown));
    let outcome = working.await.unwrap_or(Err(Error::Thread));
    serving.abort();
    outcome
}

/// What is written, and by which contract snapshots are.
#[cfg(not(feature = "planted-bugs"))]
fn contracts(prefix: &str) -> (Contracts, Arc<Contract>) {
    (Contracts::ours(prefix), contract::snapshot())
}

#[cfg(feature = "planted-bugs")]
fn contracts(prefix: &str) -> (Contracts, Arc<Contract>) {
    (crate::planted::contracts(prefix), crate::planted::snapshots())
}
