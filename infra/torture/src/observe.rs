//! Reading what a run left behind: every topic to its end, every table.

mod tables;
mod topics;

use std::time::{Duration, Instant};

use event_log::{GroupOffsets, TopicPartition};
use schema_registry::Codecs;
use view_store::{CqlOptions, ViewStore};

use crate::cluster::{Cluster, PARTITIONS};
use crate::ledger::Ledger;
use crate::observed::{Observed, Poison};

/// How long the handlers may take to decide what lies in the topic once nobody posts any more, and the projectors to write it.
const CATCHING_UP: Duration = Duration::from_secs(90);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(500);

/// Everything, once handlers and projectors have caught up, or had the time to.
///
/// # Errors
/// When topics or tables can't be read.
pub async fn everything(
    cluster: &Cluster,
    codecs: &Codecs,
    ledger: &Ledger,
    poison: Vec<Poison>,
) -> anyhow::Result<Observed> {
    wait_for_handlers(cluster).await?;
    let mut observed = topics::read(cluster, codecs).await?;
    (observed.ops, observed.reads, observed.poison) = (ledger.ops(), ledger.reads(), poison);
    let options = CqlOptions::local([cluster.cql.clone()], cluster.installation.keyspace.clone());
    let reader = ViewStore::connect(&options).await?.reader().await?;
    tables::wait(&reader, &observed, CATCHING_UP).await?;
    observed.views = tables::read(&reader, &observed).await?;
    Ok(observed)
}

/// Until the group stands behind the last command of each partition. One that is stuck shows in the checks.
async fn wait_for_handlers(cluster: &Cluster) -> anyhow::Result<()> {
    let begun = Instant::now();
    loop {
        let (kafka, topics, group) =
            (cluster.kafka("torture-observer"), cluster.topics(), cluster.handlers_group());
        let done = tokio::task::spawn_blocking(move || -> Result<bool, event_log::Error> {
            let last = topics::last_commands(&kafka, &topics)?;
            let partitions: Vec<_> =
                (0..PARTITIONS).map(|p| TopicPartition::new(topics.commands.clone(), p)).collect();
            let offsets = GroupOffsets::new(&kafka, &group, Duration::from_secs(10))?;
            let committed = offsets.committed(&partitions)?;
            Ok(committed
                .iter()
                .all(|(at, next)| last.get(&at.partition).is_none_or(|last| next.is_some_and(|n| n > *last))))
        })
        .await??;
        if done || begun.elapsed() > CATCHING_UP {
            return Ok(());
        }
        tokio::time::sleep(LOOK).await;
    }
}
